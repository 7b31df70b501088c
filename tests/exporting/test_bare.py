from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from claims.errors import Refused
from claims.exporting.actions import start_release, verify_release
from claims.models import Anchor, AttributionHop, ClaimOccurrence, OccurrenceVersion, Release
from tests.exporting.test_actions import EVIDENCE, all_bytes, content, labelled, released, rows
from tests.exporting.test_cards import folder_of
from tests.factories import TEXT, label_next, make_article, make_claim, make_project, make_round, owner_of, reviewer

pytestmark = pytest.mark.django_db


def two_piece_claim() -> Release:
    """A claim of two pieces with its source in the text: released without text."""
    project = make_project(alice="reviewer")
    words = "Ölpreis 🛢️ steigt\n\nThe harbour, said the mayor of Tidal, will open – again – in May."
    claim = make_claim(make_article(project, words), "The harbour")
    version = OccurrenceVersion.objects.get(occurrence=claim)
    first = Anchor.objects.get(occurrence_version=version)
    start = words.index("will open")
    Anchor.objects.create(
        occurrence_version=version,
        text_version=first.text_version,
        piece=1,
        start=start,
        end=start + 9,
        exact="will open",
    )
    again = ClaimOccurrence.objects.create(
        project=project, claim=claim.claim, article=claim.article, position=claim.position
    )
    whole = OccurrenceVersion.objects.create(
        occurrence=again, n=1, verbatim="The harbour … will open", attribution="attributed", splitter="test"
    )
    for anchor in Anchor.objects.filter(occurrence_version=version):
        anchor.pk, anchor.occurrence_version = None, whole
        anchor.save()
    source = words.index("the mayor of Tidal")
    AttributionHop.objects.create(
        occurrence_version=whole,
        n=0,
        source_text="the mayor of Tidal",
        source_start=source,
        source_end=source + 18,
        mode="indirect",
    )
    ClaimOccurrence.objects.filter(pk=claim.pk).update(state="dropped")
    return released(project, formats=["jsonl", "csv"], has_texts=False)


def test_it_works_no_words_of_an_article_leave() -> None:
    release = two_piece_claim()
    everything = b"".join(all_bytes(release).values()).decode()
    for words in ("The harbour", "will open", "the mayor of Tidal", "in May"):
        assert words not in everything
    [claim] = rows(release, "claims")
    assert [(piece["start"], piece["end"]) for piece in claim["pieces"]] != []
    assert verify_release(release) == []


def test_rejoined_it_is_byte_by_byte_what_it_would_have_been(tmp_path: Path) -> None:
    bare = two_piece_claim()
    full = released(bare.project, formats=["jsonl"])
    (tmp_path / "bare").mkdir()
    texts = tmp_path / "mine.jsonl"
    texts.write_bytes(content(full, "articles.jsonl"))
    call_command(
        "rejoin_text",
        release=folder_of(bare, tmp_path / "bare"),
        texts=[texts],
        out=tmp_path / "out",
        json=True,
        stdout=(told := StringIO()),
    )
    assert json.loads(told.getvalue()) == {"articles": 1, "articles_missing": 0, "claims": 1, "claims_missing": 0}
    for name in ("articles.jsonl", "claims.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == content(full, name)


def test_a_text_with_another_checksum_is_not_used(tmp_path: Path) -> None:
    bare = two_piece_claim()
    (tmp_path / "bare").mkdir()
    (tmp_path / "edited.txt").write_text(TEXT + " Edited.", "utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command(
            "rejoin_text",
            release=folder_of(bare, tmp_path / "bare"),
            texts=[tmp_path / "edited.txt"],
            out=tmp_path / "out",
            stdout=(told := StringIO()),
        )
    assert ended.value.code == 1
    assert "Texts found: 0, missing: 1" in told.getvalue()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [(b"not json", "Line 2 of .*mine.jsonl is not JSON"), (b"[1, 2]", "and no object"), (b'"\xff"', "is not UTF-8")],
)
def test_a_broken_line_among_the_texts_is_named(tmp_path: Path, line: bytes, sentence: str) -> None:
    bare = two_piece_claim()
    (tmp_path / "bare").mkdir()
    (tmp_path / "mine.jsonl").write_bytes(b'{"text": "A text."}\n' + line + b"\n")
    with pytest.raises(CommandError, match=sentence):
        call_command(
            "rejoin_text",
            release=folder_of(bare, tmp_path / "bare"),
            texts=[tmp_path / "mine.jsonl"],
            out=tmp_path / "out",
        )


def test_quotes_in_evidence_stay_behind() -> None:
    project = make_project(alice="reviewer")
    make_claim(make_article(project), "Inspectors found 14 broken bolts")
    round_ = make_round(project, overlap=1)
    label_next(round_, reviewer(project, "alice"), verdict="refuted", evidence=EVIDENCE)
    [evidence] = rows(released(project, has_texts=False), "evidence")
    assert (evidence["quote"], evidence["url"]) == (None, EVIDENCE[0]["url"])


def test_formats_that_are_words_are_refused() -> None:
    project, _ = labelled()
    with pytest.raises(Refused) as caught:
        start_release(project, by=owner_of(project), formats=["jsonl", "averitec"], has_texts=False)
    assert caught.value.code == "format_holds_text"
