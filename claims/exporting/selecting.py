"""What a release is narrowed to, and how its units are shared out: checked once, kept in the release's filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from claims.errors import Refused
from claims.models import Project, Question

SPLIT_KEYS = ("article", "claim", "outlet", "time")
DEFAULT_SHARES = {"train": 80, "validation": 10, "test": 10}
MOST_SPLITS = 10
DAMAGED_PLAN = "Splits are written as names with whole shares, for example train 80, validation 10, test 10."


@dataclass(frozen=True)
class Selection:
    """Which answers and settled labels a release holds. `questions` empty: all; days are in UTC, both inclusive; with
    `least_agreement`, only units and questions where at least two people gave a first answer and this share of them
    gave the same one."""

    questions: Sequence[str] = ()
    first_day: date | None = None
    last_day: date | None = None
    least_agreement: float | None = None

    def check(self, project: Project) -> None:
        """Raises Refused `unknown_question`, `wrong_period` and `wrong_share`."""
        asked = set(self.questions)
        known = Question.objects.filter(codebook_version__codebook__project=project, code__in=asked)
        if unknown := asked - set(known.values_list("code", flat=True)):
            sentence = f"No codebook of this project asks {', '.join(sorted(unknown))}. Write the codes of questions."
            raise Refused("unknown_question", sentence)
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise Refused("wrong_period", f"The period ends on {self.last_day}, before {self.first_day}.")
        if self.least_agreement is not None and not 0 < self.least_agreement <= 1:
            raise Refused("wrong_share", f"{self.least_agreement} is no share. Write a number above 0, at most 1.")

    @property
    def is_whole(self) -> bool:
        return self.kept == Selection().kept

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON. No questions are null, which the queries take for all."""
        days = {"first_day": self.first_day, "last_day": self.last_day}
        shown = {name: day.isoformat() if day else None for name, day in days.items()}
        return {"questions": sorted(set(self.questions)) or None, **shown, "least_agreement": self.least_agreement}


@dataclass(frozen=True)
class SplitPlan:
    """How units are shared out. What `by` names is never in two splits: units that share any of it, directly or by
    others, stay together; `time` puts the earlier days into the earlier splits. `shares` are whole numbers in any
    proportion. With `stratify_by`, a question, its answers are spread alike."""

    by: Sequence[str] = ("article",)
    shares: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    seed: int = 0
    stratify_by: str = ""

    def check(self, project: Project) -> None:
        """Raises Refused `unknown_split` and `unknown_question`."""
        if not self.by or {*self.by} - {*SPLIT_KEYS} or ("time" in self.by and len(self.by) > 1):
            sentence = (
                f"Units are kept together by {', '.join(SPLIT_KEYS[:-1])} or several of them, or shared out by time."
            )
            raise Refused("unknown_split", sentence)
        is_named = all(name.isidentifier() and len(name) <= 20 for name in self.shares)
        if not (
            2 <= len(self.shares) <= MOST_SPLITS and is_named and all(0 < n <= 1_000 for n in self.shares.values())
        ):
            raise Refused("unknown_split", DAMAGED_PLAN)
        if self.stratify_by:
            Selection((self.stratify_by,)).check(project)

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON; the order of the shares is kept by a list, since a database sorts the keys of an object."""
        return asdict(self) | {"by": sorted({*self.by}), "shares": [[name, n] for name, n in self.shares.items()]}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        return cls(tuple(kept["by"]), dict(kept["shares"]), kept["seed"], kept["stratify_by"])


def read_shares(text: str) -> dict[str, int]:
    """`train 80, test 20` as a person writes it."""
    shares: dict[str, int] = {}
    for part in text.split(","):
        name, _, share = part.strip().replace("=", " ").rpartition(" ")
        if not share.isdecimal() or not name or name.strip() in shares:
            raise Refused("unknown_split", f"“{part.strip()[:40]}” is not understood. {DAMAGED_PLAN}")
        shares[name.strip()] = int(share[:9])
    return shares
