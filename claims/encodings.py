"""How bytes from outside become text: in an encoding that is marked, proven or well enough guessed, else refused."""

from __future__ import annotations

import codecs
import re
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
    *("koi8_r", "koi8_u", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
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
        return Decoded(data[len(mark) :].decode(name, errors), name, confidence)
    except UnicodeDecodeError as error:
        raise Refused(
            "encoding_unknown",
            f"The bytes are not valid {name} (at byte {error.start:,}). Save the file as UTF-8, or name its encoding.",
        ) from error


def check_encoding(name: str) -> str:
    """Return Python's name of a text encoding; raise Refused `encoding_unknown` when there is none."""
    try:
        found = codecs.lookup(name)
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
    if shifting := _shifting_encoding(data):
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
    even, odd = (sum(byte < 32 for byte in sample[side : 2 * half : 2]) / half for side in (0, 1))
    if odd > 0.9 and even < 0.6:
        return "utf-16-le"
    if even > 0.9 and odd < 0.6:
        return "utf-16-be"
    return None


def _shifting_encoding(data: bytes) -> str | None:
    """Tell the encodings that shift between alphabets with escape sequences (RFC 1468, RFC 1557): all is ASCII."""
    if b"\x1b$" not in data or not data.isascii():
        return None
    name = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp"
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return None
    return name


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
            scores[text] = (reading.coherence + _alphabet_share(text), same, reading.chaos, _alphabet_share(text))
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


def _refuse_encoding(found: str) -> NoReturn:
    raise Refused(
        "encoding_unknown",
        f"The encoding of this file is not certain: {found}. Save it as UTF-8, or name its encoding.",
    )
