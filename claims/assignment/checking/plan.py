"""Which plans of an evidence check fit together: the round that is checked, its codebook, and what is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claims.errors import Conflict, Refused
from claims.models import CodebookVersion, Project, Round

PURPOSE = "evidence_check"
JUDGED = ("nominal", "ordinal", "set", "relation")  # kinds of question whose answers can be the same or differ


def judged_questions(version: CodebookVersion) -> list[str]:
    """The questions about a claim whose choices ask for evidence: what can be judged by it."""
    return [
        question["code"]
        for question in version.document["questions"]
        if question["unit"] == "claim_occurrence" and any(one.get("needs_evidence") for one in question["choices"])
    ]


def check_checks(
    project: Project, plan: Mapping[str, Any], version: CodebookVersion, unit_kind: str, questions: Sequence[str]
) -> list[str]:
    """The questions to ask: those given, or in a check those that evidence answers. Refused `unknown_checked_round`,
    `not_an_evidence_check`, `another_codebook`, `nothing_is_judged`; Conflict `round_is_draft`."""
    checked: Round | None = plan.get("checks")
    if checked is None:
        return list(questions)
    if checked.project_id != project.pk or checked.checks_id is not None:
        raise Refused("unknown_checked_round", "Choose a round of this project in which people bring evidence.")
    if plan.get("purpose") != PURPOSE or unit_kind != "claim_occurrence" or checked.unit_kind != unit_kind:
        raise Refused(
            "not_an_evidence_check", "Only a round about claims with the purpose “evidence check” checks another one."
        )
    if checked.state == "draft":
        raise Conflict("round_is_draft", f"“{checked.name}” is a draft and has no units yet. Open it first.")
    if checked.codebook_version_id != version.pk:
        raise Refused(
            "another_codebook", f"Verdicts are compared, so ask by the codebook version of “{checked.name}”: choose it."
        )
    return _judged(checked, version, list(questions) or judged_questions(version))


def _judged(checked: Round, version: CodebookVersion, questions: list[str]) -> list[str]:
    asked = version.questions.filter(unit_kind="claim_occurrence")
    kinds = {code: kind for code, kind in asked.values_list("code", "kind") if code in (checked.questions or [code])}
    if "evidence" not in kinds.values():
        raise Refused("nothing_is_judged", f"“{checked.name}” asks for no evidence, so there is none to check.")
    unfit = sorted(code for code in questions if kinds.get(code) not in JUDGED)
    if unfit or not questions:
        raise Refused(
            "nothing_is_judged",
            f"A check asks what “{checked.name}” asks, too, and what has choices"
            + (f"; not {', '.join(unfit)}." if unfit else ". Name such a question."),
        )
    return questions


def check_is_told_what(round_: Round) -> None:
    """Conflict `nothing_to_check`: an evidence check without the round that it checks."""
    if round_.purpose == PURPOSE and round_.checks_id is None:
        raise Conflict("nothing_to_check", "Say in the plan whose evidence this round checks, then open it.")
