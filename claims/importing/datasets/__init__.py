"""Published data sets of claims and labels: one module and one line here each. Plain Python, bytes to findings."""

from __future__ import annotations

from claims.importing.datasets import averitec, claimreview, doccano, label_studio, liar, raters
from claims.importing.datasets.finding import Dataset, Finding, QuestionShape, Verdict

DATASETS: dict[str, Dataset] = {
    "averitec": Dataset("AVeriTeC: claims with the verdicts of fact-checkers (JSON)", averitec.read),
    "raters": Dataset("One row an annotator, such as BABE's raw labels (CSV)", raters.read, raters.SHAPES),
    "liar": Dataset("LIAR: statements with PolitiFact's ratings (TSV)", liar.read),
    "claimreview": Dataset("ClaimReview in a page or a feed (JSON-LD)", claimreview.read),
    "label_studio": Dataset("An export of Label Studio (JSON)", label_studio.read),
    "doccano": Dataset("An export of doccano (JSONL)", doccano.read),
}

__all__ = ["DATASETS", "Dataset", "Finding", "QuestionShape", "Verdict"]
