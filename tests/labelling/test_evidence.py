"""Copies of evidence: fetched by a job, archived, frozen, private until submission; where a quote stands in them."""

from __future__ import annotations

import gzip
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from claims.assignment.actions import draw_next
from claims.errors import NotFound, Refused
from claims.importing.readers import ReadOptions, Record, warc
from claims.labelling.actions import submit_label
from claims.labelling.evidence import is_after_claim, keep_screenshot, quote_place, request_copy, visible_copy
from claims.models import EvidenceCopy, EvidenceItem, Job, Outlet, OutletDomain, Round
from tests.factories import (
    answers_for,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)
from tests.labelling.evidence_site import PAGE, lab
from tests.security.netlab import Netlab

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def round_(db: None) -> Round:
    return make_round(make_project(alice="reviewer", bob="reviewer"), units=2)


def kept(round_: Round, url: str = "http://register.example.com/bolts") -> EvidenceCopy:
    copy = request_copy(reviewer(round_.project, "alice"), url)
    run_jobs()
    copy.refresh_from_db()
    return copy


def submit(round_: Round, *evidence: dict[str, Any], verdict: str = "supported") -> EvidenceItem:
    alice = reviewer(round_.project, "alice")
    drawn = draw_next(round_, alice)
    assert drawn is not None
    submit_label(
        round_,
        drawn.unit,
        alice,
        answers=answers_for(round_) | {"verdict": verdict},
        idempotency_key=f"key-of-{drawn.unit_id:06}",
        codebook_version_id=round_.codebook_version_id,
        evidence=evidence,
    )
    return EvidenceItem.objects.latest("id")


def test_it_works(lab: Netlab, round_: Round) -> None:
    copy = kept(round_)
    assert (copy.state, copy.title, copy.outlet) == ("kept", "Bolts of the Lake Bridge", "Harbour Register")
    assert copy.published_at == datetime(2026, 3, 14, 8, tzinfo=UTC)
    assert copy.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert (copy.size, copy.fetched_at is not None) == (len(PAGE), True)
    assert "14 broken" in copy.text


def test_the_archive_is_a_warc_that_a_reader_reads(lab: Netlab, round_: Round) -> None:
    with default_storage.open(kept(round_).file) as stored:
        data = stored.read()
    (record,) = warc.read(io.BytesIO(data), ReadOptions(member="copy.warc.gz"))
    assert isinstance(record, Record)
    assert "14 broken" in record.text
    plain = gzip.decompress(data)
    assert f"sha256:{hashlib.sha256(PAGE).hexdigest()}".encode() in plain
    assert b"secret" not in plain


def test_a_page_that_cannot_be_had_says_why_and_may_be_asked_for_again(lab: Netlab, round_: Round) -> None:
    copy = kept(round_, "http://gone.example.com/")
    assert (copy.state, copy.code) == ("failed", "http_404")
    assert request_copy(reviewer(round_.project, "alice"), "http://gone.example.com/").pk != copy.pk
    assert set(Job.objects.filter(kind="copy_evidence").values_list("project", "created_by")) == {(None, None)}


def test_the_same_page_is_fetched_once(lab: Netlab, round_: Round) -> None:
    assert kept(round_).pk == kept(round_).pk
    assert len(lab.servers[0].requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "file:///etc/passwd", "http://a:b@register.example.com/"])
def test_what_is_not_public_is_not_asked(round_: Round, url: str) -> None:
    with pytest.raises(Refused):
        request_copy(reviewer(round_.project, "alice"), url)
    assert not EvidenceCopy.objects.exists()


def test_the_database_refuses_to_change_what_was_kept(lab: Netlab, round_: Round) -> None:
    copy = kept(round_)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        EvidenceCopy.objects.filter(pk=copy.pk).update(text="other")


def test_it_is_private_until_it_is_submitted(lab: Netlab, round_: Round) -> None:
    """Before: for its reviewer alone. After: for who settles, unless they have to judge the same claim themselves."""
    project = round_.project
    copy = kept(round_)
    alice, owner = reviewer(project, "alice"), owner_of(project)
    carol = project.reviewer_set.get(user=owner)
    assert visible_copy(copy.key, member(project, "alice"), alice).pk == copy.pk
    with pytest.raises(NotFound):
        visible_copy(copy.key, owner, carol)
    item = submit(round_, {"url": copy.url, "relation": "supports", "copy": copy.key})
    assert item.page_copy == copy
    assert visible_copy(copy.key, owner, carol).pk == copy.pk
    with pytest.raises(NotFound):
        visible_copy(copy.key, member(project, "bob"), reviewer(project, "bob"))
    held = draw_next(round_, carol)
    assert held is not None
    assert held.unit.occurrence_version.occurrence.claim_id == item.claim_id  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        visible_copy(copy.key, owner, carol)


def test_an_address_without_a_copy_gets_one_at_the_submit(lab: Netlab, round_: Round) -> None:
    item = submit(round_, {"url": "http://register.example.com/bolts", "relation": "supports"})
    run_jobs()
    item.refresh_from_db()
    assert item.page_copy is not None
    assert item.page_copy.state == "kept"


def test_a_copy_of_somebody_else_is_not_taken(lab: Netlab, round_: Round) -> None:
    copy = request_copy(reviewer(round_.project, "bob"), "http://register.example.com/bolts")
    with pytest.raises(Refused) as refused:
        submit(round_, {"url": copy.url, "relation": "supports", "copy": copy.key})
    assert [problem.code for problem in refused.value.problems] == ["unknown_copy"]


def test_a_quote_is_found_however_it_is_spaced(lab: Netlab, round_: Round) -> None:
    copy = kept(round_)
    place = quote_place(copy, "found 14\nbroken   bolts in")
    assert place is not None
    assert copy.text[slice(*place)].split() == ["found", "14", "broken", "bolts", "in"]
    assert quote_place(copy, "found 15 broken bolts") is None


def test_a_screenshot_is_a_picture_by_its_bytes(round_: Round) -> None:
    alice = reviewer(round_.project, "alice")
    copy = keep_screenshot(alice, SimpleUploadedFile("page.txt", PNG))
    assert (copy.kind, copy.media_type, copy.sha256) == ("screenshot", "image/png", hashlib.sha256(PNG).hexdigest())
    for data, code in ((b"<svg onload=1>", "unsupported_format"), (PNG + b"\0" * 5_000_000, "too_large")):
        with pytest.raises(Refused) as refused:
            keep_screenshot(alice, SimpleUploadedFile("page.png", data))
        assert refused.value.code == code
    assert submit(round_, {"quote": "14", "relation": "supports", "screenshot": copy.key}).screenshot == copy


def test_the_outlet_that_is_judged_can_be_kept_out(round_: Round) -> None:
    article = round_.round_units.first().unit.article  # type: ignore[union-attr]
    outlet: Outlet = make_outlet(round_.project)
    OutletDomain.objects.create(project=round_.project, outlet=outlet, domain="tidalpost.example")
    type(article).objects.update(outlet=outlet)
    Round.objects.update(blocks_own_outlet=True)
    with pytest.raises(Refused) as refused:
        submit(round_, {"url": "https://check.tidalpost.example/fact", "relation": "supports"})
    assert [problem.code for problem in refused.value.problems] == ["own_outlet"]
    assert submit(round_, {"url": "https://nottidalpost.example/fact", "relation": "supports"}).pk


def test_a_source_after_the_claim_is_told_by_the_day() -> None:
    claimed = datetime(2026, 3, 14, 23, tzinfo=UTC)
    assert is_after_claim(datetime(2026, 3, 15, 1, tzinfo=UTC), claimed) is True
    assert is_after_claim(datetime(2026, 3, 14, 1, tzinfo=UTC), claimed) is False
    assert is_after_claim(None, claimed) is None
