"""What the labels of fact-checkers mean in one scale of seven (X-FACT's maps, MIT, see label_maps/LICENSE_MIT.txt)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "label_maps"


def common_verdict(label: str, publisher: str) -> str:
    """Return the verdict that a publisher's label stands for; "" when no map knows it."""
    written = _plain(label)
    own = _own_map(publisher.lower().removeprefix("www."))
    english = own.get(written, written)
    return _common_map().get(english, "") or _common_map().get(written, "")


def _plain(label: str) -> str:
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split()).rstrip(".!")


@cache
def _common_map() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (FOLDER / "master_mapping.tsv").read_text("utf-8").splitlines():
        verdict, _, labels = line.partition("\t")
        for label in (verdict, *labels.split("|")):
            found.setdefault(_plain(label), verdict.strip())
    unproven = "complicated/hard to categorise"
    # The words of AVeriTeC and of LIAR. “Conflicting Evidence/Cherrypicking” is two things, so it stands for none.
    return {"supported": "true", "refuted": "false", "not enough evidence": unproven, "pants fire": "false"} | found


@cache
def _own_map(publisher: str) -> dict[str, str]:
    if not publisher or publisher not in {path.name.removesuffix(".txt") for path in FOLDER.glob("*.txt")}:
        return {}
    lines = (FOLDER / f"{publisher}.txt").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line.count("\t") == 1]
    return {_plain(label): _plain(english) for label, english in pairs}
