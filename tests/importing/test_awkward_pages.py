"""Own pages of kinds that extraction finds hard, with what their text must hold and what not: all invented."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from claims.errors import Refused
from claims.importing.pages import page_text, read_page

ONE = "The harbour of Selm froze over on Tuesday for the first time in forty years, the port authority said in a note."
TWO = "Two ferries stayed in their berths and some nine hundred travellers had to look for another way to the islands."
THREE = "Marit Voss, who runs the port, expects the ice to break by the end of the week if the wind turns to the south."
BODY = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
MENU = "<nav><ul>" + "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(12)) + "</ul></nav>"
FOOT = "<footer><p>Imprint, privacy, contact. All rights belong to the Selm Post.</p></footer>"
RUSSIAN = (
    "Гавань Сельма замёрзла во вторник впервые за сорок лет, сообщили в порту. Два парома остались у причала, "
    "и около девятисот пассажиров искали другой путь на острова. Начальник ожидает, что лёд сойдёт к концу недели."
)
CHINESE = (
    "塞爾姆港週二結冰，這是四十年來第一次，港務局在一份通知中說。兩艘渡輪留在碼頭，大約九百名旅客不得不尋找前往島嶼的其他路線。"
    "港口負責人預計，如果風向轉南，冰將在週末之前融化。市議會將於週五再次開會討論此事。"
)
GERMAN = (
    "Der Hafen von Selm fror am Dienstag zum ersten Mal seit vierzig Jahren zu, wie die Behörde mitteilte. Zwei Fähren "
    "blieben am Kai, rund neunhundert Reisende mussten einen anderen Weg suchen. Größere Schäden gab es nicht."
)


@dataclass(frozen=True)
class Case:
    html: bytes
    holds: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def page(inside: str, head: str = "<meta charset='utf-8'><title>Harbour frozen</title>", lang: str = "en") -> bytes:
    return f"<!doctype html><html lang='{lang}'><head>{head}</head><body>{inside}</body></html>".encode()


def encoded(text: str, encoding: str, head: str = "<title>x</title>") -> bytes:
    return f"<html><head>{head}</head><body><article><p>{text}</p></article></body></html>".encode(encoding)


def json_ld(text: str) -> str:
    said = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "x", "articleBody": text})
    return f"<script type='application/ld+json'>{said}</script>"


UPDATES = "".join(
    f"<div class='update'><time>1{n}:05</time><h3>Update {n}</h3><p>{text}</p></div>"
    for n, text in enumerate((THREE, TWO, ONE))
)
COMMENTS = "<div id='comments'><h2>Comments</h2>" + "".join(
    f"<div class='comment'><p>Reader {n}: I do not believe a word of this and neither should you, dear all.</p></div>"
    for n in range(6)
) + "</div>"  # fmt: skip
TABLE = (
    "<table><tr><th>Year</th><th>Days of ice</th></tr><tr><td>1985</td><td>41</td></tr><tr><td>2025</td><td>3</td></tr>"
    "</table>"
)
TEASERS = "<aside class='related'><h2>Read more</h2>" + "".join(
    f"<a href='/t{n}'><p>Teaser number {n} about a match in Orby that nobody watched</p></a>" for n in range(5)
) + "</aside>"  # fmt: skip
CASES = {
    "plain": Case(
        page(f"{MENU}<article><h1>Harbour frozen</h1>{BODY}</article>{FOOT}"), (ONE, TWO, THREE), ("Imprint",)
    ),
    "live blog": Case(page(f"{MENU}<main><h1>Ice: live</h1>{UPDATES}</main>{FOOT}"), (ONE, TWO, THREE), ("Section 3",)),
    "amp": Case(
        b"<!doctype html><html amp lang='en'><head><meta charset='utf-8'><title>Ice</title>"
        b"<script async src='x.js'></script></head><body><amp-sidebar><ul><li>Sport</li></ul></amp-sidebar>"
        + f"<article><h1>Ice</h1>{BODY}<amp-ad>Buy boots</amp-ad></article></body></html>".encode(),
        (ONE, TWO, THREE),
        ("Buy boots",),
    ),
    "table": Case(
        page(f"{MENU}<article><h1>Ice</h1><p>{ONE}</p>{TABLE}<p>{TWO}</p><p>{THREE}</p></article>"), (ONE, "41")
    ),
    "paywall": Case(
        page(
            f"<article><h1>Ice</h1><p>{ONE}</p><div class='paywall'><p>Subscribe now for one crown a month.</p></div>"
            f"</article>{FOOT}",
            head=f"<meta charset='utf-8'>{json_ld(f'{ONE} {TWO} {THREE}')}",
        ),
        (ONE, TWO, THREE),
    ),
    "comments": Case(page(f"<article><h1>Ice</h1>{BODY}</article>{COMMENTS}{FOOT}"), (ONE, THREE), ("Reader 2",)),
    "json-ld only": Case(
        page(
            "<div id='app'></div><noscript>Switch on JavaScript.</noscript>", head=json_ld(f"{ONE}\n\n{TWO}\n\n{THREE}")
        ),
        (ONE, TWO, THREE),
        ("JavaScript",),
    ),
    "two languages": Case(page(f"<article><h1>Ice</h1>{BODY}<p lang='de'>{GERMAN}</p></article>"), (ONE, GERMAN)),
    "line breaks": Case(
        page(f"{MENU}<div class='content'>{ONE}<br><br>{TWO}<br><br>{THREE}</div>{FOOT}"),
        (ONE, TWO, THREE),
        ("Imprint",),
    ),
    "block quote": Case(
        page(
            f"<article><p>{ONE}</p><p>The note said:</p><blockquote><p>{TWO}</p></blockquote><p>{THREE}</p></article>"
        ),
        (ONE, TWO, THREE),
    ),
    "list": Case(
        page(f"<article><p>{ONE}</p><ul><li>{TWO}</li><li>{THREE}</li></ul></article>{FOOT}"), (ONE, TWO, THREE)
    ),
    "teasers": Case(page(f"{MENU}<article>{BODY}</article>{TEASERS}{FOOT}"), (ONE, TWO, THREE), ("Teaser number 2",)),
    "cookies": Case(
        page(f"<div class='cookie-banner'><p>We use cookies. Accept all?</p></div><article>{BODY}</article>"),
        (ONE, TWO, THREE),
        ("cookies",),
    ),
    "newsletter inside": Case(
        page(
            f"<article><p>{ONE}</p><div class='newsletter'><p>Sign up for our newsletter</p><form><input></form></div>"
            f"<p>{TWO}</p><p>{THREE}</p></article>"
        ),
        (ONE, TWO, THREE),
        ("Sign up",),
    ),
    "utf-16 with mark": Case(encoded(GERMAN, "utf-16"), (GERMAN,)),
    "utf-16 without mark": Case(encoded(GERMAN, "utf-16-le"), (GERMAN,)),
    "windows-1251, undeclared": Case(encoded(RUSSIAN, "cp1251"), (RUSSIAN,)),
    "koi8-r, declared": Case(encoded(RUSSIAN, "koi8-r", "<meta charset='koi8-r'>"), (RUSSIAN,)),
    "big5, declared": Case(encoded(CHINESE, "big5", "<meta charset=big5>"), (CHINESE,)),
    "big5, undeclared": Case(encoded(CHINESE * 2, "big5"), (CHINESE,)),
    "meta late": Case(
        encoded(GERMAN, "cp1252", f"<script>{'var a = 1;' * 900}</script><meta charset='windows-1252'>"), (GERMAN,)
    ),
    "declares utf-8, is windows-1252": Case(encoded(GERMAN, "cp1252", "<meta charset='utf-8'>"), (GERMAN,)),
    "declares what is no encoding": Case(encoded(GERMAN, "cp1252", "<meta charset='unicode-9'>"), (GERMAN,)),
    "declares latin-1, is utf-8": Case(encoded(GERMAN, "utf-8", "<meta charset='iso-8859-1'>"), (GERMAN,)),
}


@pytest.mark.parametrize("kind", CASES)
def test_text_of_an_awkward_page(kind: str) -> None:
    text = " ".join(page_text(CASES[kind].html, "https://post.example/ice").split())
    assert [wanted for wanted in CASES[kind].holds if " ".join(wanted.split()) not in text] == []
    assert [unwanted for unwanted in CASES[kind].lacks if unwanted in text] == []


def test_a_page_without_an_article_is_refused() -> None:
    with pytest.raises(Refused) as empty:
        read_page(page("<div id='app'></div>"), "https://post.example/")
    assert empty.value.code == "empty"
