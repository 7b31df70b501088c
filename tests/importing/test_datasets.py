"""Data sets of claims and labels: verdicts, imported reviewers, agreement as it was published."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now

from claims import jobs
from claims.agreement.actions import run_fold
from claims.errors import Conflict, NotPermitted, Refused
from claims.importing import claims as claims_import
from claims.importing.actions import retry_failed
from claims.importing.claims import run_import_claims, start_claims_import
from claims.importing.datasets import DATASETS, Finding
from claims.importing.datasets.verdicts import common_verdict
from claims.importing.readers import ReadOptions, RecordError
from claims.labelling.chain import verify_labels
from claims.labelling.imported import run_import_labels
from claims.models import (
    AgreementScore,
    Claim,
    ClaimSource,
    ExternalVerdict,
    Job,
    Label,
    LabelEvent,
    Project,
    Reviewer,
    Round,
)
from tests.factories import make_project, member, owner_of, run_jobs

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AVERITEC = [
    {
        "claim": "The pier of Velmora has collapsed.",
        "label": "Refuted",
        "speaker": "Edda Quill",
        "claim_date": "4-10-2020",
        "location_ISO_code": "XX",
        "original_claim_url": "https://posts.example/1",
        "fact_checking_article": "https://web.archive.org/web/20201130144023/https://checks.example/pier",
        "claim_types": ["Event/Property Claim"],
    },
    {"claim": "The harbour made a profit.", "label": "Supported", "claim_date": "31-02-2020", "speaker": None},
    {"claim": "", "label": "Refuted"},
    {"claim": "No verdict here.", "label": None},
]
RAW = (
    "text,news_link,outlet,label_bias,label_opinion,annotator_id\n"
    "The pier is a disgrace.,https://a.example/1,Tidal Post,Biased,Expresses wleter´s opinion,1\n"
    "The pier is a disgrace.,https://a.example/1,Tidal Post,Biased,,2\n"
    "The pier is closed.,https://a.example/2,Tidal Post,Non-biased,Entirely factual,1\n"
    "The pier is closed.,file:///etc/passwd,Tidal Post,Non-biased,Entirely factual,2\n"
    "The pier is closed.,https://a.example/2,Tidal Post,Biased,Entirely factual,2\n"
    "The pier is shut.,https://a.example/3,Tidal Post,Perhaps,Entirely factual,1\n"
    "The pier is shut.,https://a.example/3,Tidal Post,Biased,Entirely factual,\n"
)
REVIEW = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "https://www.politifact.com/pier",
    "datePublished": "2021-05-04",
    "claimReviewed": "The pier of Velmora has collapsed.",
    "author": {"@type": "Organization", "name": "PolitiFact"},
    "itemReviewed": {
        "@type": "Claim",
        "author": [{"@type": "Person", "name": "Edda Quill"}],
        "datePublished": "2021-05-01",
        "appearance": {"url": "https://posts.example/1"},
    },
    "reviewRating": {
        "@type": "Rating",
        "ratingValue": "1",
        "bestRating": "6",
        "worstRating": 1,
        "alternateName": "Pants on Fire!",
    },
}
STUDIO = [
    {
        "id": 1,
        "data": {"text": "The pier is closed."},
        "annotations": [
            {
                "completed_by": {"id": 7, "email": "canary@people.example"},
                "result": [{"from_name": "stance", "type": "choices", "value": {"choices": ["For"]}}],
            },
            {
                "completed_by": 8,
                "result": [
                    {"from_name": "stance", "type": "choices", "value": {"choices": ["Against"]}},
                    {"from_name": "ner", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}},
                ],
            },
            {"completed_by": 9, "was_cancelled": True, "result": []},
        ],
    },
    {"id": 2, "data": {"text": "The bridge is open."}, "annotations": []},
    {"id": 3, "annotations": []},
]


def read(kind: str, data: str | bytes, name: str = "given.file") -> list[Finding | RecordError]:
    content = data.encode() if isinstance(data, str) else data
    return list(DATASETS[kind].read(io.BytesIO(content), ReadOptions(member=name)))


def findings(found: list[Finding | RecordError]) -> list[Finding]:
    return [item for item in found if isinstance(item, Finding)]


def codes(found: list[Finding | RecordError]) -> list[tuple[int | None, str]]:
    return [(item.line, item.code) for item in found if isinstance(item, RecordError)]


def bring_in(project: Project, kind: str, data: str | bytes, name: str = "given.file") -> Job:
    content = data.encode() if isinstance(data, str) else data
    job = start_claims_import(
        project, dataset=kind, file=SimpleUploadedFile(name, content), by=owner_of(project), limit=None
    )
    handlers = {"import_claims": run_import_claims, "import_labels": run_import_labels, "fold_round": run_fold}
    for kind_ in handlers:
        for waiting in Job.objects.filter(kind=kind_, state="queued"):
            jobs.run(waiting.pk, handlers)
    job.refresh_from_db()
    return job


def alpha(round_: Round, question: str, coefficient: str) -> float:
    score = AgreementScore.objects.get(
        round=round_, question=question, coefficient=coefficient, view="full", stratum="all"
    )
    assert score.value is not None
    return score.value


def test_it_works_for_averitec() -> None:
    found = read("averitec", json.dumps(AVERITEC, indent=1))
    first, second, third = findings(found)
    assert (first.speaker, first.place, first.url) == ("Edda Quill", "XX", "https://posts.example/1")
    assert first.said_at is not None
    assert first.said_at.date().isoformat() == "2020-10-04"
    assert (first.verdicts[0].publisher, first.verdicts[0].label) == ("checks.example", "Refuted")
    assert second.said_at is None
    assert third.verdicts == ()
    assert [code for _, code in codes(found)] == ["invalid_date", "empty", "missing_label"]


def test_rows_of_annotators_keep_what_is_sound() -> None:
    found = read("raters", RAW)
    assert len(findings(found)) == 6
    assert findings(found)[0].labels == {"label_bias": "Biased", "label_opinion": "Expresses wleter´s opinion"}
    assert codes(found) == [(3, "missing_label_opinion"), (5, "scheme_not_allowed"), (8, "missing_annotator")]
    with pytest.raises(Refused) as refusal:
        read("raters", "text,label\nA.,x\n")
    assert refusal.value.code == "missing_column"


@pytest.mark.parametrize("header", ["", "id\tlabel\tstatement\tsubjects\tspeaker\n"])
def test_statements_in_the_shape_of_liar(header: str) -> None:
    rows = '2.json\thalf-true\tSays "the pier" is closed.\tharbour\tedda-quill\n3.json\tfalse\t \tx\ty\nbroken\n'
    found = read("liar", header + rows)
    (first,) = findings(found)
    assert (first.text, first.speaker) == ('Says "the pier" is closed.', "edda quill")
    assert common_verdict(first.verdicts[0].label, first.verdicts[0].publisher) == "partly true/misleading"
    shift = bool(header)
    assert codes(found) == [(2 + shift, "empty"), (3 + shift, "column_mismatch")]


@pytest.mark.parametrize(
    "wrap",
    [
        json.dumps,
        lambda review: json.dumps([review]),
        lambda review: json.dumps({"@graph": [{"@type": "WebPage"}, review]}),
        lambda review: json.dumps({"@type": "DataFeed", "dataFeedElement": [{"item": [review]}]}, indent=2),
        lambda review: json.dumps(review) + "\n",
        lambda review: f"<html><script type='application/ld+json'>\n{json.dumps(review)}</script><p>x</html>",
    ],
)
def test_claim_reviews_are_found_wherever_publishers_put_them(wrap: Any) -> None:
    (found,) = findings(read("claimreview", wrap(REVIEW)))
    assert (found.text, found.speaker, found.url) == (
        "The pier of Velmora has collapsed.",
        "Edda Quill",
        "https://posts.example/1",
    )
    (verdict,) = found.verdicts
    assert (verdict.publisher, verdict.label, verdict.rating, verdict.worst, verdict.best) == (
        "politifact.com",
        "Pants on Fire!",
        1.0,
        1.0,
        6.0,
    )
    assert verdict.published_at is not None


def test_what_is_wrong_with_reviews_is_said() -> None:
    script = "<script type='application/ld+json'>"
    page = f"<html>{script}{{not json}}</script>{script}{json.dumps(REVIEW)}</script>"
    found = read("claimreview", page)
    assert (len(findings(found)), [code for _, code in codes(found)]) == (1, ["invalid_json"])
    for data in ("<html><p>nothing</p></html>", "{}", '{"@type": "Article"}'):
        with pytest.raises(Refused) as refusal:
            read("claimreview", data)
        assert refusal.value.code == "no_claim_review"


def test_exports_of_label_studio_and_doccano() -> None:
    found = read("label_studio", json.dumps(STUDIO))
    assert [(item.annotator, dict(item.labels)) for item in findings(found)] == [
        ("7", {"stance": "For"}),
        ("8", {"stance": "Against"}),
        ("", {}),
    ]
    assert [code for _, code in codes(found)] == ["unsupported_label", "missing_field"]
    lines = (
        '{"text": "A.", "label": ["pos"]}\n'
        '{"text": "B.", "label": [[0, 1, "ORG"]]}\n'
        '{"text": "C.", "labels": ["x", "y"], "annotator": "zoe"}\n'
    )
    found = read("doccano", lines, "alice.jsonl")
    assert [(item.annotator, dict(item.labels)) for item in findings(found)] == [
        ("alice", {"label": "pos"}),
        ("", {}),
        ("zoe", {"label": ("x", "y")}),
    ]
    assert codes(found) == [(2, "unsupported_label")]


@pytest.mark.parametrize("kind", sorted(DATASETS))
def test_up_18_an_empty_data_set_is_refused(kind: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(kind, b" \n")
    assert refusal.value.code in ("empty", "no_claim_review")


@pytest.mark.parametrize(
    ("label", "publisher", "verdict"),
    [
        ("Half-True", "politifact.com", "partly true/misleading"),
        ("falso", "poligrafo.sapo.pt", "false"),
        ("Refuted", "anybody.example", "false"),
        ("of no map", "../../etc/passwd", ""),
    ],
)
def test_labels_of_publishers_have_a_common_verdict_where_a_map_knows_them(
    label: str, publisher: str, verdict: str
) -> None:
    assert common_verdict(label, publisher) == verdict


@pytest.mark.django_db
def test_verdicts_come_in_as_those_of_others_and_once() -> None:
    project = make_project()
    job = bring_in(project, "averitec", json.dumps(AVERITEC))
    assert (job.state, job.counts) == (
        "partial",
        {"total": 3, "read": 3, "imported": 3, "labelled": 0, "failed": 3},
    )
    assert Claim.objects.in_project(project).count() == ClaimSource.objects.in_project(project).count() == 3
    verdict = ExternalVerdict.objects.get(publisher="checks.example")
    assert (verdict.label, verdict.verdict) == ("Refuted", "false")
    assert not Round.objects.exists()
    again = bring_in(project, "averitec", json.dumps(AVERITEC))
    assert (again.state, again.reason) == ("succeeded", "duplicate_of")
    other = bring_in(project, "claimreview", json.dumps(REVIEW))  # the same claim, by another checker
    assert other.sentence == (
        "0 claims imported from 1 entry. All say something of claims that are here already; it is kept with them."
    )
    assert Claim.objects.count() == 3
    assert sorted(
        Claim.objects.get(text__contains="collapsed").external_verdicts.values_list("publisher", flat=True)
    ) == [
        "checks.example",
        "politifact.com",
    ]


@pytest.mark.django_db
def test_labels_of_several_people_become_events_of_imported_reviewers_in_a_closed_round() -> None:
    project = make_project()
    job = bring_in(project, "raters", RAW, "raw.csv")
    assert job.state == "partial"
    assert list(job.errors.order_by("line").values_list("line", "code")) == [
        (3, "missing_label_opinion"),
        (5, "scheme_not_allowed"),
        (6, "duplicate_label"),
        (7, "unknown_value"),
        (8, "missing_annotator"),
    ]
    round_ = Round.objects.get()
    assert (round_.state, round_.unit_kind, round_.codebook_version.state) == ("closed", "claim", "published")
    assert Reviewer.objects.filter(project=project, kind="imported").count() == 2
    assert set(LabelEvent.objects.values_list("kind", flat=True)) == {"imported"}
    assert LabelEvent.objects.count() == 5
    opinion = Label.objects.get(question="label_opinion", unit__claim_version__text="The pier is a disgrace.")
    assert opinion.value == "expresses_writer_s_opinion"
    assert list(verify_labels(project)) == []
    assert alpha(round_, "label_bias", "krippendorff_alpha_nominal") == pytest.approx(1.0)
    assert Job.objects.exclude(state="succeeded").get() == job
    bring_in(project, "raters", RAW, "again.csv")
    assert LabelEvent.objects.count() == 5


@pytest.mark.django_db
def test_no_name_or_address_of_an_annotator_is_kept() -> None:
    project = make_project()
    bring_in(project, "label_studio", json.dumps(STUDIO), "export.json")
    kept = json.dumps([*Reviewer.objects.values_list("name", flat=True), *(j.args for j in Job.objects.all())])
    assert "canary" not in kept
    assert Label.objects.count() == 2


@pytest.mark.django_db
def test_only_those_who_may_set_up_rounds_bring_labels() -> None:
    project = make_project(alice="reviewer")
    with pytest.raises(NotPermitted):
        start_claims_import(
            project, dataset="raters", file=SimpleUploadedFile("a.csv", RAW.encode()), by=member(project, "alice")
        )


@pytest.mark.django_db
@pytest.mark.skipif(not (DATA / "averitec").exists(), reason="the data set is not part of the product")
def test_the_published_averitec_comes_in_whole() -> None:
    project = make_project()
    job = bring_in(project, "averitec", (DATA / "averitec" / "dev.json").read_bytes(), "dev.json")
    assert (job.state, job.counts["read"], job.counts["imported"]) == ("succeeded", 500, 491)
    found = ExternalVerdict.objects.filter(verdict="false").count()
    assert found >= 300


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.skipif(not (DATA / "babe").exists(), reason="the data set is not part of the product")
def test_the_published_labels_of_babe_give_the_published_agreement() -> None:
    project = make_project()
    job = bring_in(project, "raters", (DATA / "babe" / "raw_labels_SG1.csv").read_bytes(), "raw_labels_SG1.csv")
    assert (job.counts["read"], job.counts["imported"]) == (13_597, 1_704)  # four texts differ in outer spaces alone
    assert {error["code"] for error in job.errors.values("code")} == {
        "missing_label_bias",
        "missing_label_opinion",
        "scheme_not_allowed",
    }
    round_ = Round.objects.get()
    assert LabelEvent.objects.count() > 13_500
    assert alpha(round_, "label_bias", "krippendorff_alpha_nominal") == pytest.approx(0.388, abs=0.001)
    assert alpha(round_, "label_opinion", "krippendorff_alpha_ordinal") == pytest.approx(0.446, abs=0.001)


@pytest.mark.django_db
def test_an_import_of_claims_that_was_cut_off_goes_on_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_import, "CHUNK", 1)
    project = make_project()
    rows = "".join(f"{n}\tfalse\tThe harbour cost {n} million.\tbudget\tEdda Quill\n" for n in range(1, 4))
    job = start_claims_import(
        project, dataset="liar", file=SimpleUploadedFile("liar.tsv", rows.encode()), by=owner_of(project)
    )
    with pytest.raises(Conflict, match="queued"):
        retry_failed(job, by=owner_of(project))
    Job.objects.filter(pk=job.pk).update(state="cancelled", cursor={"item": 2}, ended_at=Now())
    job.refresh_from_db()
    again = retry_failed(job, by=owner_of(project))
    run_jobs()
    again.refresh_from_db()
    assert (again.state, again.counts["imported"]) == ("succeeded", 1)
    assert Claim.objects.get().text == "The harbour cost 3 million."
    with pytest.raises(Conflict, match="whole file"):
        retry_failed(again, by=owner_of(project))
