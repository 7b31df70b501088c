"""A chain of sources on the labelling page, without a script: typed, refused, corrected, shown again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from claims.models import Label, LabelEvent, Round
from tests.factories import make_codebook, make_project, make_round, member, owner_of
from tests.web.work.test_label import draw

pytestmark = pytest.mark.django_db
TYPED = "  the Ministry of Defence \r\n\r\nRudaw\r\n"


@pytest.fixture
def round_(client: Client, db: None) -> Round:
    project = make_project(alice="reviewer", bob="reviewer")
    client.force_login(member(project, "alice"))
    return make_round(project, units=2, codebook=make_codebook(project, "attribution"))


def form(round_: Round, **fields: Any) -> dict[str, Any]:
    whole = {
        "answer-attribution_presence": "attributed",
        "answer-source_kind": "organisation",
        "answer-quote_mode": "indirect",
        "answer-act": "statement",
        "hops-attribution_chain": TYPED,
        "idempotency_key": "key-of-this-form",
        "codebook_version": round_.codebook_version_id,
        "expected_seq": "",
    }
    return whole | fields


def chain() -> Any:
    return Label.objects.get(question="attribution_chain")


def test_it_works(client: Client, round_: Round) -> None:
    address = draw(round_)
    page = client.get(address).content.decode()
    assert 'name="hops-attribution_chain"' in page
    assert "One a line: who said it first" in page
    assert client.post(address, form(round_)).status_code == 303
    assert chain().value == ["the Ministry of Defence", "Rudaw"]
    again = client.get(address).content.decode()
    assert ">the Ministry of Defence\nRudaw</textarea>" in again
    assert "the Ministry of Defence → Rudaw" in client.get(f"/p/{round_.project.slug}/my-labels/").content.decode()


def test_left_empty_it_is_no_answer_and_a_missing_reason_is_one(client: Client, round_: Round) -> None:
    client.post(draw(round_), form(round_, **{"hops-attribution_chain": " \n "}))
    assert "attribution_chain" not in LabelEvent.objects.get().answers
    fields = {"hops-attribution_chain": "", "answer-attribution_chain": "missing:cannot_judge"}
    client.post(draw(round_), form(round_, idempotency_key="another-key-here", **fields))
    assert (chain().value, chain().missing) == (None, "cannot_judge")


def test_each_line_that_is_wrong_is_named_and_nothing_typed_is_lost(client: Client, round_: Round) -> None:
    words = "\n".join(["<b>Rudaw</b>", "long " * 50, *(f"agency {n}" for n in range(7))])
    answer = client.post(draw(round_), form(round_, **{"hops-attribution_chain": words}))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "9 sources are named; at most 8 are taken." in body
    assert "source 2, “long long long" in body
    assert escape("<b>Rudaw</b>") in body
    assert "<b>Rudaw</b>" not in body
    assert "agency 6</textarea>" in body
    assert not LabelEvent.objects.exists()


def test_co_15_a_conflict_shows_both_chains_and_can_be_sent_as_a_correction(client: Client, round_: Round) -> None:
    address = draw(round_)
    client.post(address, form(round_))
    second = form(round_, idempotency_key="the-second-tab", **{"hops-attribution_chain": "Rudaw"})
    answer = client.post(address, second)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "the Ministry of Defence → Rudaw" in body
    sent = dict(answer.context["sent"])
    assert sent["hops-attribution_chain"] == "Rudaw"
    client.post(address, sent | {"idempotency_key": "the-correction", "expected_seq": answer.context["stored_seq"]})
    assert chain().value == ["Rudaw"]


def test_the_editor_offers_the_kind_and_previews_it(client: Client, round_: Round) -> None:
    client.force_login(owner_of(round_.project))
    base = f"/p/{round_.project.slug}/codebooks/attribution"
    assert "chain" in client.get(f"{base}/1/").content.decode()
    address = client.post(f"{base}/1/draft/")["Location"]
    page = client.get(f"{address}?question=attribution_chain").content.decode()
    assert '<option value="chain" selected>chain: name who says it, over whom</option>' in page
    assert "<textarea" in page.partition('id="preview"')[2].partition("</section>")[0]
