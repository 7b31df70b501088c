"""Pages that state impossible things or hold no article: right as far as they go, or a sentence that helps."""

from __future__ import annotations

import pytest

from claims.errors import Refused
from claims.importing.pages import read_page

BODY = "".join(
    f"<p>The harbour board of Velmora said in part {n} that divers found cracks in nine of its forty pillars.</p>"
    for n in range(5)
)


def page(head: str, body: str = BODY) -> bytes:
    return f"<html><head><title>Velmora closes its pier</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2024-02-30T10:00:00Z">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-02-30T10:00:00Z"}</script>',
        '<meta name="date" content="20261-01-01">',
        '<meta name="date" content="03/04/2024">',
    ],
)
def test_up_44_no_other_date_is_made_of_one_that_there_is_not(head: str) -> None:
    found = read_page(page(head))
    assert (found.published, found.published_how) == ("", "unknown")
    assert found.title == "Velmora closes its pier"


@pytest.mark.parametrize("stated", ["2024-01-15T10:00:00+25:00", "2024-01-15 10:00:00 CET", "January 15, 2024"])
def test_up_44_of_an_odd_time_the_day_is_kept_and_so_are_the_pages_other_facts(stated: str) -> None:
    found = read_page(page(f'<meta property="article:published_time" content="{stated}">'))
    assert found.published.startswith("2024-01-15T00:00:00")
    assert (found.published_how, found.title) == ("metadata", "Velmora closes its pier")


def test_a_piece_of_a_page_without_its_frame_is_read() -> None:
    text = read_page(
        b"<p>The board of Velmora said on Tuesday that its eastern pier is closed for eleven weeks.</p>"
    ).text
    assert text.strip() == "The board of Velmora said on Tuesday that its eastern pier is closed for eleven weeks."


@pytest.mark.parametrize(
    ("html", "address"),
    [
        (
            page('<meta http-equiv="Refresh" content="0; URL=/pier-2">', "<p>Redirecting</p>"),
            "https://a.example/pier-2",
        ),
        (
            b"<html><head><title>x</title></head><frameset cols='20,80'><frame src='menu.html'></frameset></html>",
            "https://a.example/menu.html",
        ),
    ],
)
def test_up_29_a_page_that_only_leads_elsewhere_says_where(html: bytes, address: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_page(html, "https://a.example/pier")
    assert refusal.value.code == "empty"
    assert address in refusal.value.sentence


@pytest.mark.parametrize("content", ["300;url=https://a.example/pier", "0;url=https://a.example/pier", "60"])
def test_up_29_a_short_notice_that_loads_itself_again_is_an_article(content: str) -> None:
    notice = "<p>The eastern pier of Velmora is closed for eleven weeks, the board said.</p>"
    found = read_page(page(f'<meta http-equiv="refresh" content="{content}">', notice), "https://a.example/pier")
    assert "eleven weeks" in found.text


def test_up_13_the_guessed_encoding_of_a_page_says_how_sure_it_is() -> None:
    german = "<p>Der Bürgermeister hätte die Gebühren für größere Schiffe erhöht, sagte er später.</p>"
    found = read_page(f"<html><head><title>Gebühren</title></head><body>{german}</body></html>".encode("cp1252"))
    assert (found.encoding, found.title) == ("cp1252", "Gebühren")
    assert found.encoding_confidence < 1


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "undefined"])
def test_up_13_a_page_cannot_name_a_codec_that_is_no_encoding(name: str) -> None:
    text = read_page(page(f'<meta charset="{name}">', BODY + "<p>\\u003cscript caf</p>") + b"\xe9").text
    assert "\\u003cscript" in text
