"""Toward whom outlets are judged: governments, parties and causes that a project names once, for everybody.

A named target is a question of the codebook with a code of its own. So two reviewers mean the same one by it, their
answers agree or do not like those to any question, and what was judged before keeps the version it was judged by.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from claims.errors import Conflict, Refused
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import CodebookSpec, QuestionSpec, spec_from_document
from claims.models import Codebook, CodebookVersion, Project, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line
from claims.values.naming import TARGET_KINDS, TOWARD, folded, is_alike, target_name

SCALE = "outlet_alignment"  # the question whose choices are those of every target
NAME_CHARS = 80
MOST_TARGETS = 30  # nobody answers more of them about one outlet with care


@dataclass(frozen=True)
class Target:
    code: str
    kind: str
    name: str


def targets_of(project: Project) -> list[Target]:
    """The targets that the newest codebook about outlets asks for, in its order."""
    version = _newest(project)
    return _targets(spec_from_document(version.document)) if version else []


def name_target(project: Project, *, kind: str, name: str, by: User, is_another: bool = False) -> CodebookVersion:
    """Ask for one more target: a new version of the codebook, for rounds that begin from now on.

    Raises Refused for what is no name, Conflict `target_named` where it is on the list under any spelling,
    `target_alike` where one nearly like it is and nobody said that it `is_another`, `draft_open` where somebody changes
    the codebook just now.
    """
    check_can("manage_codebook", by, project)
    check_not_archived(project)
    title = clean_line(name)
    if not folded(title) or len(title) > NAME_CHARS:
        raise Refused("invalid_target", f"A target has a name of 1 to {NAME_CHARS} characters; not {title[:40]!r}.")
    if kind not in TARGET_KINDS:
        raise Refused("unknown_kind", f"A target is one of {', '.join(TARGET_KINDS)}; not {kind[:40]!r}.")
    with transaction.atomic():
        base = _newest(project)
        if base is None:
            raise Refused("no_outlet_codebook", "No codebook asks about outlets yet. Add “Outlet” first.")
        Codebook.objects.select_for_update(no_key=True).get(pk=base.codebook_id)
        if base.codebook.versions.filter(state="draft").exists():
            raise Conflict("draft_open", "The codebook is being changed. Publish or discard that draft first.")
        base = _newest(project) or base
        spec = spec_from_document(base.document)
        _refuse_known(title, _targets(spec), is_another)
        asked = _question(spec, kind, title)
        place = max(n for n, question in enumerate(spec.questions) if _is_about_whom(question.code)) + 1
        questions = (*spec.questions[:place], asked, *spec.questions[place:])
        return create_codebook(project, spec=replace(spec, questions=questions), by=by)


def _refuse_known(name: str, known: Sequence[Target], is_another: bool) -> None:
    key = folded(name)
    if len(known) >= MOST_TARGETS:
        raise Refused("too_many_targets", f"{MOST_TARGETS} targets are named; more nobody can judge with care.")
    for target in known:
        if folded(target.name) == key:
            raise Conflict("target_named", f"“{target.name}” is on the list already.", current={"code": target.code})
    near = next((target for target in known if is_alike(folded(target.name), key)), None)
    if near is not None and not is_another:
        raise Conflict(
            "target_alike",
            f"“{near.name}” is on the list. Use it, or say that “{name}” is another one.",
            current={"code": near.code},
        )


def _question(spec: CodebookSpec, kind: str, name: str) -> QuestionSpec:
    scale = next(question for question in spec.questions if question.code == SCALE)  # _newest found it
    digest = hashlib.sha256(folded(name).encode()).hexdigest()
    plain = re.sub(r"[^a-z0-9]+", "_", folded(name)).strip("_")[:17].strip("_")
    code = f"{TOWARD}{kind}_{plain}" if plain else f"{TOWARD}{kind}_{digest[:8]}"
    if spec.question(code) is not None:
        code = f"{code}_{digest[:4]}"
    return replace(
        scale,
        code=code,
        title=f"Toward {name}, the outlet is …",
        help="As far as its own voice shows it over several articles.",
        translations={},
    )


def _targets(spec: CodebookSpec) -> list[Target]:
    found = []
    for question in spec.questions:
        if question.code.startswith(TOWARD):
            kind = question.code.removeprefix(TOWARD).split("_", 1)[0]
            found.append(Target(question.code, kind, target_name(question.title)))
    return found


def _is_about_whom(code: str) -> bool:
    return code == SCALE or code.startswith(TOWARD)


def _newest(project: Project) -> CodebookVersion | None:
    rows = CodebookVersion.objects.filter(codebook__project=project, state="published", questions__code=SCALE)
    found: CodebookVersion | None = rows.select_related("codebook").order_by("-published_at", "-id").first()
    return found
