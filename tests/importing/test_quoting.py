"""Tables whose quotation marks follow a backslash are read like those that double them, and never half of both."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.importing.readers import LOOKS, READERS, ReadOptions, Record, RecordError

SAID = 'The mayor said: "We close the bridge, now." Nobody answered.'
PLAIN = "The council put off the vote to May."


def read(data: bytes, options: ReadOptions | None = None) -> list[Record | RecordError]:
    return list(READERS["csv"](io.BytesIO(data), options or ReadOptions(member="a.csv")))


def texts(data: bytes) -> list[str]:
    found = read(data)
    assert [item for item in found if isinstance(item, RecordError)] == []
    return [item.text for item in found if isinstance(item, Record)]


def escaped(rows: list[tuple[str, ...]], *, delimiter: str = ",", backslashes: bool = True, none: str = "") -> bytes:
    """As MySQL and data frames write it: quotation marks, and backslashes too, after a backslash."""

    def cell(value: str) -> str:
        if not value and none:
            return none
        kept = value.replace("\\", "\\\\") if backslashes else value
        return '"' + kept.replace('"', '\\"') + '"'

    lines = [delimiter.join(map(cell, row)) for row in [("text", "title"), *rows]]
    return "\n".join(lines).encode() + b"\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_works_quotation_marks_after_a_backslash_are_read(delimiter: str) -> None:
    rows = [(SAID, 'A "bridge"'), (PLAIN, "Vote"), ('"Whole", she said, "in\nmarks"', '"'), (SAID * 2, "")]
    assert texts(escaped(rows, delimiter=delimiter)) == [text for text, _ in rows]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1251"])
def test_in_other_encodings_too(encoding: str) -> None:
    text = 'Мэр сказал: "Мост закрыт, ремонт начнётся весной." Никто не ответил.'
    data = escaped([(text, "Мост"), (text.upper(), "Мост")]).decode().encode(encoding)
    assert texts(data) == [text, text.upper()]


def test_what_a_backslash_before_other_letters_means_is_told_from_the_file() -> None:
    paths = "C:\\new\\table holds \\\\server\\x"
    assert texts(escaped([(SAID, "a"), (paths, "b")])) == [SAID, paths]
    assert texts(escaped([(SAID, "a"), (paths, "b")], backslashes=False)) == [SAID, paths]


def test_the_sign_that_there_is_no_value_is_none() -> None:
    data = b'text,title,date\n"' + SAID.replace('"', '\\"').encode() + b'",\\N,\\N\n"' + PLAIN.encode() + b'","b",\\N\n'
    first, second = read(data)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.text, first.title, first.published_at, second.title) == (SAID, "", None, "b")


@pytest.mark.parametrize(
    "text",
    [
        "C:\\dir\\",
        'C:\\dir\\" is a path',
        'a ""doubled"" one and \\',
        '{"said": "\\"yes\\""}',
        "\\",
        '\\"',
        "\\\\",
    ],
)
def test_up_19_what_doubles_its_quotation_marks_is_read_as_before(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("text", "title"), (f"{text} x", f"x {text}"), (f"x {text}", text), (SAID, PLAIN)])
    assert texts(out.getvalue().encode()) == [f"{text} x", f"x {text}", SAID]


cells = st.text(alphabet='a ,"\\\n;N', min_size=1, max_size=12).map(lambda text: f"x{text}")


@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_up_19_nothing_is_ever_read_wrong_whichever_way_it_was_written(rows: list[tuple[str, str]]) -> None:
    """A table that cannot be told is refused by rows; a row that goes in is one that was written."""
    written = {(SAID, SAID), *rows}
    out = io.StringIO()
    csv.writer(out).writerows([("text", "extra"), *rows])
    doubled = read(out.getvalue().encode())
    assert [(item.text, item.extra["extra"]) for item in doubled if isinstance(item, Record)] == rows
    for item in read(escaped([(SAID, SAID), *rows]).replace(b'"title"', b'"extra"')):
        assert isinstance(item, RecordError) or (item.text, item.extra["extra"]) in written


def test_a_file_that_does_both_is_refused_by_its_rows() -> None:
    data = b'text,title\n"He said \\"no\\", twice",a\n"It is C:\\""dir\\"" here",b\n"' + PLAIN.encode() + b'",c\n'
    found = read(data)
    errors = [item for item in found if isinstance(item, RecordError)]
    assert [(item.line, item.code) for item in errors] == [(2, "invalid_csv"), (3, "ambiguous_quotes")]
    assert PLAIN in [item.text for item in found if isinstance(item, Record)]
    assert all('after a backslash (\\")' in error.sentence for error in errors)


def test_a_ragged_row_does_not_make_paths_doubtful() -> None:
    data = b'text,title\n"Files are in C:\\a\\","x"\n"Others in C:\\b\\","x"\n"And in C:\\c\\","x"\none,two,three\n'
    found = read(data)
    assert [(item.line, item.code) for item in found if isinstance(item, RecordError)] == [(5, "column_mismatch")]


def test_one_ragged_row_does_not_keep_the_others_from_being_read() -> None:
    data = (
        escaped([(SAID, "a"), (PLAIN, "b")]) + b'"one","two","three"\n' + escaped([(SAID * 2, "c")]).split(b"\n", 1)[1]
    )
    found = read(data)
    assert [item.text for item in found if isinstance(item, Record)] == [SAID, PLAIN, SAID * 2]
    assert [(item.line, item.code) for item in found if isinstance(item, RecordError)] == [(4, "column_mismatch")]


def test_an_import_that_goes_on_reads_the_same() -> None:
    data = escaped([(SAID, "a"), (PLAIN, "b"), (SAID * 2, "c")])
    found = read(data, ReadOptions(member="a.csv", done=2))
    assert [item.text for item in found if isinstance(item, Record)] == [SAID * 2]


def test_the_preview_says_so_also_where_only_the_beginning_is_seen() -> None:
    rows = [(f"{n}: {SAID}", f"{n}") for n in range(5_000)]
    data = escaped(rows)
    for seen in (data, data[: 1 << 18]):
        look = LOOKS["csv"](io.BytesIO(seen), ReadOptions(), 3)
        assert (look.escape, look.faults, look.rows[0]) == ("\\", [], [f"0: {SAID}", "0"])


def test_in_an_archive_too() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", escaped([(SAID, "a")] * 2))
    found = list(READERS["zip"](io.BytesIO(packed.getvalue()), ReadOptions(member="a.zip")))
    assert [getattr(item, "text", "") for item in found] == [SAID] * 2
