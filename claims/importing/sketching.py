"""Sketches of texts by which near-duplicates are found without comparing every pair.

A text is the set of its runs of three words (shingles; Broder 1997, "On the resemblance and containment of documents").
64 minima of hashed shingles (MinHash) are cut into 16 bands of 4: two texts of Jaccard resemblance s share a band with
probability 1 - (1 - s^4)^16 (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4): .64 at s = .5, .96 at
.65, .999 at .78, and .002 at .1. Which of those that share one are copies is then told by the resemblance itself.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

RUN = 3  # words a shingle
BANDS, ROWS = 16, 4
FEWEST = 20  # shingles; shorter texts are alike by chance
MOST = 20_000  # shingles; of longer texts those with the smallest hashes, the same ones in a copy
# Scripts that put no space between words: each character counts as one.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def shingles_of(text: str) -> Hashes:
    """Return the different shingles of a text as sorted hashes of 64 bits."""
    words = _WORD.findall(text.casefold())
    runs = {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
    hashes = np.fromiter((_hash(run) for run in runs), dtype=np.uint64, count=len(runs))
    hashes.sort()
    return hashes[:MOST]


def bands_of(shingles: Hashes) -> list[int]:
    """Return the BANDS keys of a text, each a signed number of 64 bits; none of a text with fewer than FEWEST."""
    if len(shingles) < FEWEST:
        return []
    factors, offsets = _permutations()
    minima = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for at in range(0, len(shingles), 2_048):  # bounds the memory of a long text
        part = shingles[at : at + 2_048]
        minima = np.minimum(minima, (factors[:, None] * part[None, :] + offsets[:, None]).min(axis=1))
    rows = minima.reshape(BANDS, ROWS)
    return [_key(n, row.tobytes()) for n, row in enumerate(rows)]


def resemblance(one: Hashes, other: Hashes) -> float:
    """Return the Jaccard resemblance of two sets of shingles, 0 to 1."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - common
    return common / union if union else 0.0


def _hash(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _key(band: int, row: bytes) -> int:
    digest = hashlib.blake2b(row, digest_size=8, salt=band.to_bytes(2, "little")).digest()
    return int.from_bytes(digest, "little", signed=True)


@cache
def _permutations() -> tuple[Hashes, Hashes]:
    """Odd factors and offsets modulo 2^64. Never change them: every stored sketch was made with these."""
    names = (f"{kind}{n}" for kind in ("factor", "offset") for n in range(BANDS * ROWS))
    drawn = np.array([_hash(name) for name in names], dtype=np.uint64)
    return drawn[: BANDS * ROWS] | np.uint64(1), drawn[BANDS * ROWS :]
