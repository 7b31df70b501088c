"""How bytes from outside become text: in an encoding that is marked, proven or well enough guessed, else refused."""

from __future__ import annotations

import codecs
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from charset_normalizer import from_bytes

from claims.errors import Refused

# Below this share of certainty a guessed encoding is not used: a wrong guess would be stored for ever.
ENCODING_CONFIDENCE = 0.6
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESS_FROM = 65_536
_LOW = bytes(range(32))
# In UTF-8 with some damage nearly all of the odd bytes are sound; in other encodings it is at most a third, by chance.
_DAMAGED_UTF8 = 0.9
_PARTLY_UTF8 = 0.5
# What no text in an encoding of one byte a letter has in such a share.
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.1
_TOO_SHORT_TO_TELL = 32
# Codecs of Python that are no encodings of text files.
_NO_ENCODINGS = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))
# The legacy encodings of the web (WHATWG Encoding Standard) without those hardly in use.
LEGACY_ENCODINGS = (
    *("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "cp866"),
    *("iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_15"),
    *("koi8_r", "koi8_u", "mac_cyrillic", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
# Names that pages and servers give to encodings (WHATWG Encoding Standard) and Python does not know.
_OTHER_NAMES = {
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("windows-874", "dos-874"), "cp874"),
    **dict.fromkeys(("x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("x-gbk", "gb_2312-80", "iso-ir-58"), "gb18030"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical"), "iso8859_8"),
    **{f"x-cp125{digit}": f"cp125{digit}" for digit in "012345678"},
    **dict.fromkeys(("x-x-big5", "cn-big5"), "big5"),
    "unicode-1-1-utf-8": "utf-8",
}
# A stretch of UTF-7 (RFC 2152), and one of HZ (RFC 1843): letters beyond ASCII written in ASCII.
_UTF7_STRETCH = re.compile(rb"\+([A-Za-z0-9+/]*)-?")
_UTF7_MARK = re.compile(rb"\+/v[89+/]")
_HZ_STRETCH = re.compile(rb"~\{((?:[\x21-\x7d][\x21-\x7e])*)~\}")
_HZ_USUAL = re.compile(rb"[\x30-\x57!#][\x21-\x7e]")  # a frequent letter, punctuation or a wide digit
# By so many such an encoding is told from signs that stand there by chance.
_FEWEST_STRETCHES, _FEWEST_LETTERS = 3, 8
_WORD = re.compile(r"[^\W\d_]+")
_CAPITAL_INSIDE = re.compile(
    "(?<=[a-z\u00df-\u00f6\u00f8-\u00ff\u03ac-\u03ce\u0430-\u045f])[\u0386-\u03ab\u0400-\u042f]"
)
# Letters beyond a-z of languages in Latin script, as their orthographies list them.
_ALPHABETS = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüßé",  # German
    "áéíñóúüªº",  # Spanish
    "áâãàçéêíóôõúüªº",  # Portuguese
    "àèéìíòóùú",  # Italian
    "éèëïöüóáç",  # Dutch
    "åäöé",  # Swedish, Finnish
    "æøåéòóô",  # Danish, Norwegian
    "áæðéíóöúýþ",  # Icelandic
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíľňóôšťúýž",  # Slovak (ĺ and ŕ are too rare to tell it by)
    "áéíóöőúüű",  # Hungarian
    "ăâîşţșț",  # Romanian
    "çğıöşüâîûi̇",  # Turkish
    "čćđšž",  # Croatian, Slovene
    "äõöüšž",  # Estonian
    "āčēģīķļņšūž",  # Latvian
    "ąčęėįšųūž",  # Lithuanian
    "àçèéíïòóúü",  # Catalan
)


@dataclass(frozen=True)
class Decoded:
    """Text read from bytes, the Python name of its encoding, and how sure that is (0 to 1; 1 is declared or proven)."""

    text: str
    encoding: str
    confidence: float


def decode_bytes(data: bytes, *, encoding: str | None = None) -> Decoded:
    """Decode bytes by their mark, as UTF-8, as UTF-16 without a mark, or by a guess that must be good enough.

    `encoding` is a person's answer and is then the only one tried. Raises Refused `encoding_unknown`.
    """
    name, confidence = detect_encoding(data) if encoding is None else (check_encoding(encoding), 1.0)
    mark = next((mark for mark, marked in _BOMS if data.startswith(mark) and marked == name), b"")
    # Where a few bytes of a UTF-8 file are broken, they become U+FFFD, which a reader sees.
    errors = "replace" if encoding is None and name == "utf-8" and confidence < 1 else "strict"
    try:
        text = data[len(mark) :].decode(name, errors)
        return Decoded(text.removeprefix("\ufeff") if name == "utf-7" else text, name, confidence)
    except UnicodeDecodeError as error:
        raise Refused(
            "encoding_unknown",
            f"The bytes are not valid {name} (at byte {error.start:,}). Save the file as UTF-8, or name its encoding.",
        ) from error


def check_encoding(name: str) -> str:
    """Return Python's name of a text encoding; raise Refused `encoding_unknown` when there is none."""
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name.lower(), name))
    except (LookupError, ValueError) as error:
        raise Refused(
            "encoding_unknown", f"There is no encoding “{name[:40]}”. Use a name such as utf-8 or windows-1251."
        ) from error
    if not found._is_text_encoding or found.name in _NO_ENCODINGS:
        raise Refused("encoding_unknown", f"“{name[:40]}” is not a text encoding. Use utf-8 or windows-1251, say.")
    return "utf-8" if found.name == "utf-8-sig" else found.name


def detect_encoding(data: bytes) -> tuple[str, float]:
    """Return (encoding, confidence) of these bytes; raise Refused `encoding_unknown` below ENCODING_CONFIDENCE."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name, 1.0
    if wide := _unmarked_utf16(data):
        return wide, 0.9
    if shifting := shifting_encoding(data):
        return shifting, 0.9
    if is_utf8(data):
        _check_controls(data[:_GUESS_FROM])
        return "utf-8", 1.0
    return guess_encoding(data, *count_utf8([data]))


def is_utf8(data: bytes, *, whole: bool = True) -> bool:
    """Say whether the bytes are UTF-8; `whole=False` forgives a character that is cut off at the very end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def count_utf8(parts: Iterable[bytes]) -> tuple[int, int]:
    """Return (letters beyond ASCII that are whole in UTF-8, places that are not UTF-8) in the parts, read as one."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    sound = broken = 0
    for part in (*parts, None):
        text = decoder.decode(b"" if part is None else part, final=part is None)
        wrong = text.count("\ufffd")
        sound += sum(letter > "\x7f" for letter in text) - wrong
        broken += wrong
    return sound, broken


def _unmarked_utf16(data: bytes) -> str | None:
    """Tell UTF-16 of an alphabet by the bytes that name the block: nearly all below 32, on one side only."""
    sample = data[:_GUESS_FROM]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = (1 - len(sample[side : 2 * half : 2].translate(None, _LOW)) / half for side in (0, 1))
    if odd > 0.9 and even < 0.6:
        return "utf-16-le"
    if even > 0.9 and odd < 0.6:
        return "utf-16-be"
    return None


def shifting_encoding(data: bytes) -> str | None:
    """Tell the encodings that shift between alphabets inside ASCII: with escapes (RFC 1468, RFC 1557), UTF-7 and HZ."""
    if not data.isascii():
        return None
    if b"\x1b$" in data:
        name = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp"
    elif b"~{" in data and _is_hz(data):
        name = "hz"
    elif b"+" in data and _is_utf7(data):
        name = "utf-7"
    else:
        return None
    try:
        codecs.getincrementaldecoder(name)().decode(data)  # the end may be cut off: this may be a file's beginning
    except UnicodeDecodeError:
        return None
    return name


def _is_hz(data: bytes) -> bool:
    found = [stretch.group(1) for stretch in _HZ_STRETCH.finditer(data)]
    letters = sum(map(len, found)) // 2
    usual = sum(_HZ_USUAL.match(part, at) is not None for part in found for at in range(0, len(part), 2))
    return letters >= _FEWEST_LETTERS and usual >= 0.8 * letters


def _is_utf7(data: bytes) -> bool:
    """Whether every plus sign opens what UTF-7 would write there, and often enough not to be chance."""
    if _UTF7_MARK.match(data):
        return True
    shifted = [stretch.group(1) for stretch in _UTF7_STRETCH.finditer(data) if stretch.group(1)]
    if shifted and data.endswith(shifted[-1]) and not _is_base64_of_letters(shifted[-1]):
        shifted.pop()  # it may be cut off
    # Whole units of 16 bits in letters of 6 bits, and what is left over is zero; sums and telephone numbers are not.
    is_enough = len(shifted) >= _FEWEST_STRETCHES or sum(map(len, shifted)) * 6 >= _FEWEST_LETTERS * 16
    return is_enough and all(map(_is_base64_of_letters, shifted))


def _is_base64_of_letters(part: bytes) -> bool:
    bits = len(part) * 6
    if bits % 16 >= 6 or part.isdigit():
        return False
    try:
        text = b64decode(part + b"=" * (-len(part) % 4), validate=True).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError):
        return False
    return text.isprintable() and any(letter > "\x7f" for letter in text)


def _check_controls(sample: bytes) -> None:
    """Refuse bytes that are UTF-8 by chance: those of a program, or of letters that take two bytes each."""
    controls = len(_CONTROL_BYTES.findall(sample))
    if len(sample) >= _TOO_SHORT_TO_TELL and controls > _MOST_CONTROLS * len(sample):
        _refuse_encoding(f"{controls / len(sample):.0%} of it is no letters")


def guess_encoding(data: bytes, sound: int, broken: int) -> tuple[str, float]:
    """Guess what is not whole UTF-8: UTF-8 with a little damage, as `count_utf8` of the file says, else a legacy
    encoding by the bytes' look; the guess counts only while no other reading is as good.

    Readings that are equally free of disorder are told apart by how well they look like a language: the share of
    frequent letters (coherence) and whether all accented letters belong to one alphabet.
    """
    if sound >= _DAMAGED_UTF8 * (sound + broken):
        return "utf-8", min(0.99, round(sound / (sound + broken), 2))
    if sound >= _PARTLY_UTF8 * (sound + broken):
        _refuse_encoding(f"it is UTF-8 in {sound:,} places and not in {broken:,}")
    sample = _sample_round_odd_bytes(data)
    readings = list(from_bytes(sample, cp_isolation=list(LEGACY_ENCODINGS), preemptive_behaviour=False))
    if not readings:
        _refuse_encoding("nothing fits")
    calm = min(reading.chaos for reading in readings) + 0.02
    scores: dict[str, tuple[float, str, float, float]] = {}
    for reading in readings:
        if reading.chaos <= calm and (text := str(reading)) not in scores:
            names = [name for name in LEGACY_ENCODINGS if name in reading.could_be_from_charset]
            same = names[0] if names else reading.encoding
            share = _alphabet_share(text) * _case_share(text)
            scores[text] = (reading.coherence + share, same, reading.chaos, share)
    (score, encoding, chaos, share), *rivals = sorted(scores.values(), reverse=True)
    lead = score - rivals[0][0] if rivals else 0.2
    # Letters that no one language has together are those of another encoding, such as that of old Macintoshes.
    confidence = round(min(0.99, (1 - chaos) * (0.5 + 2.5 * lead)) * share, 2)
    if confidence < ENCODING_CONFIDENCE:
        _refuse_encoding(f"the best guess is {encoding} with {confidence:.0%} certainty")
    return encoding, confidence


def _sample_round_odd_bytes(data: bytes) -> bytes:
    """Cut whole lines round the first byte beyond ASCII, so that no character of several bytes is torn."""
    if len(data) <= _GUESS_FROM:
        return data
    odd = next((at for at, byte in enumerate(data) if byte > 127), 0)
    start = data.rfind(b"\n", max(0, odd - _GUESS_FROM // 4), odd) + 1 or odd
    end = data.rfind(b"\n", start, start + _GUESS_FROM)
    return data[start : end if end > odd else start + _GUESS_FROM]


def _alphabet_share(text: str) -> float:
    """Return the share of accented Latin letters (with repeats) that the best fitting alphabet holds; 1 without any."""
    letters = Counter(letter for letter in text.lower() if "\xaa" <= letter <= "\u024f" and letter.isalpha())
    if not letters:
        return 1.0
    best = max(sum(letters[letter] for letter in alphabet) for alphabet in _ALPHABETS)
    return best / letters.total()


def _case_share(text: str) -> float:
    """Return the share of words without a capital beyond ASCII after a small letter: codepages of one alphabet often
    agree in its small letters and not in its capitals."""
    words = len(_WORD.findall(text))
    return 1 - len(_CAPITAL_INSIDE.findall(text)) / words if words else 1.0


def _refuse_encoding(found: str) -> NoReturn:
    raise Refused(
        "encoding_unknown",
        f"The encoding of this file is not certain: {found}. Save it as UTF-8, or name its encoding.",
    )
