"""Learning what is worth checking."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from claims.errors import Refused
from claims.models import CheckworthinessModel, Claim, OccurrenceVersion
from claims.splitting.actions import split_article
from claims.splitting.splitters.learned import BUCKETS, Learned, fit, matrix
from claims.splitting.training import Row, rows_of_file, rows_of_labels, train_checkworthiness
from claims.statistics.ranks import ranking_quality
from tests.factories import label, make_article, make_codebook, make_project, make_round, owner_of, reviewer

POLICLAIM = Path(__file__).parents[3] / "shared/data/policlaim/policlaim_test_human.csv"
WORTH = ("The dam at {} lost {} litres a day.", "Inspectors counted {1} faults at {0}.", "{} spent {} crowns on masts.")
TRIVIAL = ("I hope that {} has a lovely autumn.", "What a pleasure to walk through {}.", "Dear friends of {}, welcome.")
TOWNS = ("Tormo", "Velk", "Arden", "Brosk", "Lund", "Perra", "Quill", "Sarn", "Ulm", "Wick", "Yarrow", "Zell")


def rows() -> list[Row]:
    found = []
    for n, town in enumerate(TOWNS):
        found += [Row(shape.format(town, 100 + n), 0.9, town, 0.5, ()) for shape in WORTH]
        found += [Row(shape.format(town), 0.1, town, 0.5, ()) for shape in TRIVIAL]
    return found


def test_the_fit_is_where_the_slope_of_the_penalised_likelihood_is_zero() -> None:
    given = rows()
    inputs, targets = matrix([(row.text, row.reasons) for row in given]), np.array([row.score for row in given])
    model = fit(inputs, targets, penalty=0.5)
    off = 1 / (1 + np.exp(-(inputs @ model.weights.astype(float) + model.bias))) - targets
    assert abs(off.sum()) < 1e-2
    assert np.abs(inputs.T @ off + 0.5 * model.weights).max() < 1e-2


def test_weights_come_back_from_their_bytes_and_other_bytes_are_refused() -> None:
    model = Learned(np.linspace(-1, 1, BUCKETS, dtype=np.float32), 0.25)
    again = Learned.from_bytes(model.to_bytes())
    assert again.to_bytes() == model.to_bytes()
    assert again.score("The dam failed.", ["number"]) == model.score("The dam failed.", ["number"])
    for other in (b"", b"PK\x03\x04 something", model.to_bytes()[:400]):
        with pytest.raises(ValueError, match="weights"):
            Learned.from_bytes(other)


def test_it_ranks_claims_it_has_not_seen_and_says_how_sure_that_is() -> None:
    model, figures = train_checkworthiness(rows())
    assert figures["learned"]["auc"] > 0.95
    assert figures["heuristic"]["auc"] == 0.5  # the same score for all
    assert figures["difference"]["interval"][0] > 0
    fact, words = model.score("The dam at Elsewhere lost 9 litres a day.", ())
    assert fact > 0.5 > model.score("What a pleasure, dear friends.", ())[0]
    assert all(word.startswith("word:") for word in words)


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    first, figures = train_checkworthiness(rows(), seed=7)
    again, same = train_checkworthiness(rows(), seed=7)
    assert first.to_bytes() == again.to_bytes()
    assert figures == same


def test_what_cannot_be_learned_is_refused_with_its_reason() -> None:
    with pytest.raises(Refused) as few:
        train_checkworthiness(rows()[:20])
    assert few.value.code == "too_few_rows"
    with pytest.raises(Refused) as alone:
        train_checkworthiness([Row(row.text, row.score, "one", 0.5, ()) for row in rows()])
    assert alone.value.code == "too_few_groups"


@pytest.mark.parametrize(
    ("scores", "wanted", "expected"),
    [  # counted by hand: pairs of a wanted and an unwanted one in the right order
        ([0.9, 0.8, 0.3, 0.1], [True, False, True, False], 3 / 4),
        ([0.5, 0.5, 0.5], [True, False, False], 1 / 2),
        ([0.1, 0.2], [True, True], None),
    ],
)
def test_ranking_quality(scores: list[float], wanted: list[bool], expected: float | None) -> None:
    assert ranking_quality(scores, wanted) == expected


def test_bad_rows_of_a_file_are_named_and_the_others_kept() -> None:
    found, problems = rows_of_file("a.csv", b"text,score\nA dam failed.,worth\nAnother.,much\n,1\nLast.,0.25\n")
    assert [row.score for row in found] == [2 / 3, 0.25]
    assert [one.field for one in problems] == ["row 2", "row 3"]
    lines = b'{"text": "A dam failed.", "score": 1, "group": "a"}\nnot json\n{"text": "B", "score": 7}\n'
    found, problems = rows_of_file("a.jsonl", lines)
    assert [(row.score, row.group) for row in found] == [(1.0, "a")]
    assert len(problems) == 2
    with pytest.raises(Refused) as missing:
        rows_of_file("a.csv", b"sentence,score\nx,1\n")
    assert missing.value.code == "columns_missing"


@pytest.mark.skipif(not POLICLAIM.is_file(), reason="../shared/data/policlaim is not here")
def test_on_sentences_of_speeches_it_ranks_better_than_chance_and_than_the_heuristic() -> None:
    """816 sentences of four speeches (Ni et al. 2024, AFaCTA), each speech held out in turn."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["text", "score", "group"])
    with POLICLAIM.open() as source:
        for row in csv.DictReader(source):
            writer.writerow([row["SENTENCES"], row["Golden"], row["SPEECH"]])
    found, problems = rows_of_file("policlaim.csv", target.getvalue().encode())
    assert (len(found), problems) == (816, [])
    _, figures = train_checkworthiness(found)
    print(json.dumps(figures))
    assert figures["learned"]["auc"] > 0.75
    assert figures["learned"]["auc"] > figures["heuristic"]["auc"] > 0.5


@pytest.mark.django_db
def test_the_command_learns_from_labels_and_new_claims_are_scored_by_it(tmp_path: Path) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    given = tmp_path / "rows.jsonl"
    given.write_text("\n".join(json.dumps({"text": r.text, "score": r.score, "group": r.group}) for r in rows()))
    out = tmp_path / "weights.npz"
    call_command(
        "train_checkworthiness", project=project.slug, file=given, out=out, activate=True, rescore=True, json=True
    )
    stored = CheckworthinessModel.objects.get(project=project)
    assert (stored.n, stored.is_active, stored.source) == (1, True, "rows.jsonl")
    assert out.read_bytes() == bytes(stored.weights)
    article = make_article(project, "The dam at Tormo lost 900 litres a day.\n\nWhat a pleasure to walk through Velk.")
    split_article(article)
    worth, trivial = Claim.objects.filter(occurrences__article=article).order_by("occurrences__position")
    assert worth.checkworthiness > trivial.checkworthiness
    version = OccurrenceVersion.objects.get(occurrence__claim=worth)
    assert version.splitter.endswith(", checkworthiness 1")
    assert "number" in version.checkworthiness_reasons
    call_command("train_checkworthiness", project=project.slug, file=given, activate=True)
    assert list(CheckworthinessModel.objects.filter(is_active=True).values_list("n", flat=True)) == [2]


@pytest.mark.django_db
def test_labels_of_several_people_are_averaged_and_void_ones_left_out() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=3, overlap=2, codebook=make_codebook(project, preset="triage"))
    units = [place.unit for place in round_.round_units.order_by("position")]
    assert owner_of(project)
    label(round_, units[0], reviewer(project, "alice"), verifiability="verifiable", checkworthiness="worth")
    label(round_, units[0], reviewer(project, "bob"), verifiability="verifiable", checkworthiness="no_need")
    found = rows_of_labels(project)
    assert [round(row.score, 3) for row in found] == [0.333]
    assert found[0].text
    with pytest.raises(CommandError, match="too_few_rows"):
        call_command("train_checkworthiness", project=project.slug)
