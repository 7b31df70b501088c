"""A huge text on the labelling page: the surroundings of the claim are sent, all of the rest can be read."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.labelling.actions import save_draft
from claims.models import Assignment, ClaimOccurrence, Round
from claims.web.work.stretches import AROUND, WHOLE
from tests.factories import make_article, make_claim, make_codebook, make_project, make_round, member, reviewer
from tests.web.work.test_label import draw

pytestmark = pytest.mark.django_db
LINES = [f"Ferry number {n:04} arrived late on Monday and nobody knew why 🚢." for n in range(2500)]
TEXT = "Ferries\n\n" + "\n".join(LINES)
LINE = re.compile(r"Ferry number (\d{4}) arrived")
GAP = re.compile(r'data-first="(\d+)" data-last="(\d+)" data-start="(\d+)" data-end="(\d+)"')


def opened(client: Client, text: str, *quotes: str, codebook: str = "stance") -> tuple[Round, str]:
    """A round about one claim of an article, and the address of its unit, which Alice holds."""
    project = make_project(alice="reviewer")
    article = make_article(project, text)
    for quote in quotes:
        make_claim(article, quote, source="nobody", cue="knew")
    round_ = make_round(project, codebook=make_codebook(project, codebook), overlap=1)
    client.force_login(member(project, "alice"))
    return round_, draw(round_)


def lines_in(body: str) -> list[int]:
    """The numbers of the lines whose paragraphs are sent."""
    return [int(n) for n in LINE.findall(re.sub(r"<[^>]*>", "", "".join(re.findall(r'<p class="block.*', body))))]


def test_it_works_in_parts_without_losing_a_line(client: Client) -> None:
    _, address = opened(client, TEXT, LINES[1200])
    body = client.get(address).content.decode()
    shown = lines_in(body)
    assert shown == list(range(shown[0], shown[-1] + 1))
    around = AROUND // len(LINES[0])
    assert shown[0] < 1200 - around < 1200 + around < shown[-1]
    assert len(body) < 120_000
    assert '<p class="role-headline" dir="auto">Ferries</p>' in body
    gaps = [tuple(map(int, found)) for found in GAP.findall(body)]
    assert [TEXT[start:end].count("Ferry number") for *_, start, end in gaps] == [shown[0], 2499 - shown[-1]]
    nearest = [int(n) for n in re.findall(r'text/\?part=(\d+)" target="_blank"', body)]
    assert nearest == [gaps[0][1], gaps[1][0]]
    rest = [
        line
        for first, last, *_ in gaps
        for part in range(first, last + 1)
        for line in lines_in(client.get(f"{address}text/", {"part": part}).content.decode())
    ]
    assert sorted(rest + shown) == list(range(2500))


def test_the_offsets_of_a_part_are_those_of_the_whole_text(client: Client) -> None:
    _, address = opened(client, TEXT, LINES[1200])
    body = client.get(f"{address}text/", {"part": 7}).content.decode()
    found = re.findall(r'data-start="(\d+)" dir="auto">(Ferry[^<]*)<', body)
    assert len(found) > 200
    assert all(TEXT.startswith(words, int(start)) for start, words in found)


def test_the_marks_stand_in_their_part(client: Client) -> None:
    _, address = opened(client, TEXT, LINES[1200])
    parts = [client.get(f"{address}text/", {"part": part}).content.decode() for part in range(11)]
    assert [body.count('class="claim focus') > 0 for body in parts].count(True) == 1
    beyond = client.get(f"{address}text/", {"part": 999}).content.decode()
    assert lines_in(beyond) == lines_in(parts[-1]) != []


@pytest.mark.parametrize(("n", "gaps"), [(0, 1), (2499, 1), (1200, 2)])
def test_a_claim_at_an_end_of_the_text_has_one_gap(client: Client, n: int, gaps: int) -> None:
    _, address = opened(client, TEXT, LINES[n])
    assert len(GAP.findall(client.get(address).content.decode())) == gaps


def test_up_to_ten_thousand_words_all_is_sent(client: Client) -> None:
    lines = LINES[: (WHOLE - 10) // (len(LINES[0]) + 1)]
    _, address = opened(client, "Ferries\n\n" + "\n".join(lines), LINES[100])
    body = client.get(address).content.decode()
    assert lines_in(body) == list(range(len(lines)))
    assert "data-gap" not in body


def test_what_was_marked_far_away_comes_with_its_surroundings(client: Client) -> None:
    """A question for places: the draft marks words far from the claim, and they are there to be looked at."""
    round_, address = opened(client, TEXT, LINES[2000], codebook="bias")
    start = TEXT.index("Ferry number 0100")
    held = Assignment.objects.select_related("unit").get(state="reserved")
    spans = [{"start": start, "end": start + 17, "choice": "lexical_negative"}]
    alice = reviewer(round_.project, "alice")
    assert 100 not in lines_in(client.get(address).content.decode())
    save_draft(round_, held.unit, alice, payload={"answers": {"bias_span": spans}}, client_seq=1)
    body = client.get(address).content.decode()
    assert {100, 2000} <= set(lines_in(body))
    assert len(GAP.findall(body)) == 2


def test_a_long_text_takes_no_more_statements(client: Client) -> None:
    counts = []
    for text in ("Ferries\n\n" + "\n".join(LINES[:20]), TEXT):
        _, address = opened(client, text, LINES[10])
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        counts.append(len(asked))
    assert counts[1] == counts[0]


def test_nobody_else_reads_it_there(client: Client) -> None:
    """The text of a unit that one does not hold is not there, as its labelling page is not."""
    round_, address = opened(client, TEXT, LINES[5])
    assert client.get(f"{address}text/").status_code == 200
    Assignment.objects.update(state="expired")
    assert client.get(f"{address}text/").status_code == 404
    assert ClaimOccurrence.objects.filter(project=round_.project).count() == 1
