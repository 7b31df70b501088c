"""The dossier as a PDF: what the folder holds, to be read and filed, with the folder's hashes at its end.

The same database gives the same bytes. Long tables are cut after MOST rows and long cells after CELL_CHARS characters,
and say so: the folder has all of it.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import CondPageBreak, Flowable, LongTable, Paragraph, SimpleDocTemplate, TableStyle

from claims.credibility.criteria import ANSWERS
from claims.credibility.dossier import MANIFEST, Table, criteria_of, identity_of, parts_of, publications_of, tables_of
from claims.credibility.profile import Figure, Frame, profile_of
from claims.models import Outlet

MOST = 500  # rows of a table
CELL_CHARS = 700
FONT = "DejaVu"
# The fonts that every reader of PDF brings along, for writing that ours lacks: by the name of the character.
READERS_FONTS = {"HIRAGANA": "HeiseiMin-W3", "KATAKANA": "HeiseiMin-W3", "HANGUL": "HYSMyeongJo-Medium"}
HAN = "STSong-Light"
INK, QUIET, LINE, SHADE = HexColor("#1b1b1f"), HexColor("#55555f"), HexColor("#c9c9d1"), HexColor("#f1f1f5")
PAGE, MARGIN = landscape(A4), 15 * mm
WIDTH = PAGE[0] - 2 * MARGIN

pdfmetrics.registerFont(TTFont(FONT, Path(__file__).parent / "fonts" / "DejaVuSansCondensed.ttf"))
for _name in sorted({*READERS_FONTS.values(), HAN}):
    pdfmetrics.registerFont(UnicodeCIDFont(_name))

TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=23, textColor=INK, spaceAfter=2 * mm)
HEADING = ParagraphStyle("heading", TITLE, fontSize=12.5, leading=16, spaceBefore=6 * mm)
BODY = ParagraphStyle("body", TITLE, fontSize=9, leading=12.5, spaceAfter=1.5 * mm)
CELL = ParagraphStyle("cell", BODY, fontSize=7.5, leading=9.5, spaceAfter=0)
NAMES = ParagraphStyle("names", CELL, textColor=QUIET)

# Table -> its heading, and the columns that are printed with their share of the width.
PRINTED: dict[str, tuple[str, dict[str, int]]] = {
    "observations": ("What counts, and for what", {
        "occurrence": 6, "measure": 8, "outcome": 9, "month": 7, "round": 10, "words": 44, "voice": 8, "article": 6,
    }),
    "settled": ("How the verdicts were settled", {
        "settled": 5, "question": 8, "outcome": 8, "value": 10, "method": 8, "reason": 9, "rationale": 30, "at": 12,
        "occurrence": 7,
    }),
    "evidence": ("Evidence, with the hashes of archived pages", {
        "evidence": 6, "claim": 5, "relation": 8, "url": 22, "quote": 26, "published_at": 8, "copied_at": 10,
        "copy_sha256": 18,
    }),
    "articles": ("Its articles, with the hashes of their text and of the stored bytes", {
        "article": 5, "headline": 26, "url": 21, "published_at": 10, "state": 6, "text_sha256": 18,
        "source_sha256": 18,
    }),
    "ratings-by-others": ("What third parties say", {
        "rater": 14, "axis": 10, "raw": 14, "mapped": 12, "rated_on": 9, "url": 28, "licence": 14,
    }),
    "decisions": ("Who decided what (people as numbers)", {"at": 16, "decision": 18, "by": 10, "details": 56}),
}  # fmt: skip


def print_dossier(outlet: Outlet) -> bytes:
    """The whole PDF. Reads what the folder reads."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=f"Dossier: {outlet.name}", lang="en", invariant=1,
    )  # fmt: skip
    document.build(list(_story(outlet)), onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _story(outlet: Outlet) -> Iterator[Flowable]:
    yield Paragraph(f"Dossier: {_words(outlet.name)}", TITLE)
    yield from _identity(outlet)
    yield from _figures(outlet)
    yield from _criteria(outlet)
    for table in tables_of(outlet):
        yield from _table_of(table)
    yield from _publications(outlet)
    yield from _manifest(outlet)


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(QUIET)
    canvas.drawRightString(PAGE[0] - MARGIN, 8 * mm, str(document.page))


def _identity(outlet: Outlet) -> Iterator[Flowable]:
    known = identity_of(outlet)
    confirmed = known["confirmed_at"]
    yield _say(f"Identity confirmed on {confirmed:%Y-%m-%d}." if confirmed else "Nobody confirmed its identity.")
    if known["held_at"]:
        yield _say(f"Under legal hold since {known['held_at']:%Y-%m-%d}: nothing of it is erased.")
    for title, names in (("Domains", known["domains"]), ("Also called", known["aliases"])):
        if names:
            yield _say(f"{title}: {', '.join(names)}.")
    yield from _head("Who it is, as it was stated over time")
    columns = {"n": 4, "name": 20, "country": 8, "control": 14, "ownership": 30, "source": 16, "as_of": 8}
    yield _table(columns, ([row[name] for name in columns] for row in known["described"]))


def _figures(outlet: Outlet) -> Iterator[Flowable]:
    yield from _head("Figures, each with its 95 % interval and where its claims come from")
    columns = {"figure": 20, "value": 8, "interval": 14, "claims": 8, "chosen how": 50}
    yield _table(columns, (_figure(figure, frames) for figure, frames in profile_of(outlet).framed))


def _figure(figure: Figure, frames: Sequence[Frame]) -> list[Any]:
    chosen = "; ".join(map(_frame, frames))
    if figure.value is None or figure.low is None or figure.high is None:
        return [figure.name, "–", "–", figure.n, " ".join(filter(None, (figure.sentence, chosen)))]
    shown = "{:.2f}" if figure.measure == "distance" else "{:.1%}"
    interval = f"{shown.format(figure.low)} to {shown.format(figure.high)}"
    return [figure.name, shown.format(figure.value), interval, figure.n, chosen]


def _frame(frame: Frame) -> str:
    if frame.round is None:
        return "every claim found"
    chance = "all" if frame.probability == 1 else f"chance {frame.probability:.2f}" if frame.probability else "unknown"
    return f"{frame.round.name}: {chance}"


def _criteria(outlet: Outlet) -> Iterator[Flowable]:
    found = criteria_of(outlet)
    composite = found["composite"]
    if composite:
        formula = composite["formula"]
        value = composite["reason"] if composite["value"] is None else f"{composite['value']:.1f}"
        yield from _head("Composite score of this project")
        yield _say(f"{value}, formula {formula['n']}, over {composite['coverage']:.0%} of the weights.")
        yield _say(formula["rationale"])
    if found["ratings"]:
        yield from _head("Ratings by reviewers")
        rows = ([row["title"], row["reviewers"], _counts(row["counts"])] for row in found["ratings"])
        yield _table({"axis": 30, "reviewers": 12, "answers": 58}, rows)
    if found["answers"]:
        yield from _head("Every answer to each criterion")
        columns = {"criterion": 16, "reviewer": 7, "answer": 14, "seen_on": 9, "url": 30, "written": 24}
        yield _table(columns, ([row[name] for name in columns] for row in found["answers"]))
        yield _say(f"The answers are {', '.join(ANSWERS).replace('_', ' ')}; those without address and day count not.")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} × {choice.replace('_', ' ')}" for choice, n in sorted(counts.items()))


def _table_of(table: Table) -> Iterator[Flowable]:
    title, columns = PRINTED[table.name]
    places = [table.columns.index(name) for name in columns]
    rows = list(islice(table.rows, MOST + 1))
    yield from _head(title)
    if not rows:
        yield _say("Nothing.")
        return
    yield _table(columns, ([row[place] for place in places] for row in rows[:MOST]))
    if len(rows) > MOST:
        yield _say(f"The first {MOST}; all are in {table.name}.csv of the folder.")


def _publications(outlet: Outlet) -> Iterator[Flowable]:
    for row in publications_of(outlet):
        yield from _head(f"In public: version {row['n']}, {row['state'].replace('_', ' ')}")
        yield _say(f"Letter of {row['created_at']:%Y-%m-%d}, reply until {row['reply_until']:%Y-%m-%d}.")
        for title in ("letter", "disputed", "reply", "response", "withdrawn_reason"):
            if row[title]:
                yield Paragraph(title.replace("_", " ").capitalize(), NAMES)
                yield from map(_say, row[title].splitlines())


def _manifest(outlet: Outlet) -> Iterator[Flowable]:
    """What the folder's last file says of the others, which are made for it and let go."""
    written = ""
    for part in parts_of(outlet):
        for piece in part.pieces:
            written = written + piece if part.name == MANIFEST else ""
    lines = [line.split(",") for line in written.splitlines()]
    yield from _head("The folder that this was printed from")
    yield _table(dict(zip(lines[0], (20, 12, 60), strict=True)), lines[1:])


def _head(words: str) -> Iterator[Flowable]:
    """Not at the foot of a page, away from what it stands over."""
    yield CondPageBreak(35 * mm)
    yield Paragraph(_words(words), HEADING)


def _say(words: str) -> Paragraph:
    return Paragraph(_words(words), BODY)


def _table(columns: dict[str, int], rows: Iterable[Sequence[Any]]) -> LongTable:
    whole = sum(columns.values())
    head = [Paragraph(_words(name.replace("_", " ")), NAMES) for name in columns]
    cells = [[Paragraph(_cell(value), CELL) for value in row] for row in rows]
    return LongTable(
        [head, *cells],
        colWidths=[WIDTH * share / whole for share in columns.values()],
        repeatRows=1,
        hAlign="LEFT",
        spaceAfter=2 * mm,
        style=TableStyle([
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ]),
    )  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = value.isoformat(" ", "minutes") if hasattr(value, "hour") else str(value)
    return _words(text if len(text) <= CELL_CHARS else f"{text[:CELL_CHARS]} … (cut)")


def _words(text: str) -> str:
    """The text as the markup of a paragraph, each character in a font that has it, or as its number."""
    known = pdfmetrics.getFont(FONT).face.charToGlyph
    return "".join(escape(char) if ord(char) in known else _foreign(char) for char in text)


def _foreign(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in ("Cc", "Cf"):
        return " " if char.isspace() else ""
    name = unicodedata.name(char, "")
    font = next((font for script, font in READERS_FONTS.items() if name.startswith(script)), "")
    if not font and name.startswith("CJK"):
        font = HAN
    return f'<font name="{font}">{escape(char)}</font>' if font else f"[U+{ord(char):04X}]"
