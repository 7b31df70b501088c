"""Toward whom outlets are judged: the list that a project names, with what reviewers wrote of themselves beside it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from claims.credibility.targets import suggested_targets
from claims.errors import Conflict, Refused
from claims.labelling.targets import name_target, targets_of
from claims.permissions import check_can
from claims.values.naming import TARGET_KINDS, folded
from claims.web.page import Here, go, project_page, show


@require_http_methods(["GET", "HEAD", "POST"])
@project_page("see_outlets", tab="outlets")
def targets(request: HttpRequest, here: Here) -> HttpResponse:
    said = request.POST
    refusal = None
    if request.method == "POST":
        check_can("manage_codebook", here.user, here.project)
        try:
            version = name_target(
                here.project,
                kind=said.get("kind", ""),
                name=said.get("name", ""),
                is_another="is_another" in said,
                by=here.user,
            )
            messages.success(request, f"Rounds that begin with version {version.n} of {version.codebook.name} ask it.")
            return go("outlet-targets", here.slug)
        except (Conflict, Refused) as found:
            refusal = found
    known = targets_of(here.project)
    context = {
        "targets": known,
        "kinds": TARGET_KINDS,
        "suggested": suggested_targets(here.project, {folded(target.name) for target in known}),
        "refusal": refusal,
        "typed": {"kind": said.get("kind", ""), "name": said.get("name", "")[:200]},
        "may_be_another": refusal is not None and refusal.code == "target_alike",
    }
    return show(request, "targets", here, status=refusal.status if refusal else 200, **context)
