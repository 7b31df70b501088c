"""Undo and redo of everything that was corrected in an article, step by step, whoever made the step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from claims.errors import Conflict
from claims.models import Article, Correction, OccurrenceVersion, User
from claims.splitting.desk import Desk, Standing, at_desk, content_of


def undo(article: Article, *, expected: int | None = None, by: User) -> Correction:
    """Take back the last step that stands. `expected` is the step the person saw as the last one."""
    return _walk(article, "undo", expected=expected, by=by)


def redo(article: Article, *, expected: int | None = None, by: User) -> Correction:
    """Do again what was undone last."""
    return _walk(article, "redo", expected=expected, by=by)


def last_steps(article: Article) -> tuple[Correction | None, Correction | None]:
    """(what undo would take back, what redo would do again)"""
    rows = Correction.objects.filter(article=article)
    return rows.filter(state="done").order_by("-n").first(), rows.filter(state="undone").order_by("n").first()


def _walk(article: Article, verb: str, *, expected: int | None, by: User) -> Correction:
    source, target, side = ("done", "undone", "before") if verb == "undo" else ("undone", "done", "after")
    with at_desk(article, by=by) as desk:
        done, undone = last_steps(desk.article)
        step = done if source == "done" else undone
        if step is None:
            raise Conflict(f"nothing_to_{verb}", f"There is nothing to {verb} in this article.")
        if expected is not None and expected != step.n:
            raise Conflict(
                "stale_version", "Somebody made another step meanwhile. Look again.", current={"step": step.n}
            )
        for change in step.changes:
            _put_back(desk, desk.read(change["occurrence"]), change[side], change["after"])
        Correction.objects.filter(pk=step.pk).update(state=target)
        step.state = target
    return step


def _put_back(desk: Desk, found: Standing, wanted: dict[str, Any] | None, made: dict[str, Any]) -> None:
    if wanted is None:  # the step had made it
        desk.drop(found, "undone")
        return
    version = OccurrenceVersion.objects.get(pk=wanted["version"])
    content = content_of(version, desk.text)
    if not content.pieces:
        raise Conflict("text_changed", "The article has another text since then. Correct it by hand.")
    if found.version.pk != version.pk:
        content = replace(content, origin=version.origin)
    desk.write(found, content, state=wanted["state"], reason=wanted["reason"])
