"""Sentence embeddings for ranking candidates anew: an extra that is off until the operator names a model.

The model is a folder on this machine in the format of model2vec (Tulkens and van Dongen 2024, Model2Vec: static
embeddings; MIT), so that nothing is downloaded and no text leaves. Used in background jobs alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

if TYPE_CHECKING:
    from model2vec import StaticModel


def name() -> str:
    """What the model is called beside a suggestion; empty while none is set."""
    return Path(settings.EMBEDDING_MODEL).name[:40] if settings.EMBEDDING_MODEL else ""


def closeness(text: str, others: Sequence[str]) -> list[float]:
    """others: the cosine of each with `text`, 0 where it is negative or where a text holds no word of the model."""
    vectors = _model(settings.EMBEDDING_MODEL).encode([text, *others], use_multiprocessing=False)
    lengths = np.linalg.norm(vectors, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = (vectors[1:] @ vectors[0]) / (lengths[1:] * lengths[0])
    return [float(cosine) for cosine in np.clip(np.nan_to_num(cosines), 0.0, 1.0)]


@lru_cache(maxsize=1)
def _model(folder: str) -> StaticModel:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when it is imported: a folder needs no network
    from model2vec import StaticModel

    return StaticModel.from_pretrained(folder, force_download=False)
