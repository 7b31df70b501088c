"""Claims entered by hand: written with their source, looked for before, pasted as a table."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from claims.assignment.actions import draw_next
from claims.errors import NotFound, NotPermitted, Refused
from claims.importing.entering import Entry, enter_claim, enter_rows, read_pasted
from claims.labelling.queries import label_context
from claims.matching.checked import look_for
from claims.models import Article, AuditEvent, Claim, ClaimRelation, ClaimSource, ClaimVersion, ExternalVerdict
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db
SAID = "The new harbour of Velmora cost 40 million crowns."


def refusal_of(entry: Entry) -> str:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        enter_claim(project, entry, by=owner_of(project))
    assert not Claim.objects.exists()
    return refusal.value.code


def test_it_works() -> None:
    project = make_project()
    entry = Entry(
        text=f" {SAID}\n",
        kind="video",
        speaker="Edda Quill",
        said_at="2026-03-01",
        place="Velmora",
        url="https://clips.example/7",
        file=ContentFile(b"\x00\x01", name="../clip.mp4"),
    )
    source = enter_claim(project, entry, by=owner_of(project))
    assert (source.claim.text, source.kind, source.speaker, source.place) == (SAID, "video", "Edda Quill", "Velmora")
    assert source.said_at is not None
    assert source.said_at.date().isoformat() == "2026-03-01"
    assert (source.filename, source.file.read()) == ("clip.mp4", b"\x00\x01")
    assert ClaimVersion.objects.get().origin == "person"
    assert AuditEvent.objects.filter(verb="enter_claims").exists()


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry(text=" \n"), "claim_missing"),
        (Entry(text="x" * 2_001), "claim_too_long"),
        (Entry(text=SAID, kind="rumour"), "unknown_kind"),
        (Entry(text=SAID, said_at="2026-02-30"), "invalid_date"),
        (Entry(text=SAID, url="javascript:alert(1)"), "scheme_not_allowed"),
    ],
)
def test_what_cannot_be_written_is_refused(entry: Entry, code: str) -> None:
    assert refusal_of(entry) == code


def test_what_was_entered_is_drawn_into_a_round_and_shown_with_who_said_it() -> None:
    project = make_project(alice="reviewer")
    entry = Entry(text=SAID, speaker="Edda Quill", said_at="2026-03-01", url="https://clips.example/7")
    source = enter_claim(project, entry, by=owner_of(project))
    again = Entry(text="Velmora paid 40 million crowns for its harbour.", kind="post")
    enter_claim(project, again, by=owner_of(project), claim=source.claim)
    round_ = make_round(project, codebook=make_codebook(project, "desk"), overlap=1)
    alice = reviewer(project, "alice")
    drawn = draw_next(round_, alice)
    assert drawn is not None
    context = label_context(round_, drawn.unit_id, alice)
    assert (context.text, context.claim) == (SAID, SAID)
    assert [(span.start, span.end) for span in context.spans] == [(0, len(SAID))]
    assert [hop.source_text for hop in context.hops] == ["Edda Quill"]
    assert context.masthead is not None
    assert (context.masthead.byline, context.masthead.url) == ("Edda Quill", "https://clips.example/7")
    label_next(
        round_, alice, verdict="not_enough_evidence", notes={"speaker": "Edda Quill", "why": "No account names it."}
    )
    second = draw_next(round_, alice)
    assert second is not None
    assert label_context(round_, second.unit_id, alice).claim == again.text
    assert set(source.claim.occurrences.values_list("article__genre", flat=True)) == {"speech", "post"}


def test_the_same_words_of_two_speakers_are_two_statements() -> None:
    project = make_project()
    for speaker in ("Edda Quill", "Orrin Vale"):
        enter_claim(project, Entry(text=SAID, speaker=speaker, url="https://clips.example/7"), by=owner_of(project))
    assert sorted(Article.objects.values_list("byline", flat=True)) == ["Edda Quill", "Orrin Vale"]
    assert set(Article.objects.values_list("state", flat=True)) == {"split"}


def test_only_who_imports_enters_claims() -> None:
    project, other = make_project(alice="reviewer"), make_project()
    with pytest.raises(NotPermitted):
        enter_claim(project, Entry(text=SAID), by=member(project, "alice"))
    claim = enter_claim(other, Entry(text=SAID), by=owner_of(other)).claim
    with pytest.raises(NotFound):
        enter_claim(project, Entry(text=SAID), by=owner_of(project), claim=claim)


def test_said_once_more_it_is_the_same_claim_with_its_own_words() -> None:
    project = make_project()
    first = enter_claim(project, Entry(text=SAID), by=owner_of(project))
    words = "Velmora's new harbour cost 40 million crowns."
    again = enter_claim(project, Entry(text=words, kind="post"), by=owner_of(project), claim=first.claim)
    assert again.claim_id == first.claim_id
    assert again.extra == {"said": words}
    assert Claim.objects.count() == 1


def test_what_was_checked_before_is_found_with_who_checked_it() -> None:
    project = make_project()
    claim = enter_claim(project, Entry(text=SAID), by=owner_of(project)).claim
    enter_claim(project, Entry(text="Ferries to Orrin were late on Sunday."), by=owner_of(project))
    ExternalVerdict.objects.create(project=project, claim=claim, publisher="Tide Check", label="Mostly false")
    (found,) = look_for(project, "The new harbour of Velmora cost 60 million crowns.")
    assert (found.claim, found.is_checked) == (claim, True)
    assert [verdict.label for verdict in found.verdicts] == ["Mostly false"]
    assert look_for(make_project(), SAID) == []
    assert look_for(project, SAID)[0].relation == "same"


def test_a_claim_that_was_entered_is_looked_for_among_the_others() -> None:
    project = make_project()
    for million in (40, 60):
        enter_claim(project, Entry(text=SAID.replace("40", str(million))), by=owner_of(project))
    run_jobs()
    assert ClaimRelation.objects.count() == 1


PASTED = (
    "Claim\tWho\tDate\tWhere\tLink\n"
    f"{SAID}\tEdda Quill\t2026-03-01\tVelmora\thttps://clips.example/7\n"
    '"The pier ""Old Tooth"" is closed\nuntil May."\tTidal Office\t\t\t\n'
)


def test_a_table_is_read_as_a_spreadsheet_copies_it() -> None:
    """Cells between tabs; one with a line break or a quotation mark stands in quotation marks, these doubled."""
    first, second = read_pasted(PASTED)
    assert first.entry == Entry(
        text=SAID, speaker="Edda Quill", said_at="2026-03-01", place="Velmora", url="https://clips.example/7"
    )
    assert second.entry.text == 'The pier "Old Tooth" is closed\nuntil May.'
    project = make_project()
    enter_rows(project, [first, second], by=owner_of(project))
    assert ClaimSource.objects.in_project(project).count() == 2


def test_rows_without_a_header_are_in_the_named_order() -> None:
    (row,) = read_pasted(f"{SAID}\tEdda Quill\t2026-03-01")
    assert (row.entry.speaker, row.entry.said_at) == ("Edda Quill", "2026-03-01")


def test_a_faulty_row_is_named_and_nothing_is_written() -> None:
    rows = read_pasted(f"claim\twhen\n{SAID}\t1 March\n\t2026-03-01\n{SAID}\t2026-03-01\textra\n")
    assert [row.fault.code if row.fault else "" for row in rows] == ["invalid_date", "claim_missing", "column_mismatch"]
    project = make_project()
    with pytest.raises(Refused) as refusal:
        enter_rows(project, rows, by=owner_of(project))
    assert refusal.value.sentence.startswith("Row 2: ")
    assert not Claim.objects.exists()


def test_a_table_needs_claims_and_an_end() -> None:
    for text, code in (("who\twhen\na\tb", "no_text_column"), ("a\n" * 501, "too_many_rows")):
        with pytest.raises(Refused) as refusal:
            read_pasted(text)
        assert refusal.value.code == code
    assert read_pasted(" \n") == []
