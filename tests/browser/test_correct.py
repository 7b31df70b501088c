"""The correction page by keyboard, by mouse, without script, and with a very long article."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Anchor, Article, ArticleCut, Claim, ClaimOccurrence, OccurrenceVersion
from claims.splitting.correcting import merge_claims, move_boundaries
from tests.factories import make_article, make_claim, make_project, owner_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = (
    "Ferry 🚢 late in Sandmouth\n\n"
    "The 👩‍👩‍👧 family\u00a0waited an hour, and the café closed early, the Tidal Post reported. Nobody was hurt.\n\n"
    "قال الميناء إن العبارة تأخرت ساعة. انتهى.\n\n"
    "The mayor, Edda Quill, denied that the city had known of the delay."
)


@pytest.fixture
def article() -> Article:
    row = make_article(make_project("Harbour"), TEXT, state="split")
    make_claim(
        row, "The 👩‍👩‍👧 family\u00a0waited an hour, and the café closed early", source="the Tidal Post", cue="reported"
    )
    make_claim(row, "the café closed early")
    make_claim(row, "Nobody was hurt.")
    make_claim(row, "العبارة تأخرت ساعة.")
    make_claim(row, "the city had known of the delay", source="Edda Quill", cue="denied")
    return row


@pytest.fixture
def correcting(page: Page, live_server: LiveServer, article: Article, enter: Callable[..., Page]) -> Page:
    page.set_viewport_size({"width": 1366, "height": 900})
    enter(owner_of(article.project))
    page.goto(f"{live_server.url}/p/{article.project.slug}/articles/{article.pk}/correct/")
    expect(page.locator("#desk[data-ready]")).to_be_visible()
    return page


def fill_with_claims(article: Article, line: str) -> None:
    """A claim at every repetition of the line."""
    text = article.text_versions.get()
    starts = [8 + n * len(line) for n in range(20_000)]
    quote = line.strip()
    claims = Claim.objects.bulk_create(Claim(project=article.project, text=quote) for _ in starts)
    rows = ClaimOccurrence.objects.bulk_create(
        ClaimOccurrence(project=article.project, claim=claim, article=article, position=start)
        for claim, start in zip(claims, starts, strict=True)
    )
    versions = OccurrenceVersion.objects.bulk_create(
        OccurrenceVersion(occurrence=row, n=1, verbatim=quote) for row in rows
    )
    Anchor.objects.bulk_create(
        Anchor(occurrence_version=version, text_version=text, start=start, end=start + len(quote), exact=quote)
        for version, start in zip(versions, starts, strict=True)
    )


def standing(article: Article) -> list[str]:
    rows = ClaimOccurrence.objects.filter(article=article).standing().order_by("position", "pk")
    return [OccurrenceVersion.objects.filter(occurrence=row).order_by("-n")[0].verbatim for row in rows]


def said(page: Page, words: str) -> None:
    expect(page.locator("#desk-said")).to_have_text(words)


def test_everything_by_keyboard(correcting: Page, article: Article) -> None:
    page, keys = correcting, correcting.keyboard
    before = standing(article)
    keys.press("j")
    expect(page.locator("#chosen .quote")).to_have_text(before[0])
    keys.press("b")
    for _ in range(4):
        keys.press("ArrowLeft")
    expect(page.locator("#range-words")).to_have_text("The 👩‍👩‍👧 family\u00a0waited an hour, and")
    keys.press("ArrowLeft")
    keys.press("Enter")
    said(page, "Boundaries moved.")
    assert standing(article)[0] == "The 👩‍👩‍👧 family\u00a0waited an hour,"
    keys.press("s")
    for _ in range(6):
        keys.press("ArrowLeft")
    keys.press("ArrowRight")
    keys.press("Enter")
    said(page, "Split in two.")
    halves = standing(article)[:2]
    assert "".join(halves).replace(" ", "").replace("\u00a0", "") == "The👩‍👩‍👧familywaitedanhour,"
    keys.press("k")
    expect(page.locator("#chosen .quote").first).to_have_text(halves[0])
    keys.press("m")
    said(page, "Merged into one claim.")
    assert standing(article)[0] == "The 👩‍👩‍👧 family\u00a0waited an hour,"
    keys.press("w")
    expect(page.locator("#wording")).to_be_focused()
    page.locator("#wording").fill("A family waited an hour for the ferry.")
    for _ in range(3):
        keys.press("Tab")
        keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    said(page, "Wording saved.")
    keys.press("h")
    expect(page.locator("#tool-hops [name=order]").first).to_be_focused()
    page.get_by_label("Source").last.fill("Edda Quill")
    page.get_by_label("Cue").last.fill("denied")
    page.get_by_role("button", name="Save who says it").press("Enter")
    said(page, "Who says it is saved.")
    newest = OccurrenceVersion.objects.order_by("-pk")[0]
    assert [(hop.source_text, hop.source_start is not None) for hop in newest.hops.order_by("n")] == [
        ("the Tidal Post", True),
        ("Edda Quill", True),
    ]
    keys.press("a")
    keys.press("Enter")
    said(page, "Claim added.")
    keys.press("d")
    expect(page.locator("#drop-reason")).to_be_focused()
    page.get_by_role("button", name="Drop claim").press("Enter")
    said(page, "Claim dropped.")
    for _ in range(7):
        page.locator("#desk-said").evaluate("one => one.textContent = ''")
        keys.press("u")
        said(page, "Undone.")
    assert standing(article) == before
    keys.press("r")
    said(page, "Done again.")
    assert standing(article)[0] == "The 👩‍👩‍👧 family\u00a0waited an hour,"


def test_a_boundary_is_dragged_and_words_are_marked_with_the_mouse(correcting: Page, article: Article) -> None:
    page = correcting
    page.locator(".claim-rows a", has_text="Nobody was hurt.").click()
    page.locator("#chosen").get_by_role("button", name="Boundaries").click()
    handle = page.locator('.handle[data-edge="end"]')
    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 7, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] - 20, box["y"] + 8, steps=6)
    page.mouse.up()
    words = page.locator("#range-words").inner_text()
    assert "Nobody was hurt.".startswith(words)
    assert 5 < len(words) < 16
    page.get_by_role("button", name="Save Enter").click()
    said(page, "Boundaries moved.")
    assert words.strip() in standing(article)
    block = page.locator(".desk-text .block").last
    block.evaluate(
        "one => { const r = document.createRange(); r.setStart(one.firstChild, 0); r.setEnd(one.firstChild, 9);"
        " getSelection().removeAllRanges(); getSelection().addRange(r); }"
    )
    page.get_by_role("button", name="Add claim").first.click()
    expect(page.locator("#range-words")).to_have_text("The mayor")
    page.get_by_role("button", name="Save Enter").click()
    said(page, "Claim added.")
    assert "The mayor" in standing(article)


def test_code_points_are_exact_in_every_script(correcting: Page, article: Article) -> None:
    """Every boundary that the page can step to is where the server has it."""
    found = correcting.evaluate(
        """async () => {
            const places = await import(document.querySelector('script[src*="js/correct"]').src
                .replace(/correct(\\.[0-9a-f]+)?\\.js.*/, 'places.js'));
            return ['start', 'end', 'character'].flatMap((kind) => {
                const edges = places.edgesOf(kind);
                return edges.slice(1).map((end, n) => [edges[n], end, places.wordsBetween(edges[n], end),
                    places.positionOf(...Object.values(places.placeAt(end, kind === 'end' ? 'end' : 'start')))]);
            });
        }"""
    )
    assert len(found) > 100
    for start, end, words, back in found:
        assert back == end
        if "\n" not in TEXT[start:end]:
            assert words == TEXT[start:end]


def test_a_piece_more_and_overlaps_are_seen(correcting: Page, article: Article) -> None:
    page = correcting
    assert page.locator(".article mark.overlap").count() == 1
    page.locator(".article mark.overlap").click()
    expect(page.locator("#chosen")).to_be_visible()
    page.keyboard.press("b")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    said(page, "Boundaries moved.")
    assert any(" … " in words for words in standing(article))


def test_two_people_at_once_lose_nothing(correcting: Page, article: Article) -> None:
    page = correcting
    page.keyboard.press("j")
    expect(page.locator("#chosen")).to_be_visible()
    row = ClaimOccurrence.objects.filter(article=article).order_by("position")[0]
    at = TEXT.index("waited")
    move_boundaries(article, row.pk, pieces=[(at, at + 6)], expected=1, by=owner_of(article.project))
    page.keyboard.press("m")
    expect(page.locator("#desk-fault")).to_contain_text("Somebody changed this claim meanwhile")
    assert "waited" in standing(article)


def test_without_script(
    browser: Browser, live_server: LiveServer, article: Article, enter: Callable[..., Page]
) -> None:
    cookies = enter(owner_of(article.project)).context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{live_server.url}/p/{article.project.slug}/articles/{article.pk}/correct/")
    page.locator("summary", has_text="Add a claim").click()
    page.get_by_label("Its words, as they stand in the article").fill("The mayor\nthe delay")
    page.get_by_role("button", name="Add claim").click()
    expect(page.get_by_text("Claim added.")).to_be_visible()
    assert "The mayor … the delay" in standing(article)
    page.locator(".claim-rows a", has_text="Nobody was hurt.").click()
    page.locator("summary", has_text="Split").click()
    page.get_by_label("Put a | where it is to be cut").fill("Nobody |was hurt.")
    page.get_by_role("button", name="Split claim").click()
    assert {"Nobody", "was hurt."} <= set(standing(article))
    page.locator("summary", has_text="Merge with others").click()
    page.get_by_role("checkbox", name="Nobody", exact=True).check()
    page.get_by_role("button", name="Merge claims").click()
    assert "Nobody was hurt." in standing(article)
    page.locator("summary", has_text="Boundaries").click()
    page.get_by_label("The claim’s words, as they stand in the article").fill("hurt.")
    page.get_by_role("button", name="Move boundaries").click()
    page.locator("summary", has_text="Drop").click()
    page.get_by_role("button", name="Drop claim").click()
    assert not {"hurt.", "Nobody was hurt."} & set(standing(article))
    page.get_by_role("button", name="Undo").click()
    assert "hurt." in standing(article)
    page.get_by_role("button", name="Redo").click()
    assert "hurt." not in standing(article)
    context.close()


def test_a_merge_from_elsewhere_is_shown_as_it_is(correcting: Page, article: Article) -> None:
    rows = list(ClaimOccurrence.objects.filter(article=article).order_by("position"))
    merge_claims(article, [(row.pk, row.version) for row in rows[:2]], by=owner_of(article.project))
    correcting.reload()
    expect(correcting.locator(".claim-rows > li")).to_have_count(4)


def test_somebody_cuts_an_article_by_keyboard(
    page: Page, live_server: LiveServer, article: Article, enter: Callable[..., Page]
) -> None:
    owner = owner_of(article.project)
    enter(owner)
    page.goto(f"{live_server.url}/p/{article.project.slug}/articles/{article.pk}/cut/")
    expect(page.locator("#desk[data-ready]")).to_be_visible()
    assert page.locator(".article mark").count() == 0, "the claims that stand are not shown"
    page.keyboard.press("a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said(page, "Claim added.")
    expect(page.locator(".article mark")).to_have_text("Ferry 🚢")
    page.get_by_role("button", name="Hand in your cut").click()
    expect(page.locator(".desk-bar .tag")).to_have_text("handed in")
    assert ArticleCut.objects.get(user=owner).claims == [[[0, 7]]]


def test_a_very_long_article_with_many_claims_is_drawn_in_parts(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    """A million characters and 20,000 claims: only the part that is looked at is read, sent and drawn."""
    project = make_project("Long")
    line = "Ferry 🚢 number one arrived late at the harbour. "
    row = make_article(project, "Report\n\n" + line * 20_000, state="split")
    fill_with_claims(row, line)
    enter(owner_of(project))
    address = f"{live_server.url}/p/{project.slug}/articles/{row.pk}/correct/"
    for part in (0, 30):
        page.goto(f"{address}?part={part}")
        expect(page.locator("#desk[data-ready]")).to_be_visible()
        assert 250 < page.locator(".claim-rows > li").count() < 450
        page.keyboard.press("j")
        expect(page.locator("#chosen")).to_be_visible()
        page.keyboard.press("b")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        said(page, "Boundaries moved.")
        page.keyboard.press("u")
        said(page, "Undone.")
