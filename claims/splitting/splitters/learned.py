"""A light model of check-worthiness: words, word pairs and the heuristic's reasons, weighed by logistic regression.

Targets are shares between 0 and 1 (several people may differ), so the likelihood is the fractional one of Papke and
Wooldridge 1996 (Journal of Applied Econometrics 11, 619-632) with an L2 penalty. Features are hashed (Weinberger et
al. 2009, ICML), so that the weights are one short vector and no word list of the training texts is kept.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vector = NDArray[np.float64]

BUCKETS = 1 << 14
FORMAT = 1
PENALTY = 1.0  # of the squared weights, beside the sum of the rows' losses
LONGEST = 3_000  # code points of a claim that are looked at
SHOWN = 3  # words named as reasons
_TOKEN = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True)
class Learned:
    """Weights [BUCKETS] and the bias; `score` is a share, as the heuristic's."""

    weights: NDArray[np.float32]
    bias: float

    def score(self, text: str, reasons: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """The score, and the words that raised it most (`word:…`)."""
        found = features(text, reasons)
        size = 1 / np.sqrt(max(1, len(found)))
        sums = {name: float(self.weights[bucket]) * size for name, bucket in found.items()}
        value = 1 / (1 + np.exp(-(self.bias + sum(sums.values()))))
        words = [name for name in sums if name.startswith("word:") and sums[name] > 0]
        words.sort(key=lambda name: (-sums[name], name))
        return round(float(value), 2), tuple(name[:40] for name in words[:SHOWN])

    def to_bytes(self) -> bytes:
        """The weights as .npz; the same weights give the same bytes."""
        target = io.BytesIO()
        head = np.array([FORMAT, self.bias])
        np.savez_compressed(target, head=head, weights=self.weights)
        return target.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Learned:
        """Raises ValueError when it is not what `to_bytes` wrote."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as found:
                head, weights = found["head"], found["weights"]
        except (OSError, EOFError, KeyError, ValueError, BadZipFile, zlib.error) as fault:
            raise ValueError("These are not weights of a check-worthiness model.") from fault
        if head.shape != (2,) or head[0] != FORMAT or weights.shape != (BUCKETS,) or not np.isfinite(weights).all():
            raise ValueError(f"These weights are not of format {FORMAT} with {BUCKETS:,} buckets.")
        return cls(weights.astype(np.float32), float(head[1]))


def features(text: str, reasons: Sequence[str]) -> dict[str, int]:
    """Name -> bucket of what is present; a figure counts as a figure, whichever it is."""
    tokens = ["0" if token.isdecimal() else token for token in _TOKEN.findall(text[:LONGEST].casefold())]
    names = [f"word:{token}" for token in tokens]
    names += [f"pair:{one} {two}" for one, two in pairwise(tokens)]
    names += [f"reason:{reason}" for reason in reasons]
    return {name: zlib.crc32(name.encode()) % BUCKETS for name in names}


def matrix(rows: Sequence[tuple[str, Sequence[str]]]) -> csr_matrix:
    """[rows, BUCKETS], each row of length 1."""
    from scipy.sparse import csr_matrix  # late, like the optimiser below: only training needs them

    found = [list(features(text, reasons).values()) for text, reasons in rows]
    ends = np.cumsum([0, *map(len, found)])
    columns = np.array([bucket for row in found for bucket in row], dtype=np.int64)
    sizes = np.concatenate([np.full(len(row), 1 / np.sqrt(max(1, len(row)))) for row in found] or [np.empty(0)])
    return csr_matrix((sizes, columns, ends), shape=(len(found), BUCKETS))


def fit(inputs: csr_matrix, targets: Vector, penalty: float = PENALTY) -> Learned:
    """Raises ValueError without rows, or where all targets are the same: then nothing can be learned."""
    from scipy.optimize import minimize

    if not len(targets) or np.ptp(targets) == 0:
        raise ValueError("There is nothing to learn: all rows have the same score.")

    def loss(given: Vector) -> tuple[float, Vector]:
        raw = np.asarray(inputs @ given[1:]).ravel() + given[0]
        value = float(np.sum(np.logaddexp(0, raw) - targets * raw)) + penalty / 2 * float(given[1:] @ given[1:])
        off = 1 / (1 + np.exp(-raw)) - targets
        slope = np.concatenate([[off.sum()], np.asarray(inputs.T @ off).ravel() + penalty * given[1:]])
        return value, slope

    found = minimize(loss, np.zeros(inputs.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Learned(found.x[1:].astype(np.float32), float(found.x[0]))
