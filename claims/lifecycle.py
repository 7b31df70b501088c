"""States and allowed moves, plain Python. The diagrams in the help pages are drawn from these tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from claims.errors import Conflict


@dataclass(frozen=True)
class Lifecycle:
    """The states of one kind of thing, in order of life, and the moves between them."""

    noun: str
    initial: str
    moves: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.moves)

    @property
    def terminal(self) -> frozenset[str]:
        return frozenset(state for state, targets in self.moves.items() if not targets)

    def can_move(self, source: str, target: str) -> bool:
        return target in self.moves.get(source, ())

    def check_move(self, source: str, target: str) -> None:
        """Raise Conflict when the move is not in the table."""
        if not self.can_move(source, target):
            allowed = ", ".join(self.moves.get(source, ())) or "nothing: this is an end state"
            raise Conflict(
                "move_not_allowed",
                f"This {self.noun} is {source} and cannot become {target}. Possible from here: {allowed}.",
                current={"state": source},
            )


ARTICLE = Lifecycle(
    "article",
    "imported",
    {
        "imported": ("split", "excluded", "retracted"),
        "split": ("excluded", "retracted"),
        "excluded": ("imported", "split", "retracted"),
        "retracted": (),
    },
)
OCCURRENCE = Lifecycle(
    "claim", "proposed", {"proposed": ("dropped", "retracted"), "dropped": ("proposed",), "retracted": ()}
)
CODEBOOK_VERSION = Lifecycle(
    "codebook version", "draft", {"draft": ("published",), "published": ("retired",), "retired": ()}
)
ROUND = Lifecycle(
    "round", "draft", {"draft": ("open",), "open": ("paused", "closed"), "paused": ("open", "closed"), "closed": ()}
)
# A slot that is given back is not moved to "open" again: it ends, and a fresh row takes its number, so that the
# history of who held it stays.
ASSIGNMENT = Lifecycle(
    "assignment",
    "open",
    {
        "open": ("reserved", "withdrawn"),
        "reserved": ("submitted", "skipped", "expired", "withdrawn"),
        "submitted": ("voided",),
        "skipped": (),
        "expired": (),
        "withdrawn": (),
        "voided": ("submitted",),  # a changed claim was changed back
    },
)
JOB = Lifecycle(
    "job",
    "queued",
    {
        "queued": ("running", "cancelled", "failed"),
        "running": ("queued", "succeeded", "partial", "failed", "cancelled"),
        "succeeded": (),
        "partial": (),
        "failed": (),
        "cancelled": (),
    },
)
RELEASE = Lifecycle(
    "release",
    "building",
    {"building": ("ready", "failed"), "ready": ("withdrawn",), "failed": ("building",), "withdrawn": ()},
)
# What is said in public about an outlet: it may answer first, two people answer for it, and it can be taken down.
PUBLICATION = Lifecycle(
    "publication",
    "awaiting_reply",
    {
        "awaiting_reply": ("in_approval", "withdrawn"),
        "in_approval": ("published", "withdrawn"),
        "published": ("withdrawn",),
        "withdrawn": (),
    },
)
# One unit of a round that checks evidence: who brought none of it judges it anew, and where the verdicts differ it goes
# back for more evidence, once.
EVIDENCE_CHECK = Lifecycle(
    "evidence check",
    "awaiting_evidence",
    {
        "awaiting_evidence": ("awaiting_check", "awaiting_verdict"),
        "awaiting_verdict": ("awaiting_check",),  # evidence is in and nobody said what follows: there is none to check
        "awaiting_check": ("confirmed", "returned", "unresolved"),  # unresolved: nobody is asked for evidence any more
        "returned": ("awaiting_second_check",),
        "awaiting_second_check": ("confirmed_later", "unresolved"),
        "confirmed": (),
        "confirmed_later": (),
        "unresolved": (),
    },
)
# A claim on the newsroom's desk: one writes, another edits, a third signs off and says where it is published.
DESK = Lifecycle(
    "claim on the desk",
    "triage",
    {
        "triage": ("assigned", "declined"),
        "assigned": ("draft", "declined"),
        "draft": ("assigned", "second_edit", "declined"),
        "second_edit": ("sign_off", "draft"),
        "sign_off": ("published", "draft"),
        "published": (),
        "declined": ("triage",),
    },
)

LIFECYCLES: dict[str, Lifecycle] = {
    "article": ARTICLE,
    "claim": OCCURRENCE,
    "codebook": CODEBOOK_VERSION,
    "round": ROUND,
    "assignment": ASSIGNMENT,
    "job": JOB,
    "release": RELEASE,
    "publication": PUBLICATION,
    "evidence_check": EVIDENCE_CHECK,
    "desk": DESK,
}
