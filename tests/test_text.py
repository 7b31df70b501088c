"""The text gate: what is removed, what is decoded, what is refused."""

from __future__ import annotations

import codecs
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.encodings import Decoded, decode_bytes
from claims.errors import Refused
from claims.text import clean_text, strict_json

UNMARKED = {
    "en": "The council voted on Monday.",
    "ru": "Совет проголосовал в понедельник за новый порт.",
    "el": "Το συμβούλιο ψήφισε τη Δευτέρα.",
    "ar": "صوت المجلس يوم الاثنين على الميناء الجديد.",
    "he": "המועצה הצביעה ביום שני בעד הנמל החדש.",
    "ja": "市議会は月曜日に新しい港を承認した。",
    "zh": "市议会星期一批准了新的港口，工程将于春天开始。",
    "ko": "의회는 월요일 새 항구를 승인했다.",
}
SENTENCES = {
    "ru": "В среду министерство обороны сообщило, что поставки начнутся весной. Представитель города промолчал.",
    "fr": "Le ministère a déclaré que les livraisons commenceraient au printemps, la région étant prévenue à l'été.",
    "de": "Das Ministerium erklärte am Mittwoch, die Lieferungen würden im Frühjahr beginnen, äußerte aber Zweifel.",
    "ja": "防衛省は水曜日、納入は春に始まると発表した。市の広報担当者はコメントを拒否し、決定は後日行われると述べた。",
    "el": "Το υπουργείο ανακοίνωσε την Τετάρτη ότι οι παραδόσεις θα αρχίσουν την άνοιξη.",
    "pl": "Ministerstwo podało w środę, że dostawy rozpoczną się wiosną. Rzecznik odmówił komentarza i dodał, że czeka",
    "tr": "Bakanlık çarşamba günü teslimatların ilkbaharda başlayacağını açıkladı. Sözcü yorum yapmayı reddetti.",
    "cs": "Ministerstvo ve středu oznámilo, že dodávky začnou na jaře. Mluvčí města se odmítl vyjádřit.",
    "hu": "A minisztérium szerdán közölte, hogy a szállítások tavasszal kezdődnek. A város szóvivője nem nyilatkozott.",
    "uk": "У середу міністерство повідомило, що поставки почнуться навесні. Речниця міста не відповіла. Її заява буде.",
    "bg": "Министерството съобщи в сряда, че доставките ще започнат през пролетта. Говорителят отказа коментар.",
    "sr": "Министарство је у среду саопштило да ће испоруке почети на пролеће. Портпарол није желео да каже више.",
    "ar": "قالت الوزارة يوم الأربعاء إن عمليات التسليم ستبدأ في الربيع. ورفض المتحدث باسم المدينة التعليق.",
}


def test_it_works_on_ordinary_text() -> None:
    cleaned = clean_text("Two lines,\r\nboth kept.\n")
    assert (cleaned.text, cleaned.control_chars_removed) == ("Two lines,\nboth kept.\n", 0)


@pytest.mark.parametrize(
    ("raw", "text", "removed"),
    [
        ("a\x00b", "ab", 1),
        ("a\x01\x08\x0b\x1fb", "ab", 4),
        ("a\x7f\x80\x9fb", "ab", 3),
        ("a\tb\nc", "a\tb\nc", 0),
        ("a\rb\r\nc", "a\nb\nc", 0),
        ("a\ud800b\udfff", "ab", 2),
        ("e\u0301 \u00e9 \u00a0 \u200b \u202e \ufeff", "e\u0301 \u00e9 \u00a0 \u200b \u202e \ufeff", 0),
    ],
)
def test_up_15_control_characters_are_removed_and_counted_and_nothing_else(raw: str, text: str, removed: int) -> None:
    cleaned = clean_text(raw)
    assert (cleaned.text, cleaned.control_chars_removed) == (text, removed)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_clean_text_leaves_only_what_postgresql_and_utf_8_can_hold(raw: str) -> None:
    cleaned = clean_text(raw)
    assert all(char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"} for char in cleaned.text)
    assert clean_text(cleaned.text).text == cleaned.text
    cleaned.text.encode()


def test_up_43_text_over_the_limit_is_refused_with_its_length() -> None:
    assert len(clean_text("a" * 1_000_000).text) == 1_000_000
    with pytest.raises(Refused) as refusal:
        clean_text("a" * 1_000_001, code="article_too_long")
    assert refusal.value.code == "article_too_long"
    assert "1,000,001" in refusal.value.sentence


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_up_11_marked_encodings_give_the_same_text(encoding: str, mark: bytes) -> None:
    text = "The council voted 7–2.\nΤο συμβούλιο ψήφισε. 🗳"
    decoded = decode_bytes(mark + text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.confidence) == (text, encoding, 1.0)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", ["en", "ru", "el", "ar", "he"])
def test_up_13_utf_16_without_a_mark_is_told_by_its_letters_block(language: str, encoding: str) -> None:
    decoded = decode_bytes(UNMARKED[language].encode(encoding))
    assert (decoded.text, decoded.encoding) == (UNMARKED[language], encoding)


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("ja", "iso2022_jp"), ("ko", "iso2022_kr"), ("zh", "hz"), ("zh", "utf-7"), ("ru", "utf-7"), ("el", "utf-7")],
)
def test_up_13_encodings_that_shift_inside_ascii_are_not_taken_for_utf_8(language: str, encoding: str) -> None:
    decoded = decode_bytes(UNMARKED[language].encode(encoding))
    assert (decoded.text, decoded.encoding) == (UNMARKED[language], encoding)


def test_up_13_a_mark_in_utf_7_is_no_part_of_the_text() -> None:
    decoded = decode_bytes("\ufeffGrößere Gebühren".encode("utf-7"))
    assert (decoded.text, decoded.encoding) == ("Größere Gebühren", "utf-7")


@pytest.mark.parametrize(
    "text",
    [
        "Call +4930123456- or +49 30 1234, learn C++ and A+B-C; 1+1=2 and 5+ years of +abc- too.",
        "https://a.example/?q=lake+bridge+closed&page=+2",
        "In TeX, Figure~{1}~and a~{b}~c stay where ~~they~~ are, as ~{do} brackets~}.",
        "a+AA-b",
    ],
)
def test_up_13_plus_signs_and_tildes_that_stand_there_by_chance_stay(text: str) -> None:
    assert decode_bytes(text.encode()) == Decoded(text, "utf-8", 1.0)


def test_up_13_utf_8_with_a_little_damage_stays_utf_8_and_shows_where() -> None:
    whole = ("Größere Schiffe zahlen künftig höhere Gebühren. " * 5).encode()
    cut = decode_bytes(whole[: whole.rindex("ü".encode()) + 1])
    assert cut.encoding == "utf-8"
    assert cut.confidence < 1
    assert cut.text.startswith("Größere Schiffe zahlen künftig höhere Gebühren.")
    assert cut.text.endswith("Geb\ufffd")


def test_up_13_a_file_in_two_encodings_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        decode_bytes(("Füße größer. " * 20).encode() + ("Füße größer. " * 20).encode("cp1252"))
    assert refusal.value.code == "encoding_unknown"


@pytest.mark.parametrize("data", ["Bürger hätten größere Gebühren. ".encode("mac_roman") * 5, b"a.txt" + bytes(500)])
def test_up_13_letters_of_no_language_and_bytes_of_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decode_bytes(data)
    assert refusal.value.code == "encoding_unknown"


def test_up_13_of_readings_that_are_the_same_the_most_usual_encoding_is_named() -> None:
    assert decode_bytes(SENTENCES["de"].encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
        ("fr", "latin-1"),
        ("de", "latin-1"),
        ("ja", "shift_jis"),
        ("ja", "euc_jp"),
        ("el", "iso8859-7"),
        ("pl", "cp1250"),
        ("pl", "iso8859-2"),
        ("tr", "cp1254"),
        ("cs", "cp1250"),
        ("cs", "iso8859-2"),
        ("hu", "cp1250"),
        ("ar", "cp1256"),
        ("ru", "mac_cyrillic"),
        ("uk", "mac_cyrillic"),
        ("uk", "cp1251"),
        ("bg", "mac_cyrillic"),
        ("bg", "cp1251"),
        ("sr", "cp1251"),
    ],
)
def test_up_13_undeclared_encodings_are_read_right_or_refused(language: str, encoding: str) -> None:
    decoded = decode_bytes(SENTENCES[language].encode(encoding))
    assert decoded.text == SENTENCES[language]
    assert 0.6 <= decoded.confidence <= 1


@pytest.mark.parametrize("data", [b"caf\xe9", b"\x8e\xff\xc3\x28 ok", bytes(range(128, 256)), b"\xff" * 50])
def test_up_13_what_is_not_certain_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decode_bytes(data)
    assert refusal.value.code == "encoding_unknown"


def test_a_named_encoding_is_the_only_one_tried() -> None:
    assert decode_bytes(b"caf\xe9", encoding="windows-1252").text == "café"
    for name in ("utf-8", "no-such", "zlib", "a\x00b", "idna", "undefined", "unicode_escape"):
        with pytest.raises(Refused) as refusal:
            decode_bytes(b"caf\xe9", encoding=name)
        assert refusal.value.code == "encoding_unknown"


def test_strict_json_reads_what_rfc_8259_allows() -> None:
    assert strict_json('{"a": [1, -2.5e3, "x\\u00e9", null, true], "b": {}}') == {
        "a": [1, -2500.0, "xé", None, True],
        "b": {},
    }
    assert strict_json(b'\xef\xbb\xbf{"a": 18446744073709551615}') == {"a": 2**64 - 1}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"x": {"a": 1, "a": 1}}', "duplicate_key"),
        ("NaN", "invalid_json_number"),
        ("[-Infinity]", "invalid_json_number"),
        ("1e400", "invalid_json_number"),
        ("-1e400", "invalid_json_number"),
        ("9" * 5_000, "invalid_json_number"),
        ("18446744073709551616", "invalid_json_number"),
        ("[" * 100_000, "json_too_deep"),
        ('{"a":' * 33 + "1" + "}" * 33, "json_too_deep"),
        ("{'a': 1}", "invalid_json"),
        ('{"a": 1} x', "invalid_json"),
        ("", "invalid_json"),
        (b'{"a": "\xff"}', "invalid_json"),
        ('"' + "a" * 100 + '"', "too_large"),
    ],
)
def test_strict_json_refuses_with_a_stable_code(raw: str | bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        strict_json(raw, max_chars=50 if code == "too_large" else 1_000_000)
    assert refusal.value.code == code
    assert len(refusal.value.sentence) < 300


def test_strict_json_takes_32_levels_and_brackets_inside_strings_do_not_count() -> None:
    assert strict_json("[" * 32 + "]" * 32)
    assert strict_json('["' + "[" * 100 + '\\"{"]') == ["[" * 100 + '"{']


@pytest.mark.parametrize("raw", ['"' + '\\"' * 500_000, "[" + '"' * 500_001, "\\" * 1_000_000, '{"' + "[{" * 400_000])
def test_strict_json_takes_linear_time_on_broken_strings(raw: str) -> None:
    before = time.process_time()
    with pytest.raises(Refused):
        strict_json(raw)
    assert time.process_time() - before < 2
