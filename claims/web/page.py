"""What every page shares: who is here in which project, how a refusal is shown, and lists cut by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from claims.errors import NotFound, Refused
from claims.models import Membership, Project, Reviewer, User
from claims.people.sessions import settle
from claims.permissions import ALLOWED, check_deed
from claims.web.said import refusal_said

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
MAX_ID = 2**63 - 1

# Which tabs a goal shows first; the others stand under "More".
FIRST_TABS: dict[str, tuple[str, ...]] = {
    "code_corpus": ("project", "articles", "codebooks", "rounds", "agreement", "releases"),
    "check_claims": ("project", "claims", "rounds", "disputes", "desk", "releases"),
    "rate_outlets": ("project", "outlets", "codebooks", "rounds", "releases"),
}
FEW_TABS = 7  # who may open no more than these sees them all
GOAL_NAMES = {"code_corpus": "Code a corpus", "check_claims": "Check claims", "rate_outlets": "Rate outlets"}
# tab -> (label, what one must be allowed to do)
TABS: dict[str, tuple[str, str]] = {
    "project": ("Overview", "see_project"),
    "articles": ("Articles", "see_project"),
    "claims": ("Claims", "see_project"),
    "outlets": ("Outlets", "see_outlets"),
    "codebooks": ("Codebook", "see_project"),
    "rounds": ("Rounds", "see_project"),
    "my-labels": ("My labels", "label"),
    "agreement": ("Agreement", "see_agreement"),
    "disputes": ("Disputes", "settle"),
    "desk": ("Desk", "see_desk"),
    "reviewers": ("Reviewers", "see_reviewers"),
    "releases": ("Releases", "download"),
    "jobs": ("Jobs", "import"),
    "people": ("People", "manage_people"),
}


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass
class Here:
    """A member in one project, and the tab they are on."""

    project: Project
    role: str
    user: User
    tab: str = ""

    @property
    def slug(self) -> str:
        return self.project.slug

    @property
    def goal_name(self) -> str:
        return GOAL_NAMES[self.project.goal]

    @cached_property
    def may(self) -> dict[str, bool]:
        """For templates: what the role allows, by the names in `claims.permissions.ALLOWED`."""
        return {deed: self.role in roles for deed, roles in ALLOWED.items()}

    @cached_property
    def reviewer(self) -> Reviewer:
        """The member as a reviewer; made together with the membership, so it is always there."""
        return Reviewer.objects.get(project=self.project, user=self.user)

    @property
    def tabs(self) -> list[Tab]:
        """What the goal needs, and where one is."""
        shown = self._shown_tabs
        return self._tabs([*shown, self.tab] if self.tab in TABS and self.tab not in shown else shown)

    @property
    def more_tabs(self) -> list[Tab]:
        return self._tabs(name for name in TABS if name not in (*self._shown_tabs, self.tab))

    @property
    def _shown_tabs(self) -> list[str]:
        allowed = [name for name, (_, deed) in TABS.items() if self.may[deed]]
        first = FIRST_TABS[self.project.goal]
        return allowed if len(allowed) <= FEW_TABS else [name for name in first if name in allowed]

    def _tabs(self, names: Iterable[str]) -> list[Tab]:
        return [
            Tab(TABS[name][0], reverse(name, args=[self.slug]), name == self.tab)
            for name in names
            if self.may[TABS[name][1]]
        ]


def arrive(request: HttpRequest, slug: str, tab: str = "") -> Here:
    """The visitor in the project. For somebody outside it does not exist (INV-5)."""
    user = person(request)
    membership = Membership.objects.select_related("project").filter(project__slug=slug, user=user).first()
    if membership is None:
        raise Http404
    return Here(membership.project, membership.role, user, tab)


def person(request: HttpRequest) -> User:
    """Who asks. Only for pages behind `signed_in`, where it is never somebody anonymous."""
    return cast(User, request.user)


def refuse_nul(request: HttpRequest) -> None:
    """PostgreSQL keeps no NUL. No address of ours holds one; what somebody pasted is kept without it."""
    if any("\0" in value for _, values in request.GET.lists() for value in values):
        raise BadRequest("The request holds a NUL character.")
    if request.method == "POST" and any("\0" in value for _, values in request.POST.lists() for value in values):
        kept = request.POST.copy()
        for name, values in request.POST.lists():
            kept.setlist(name, [value.replace("\0", "") for value in values])
        request.POST = kept  # type: ignore[assignment]  # Django lets it be set, its stubs do not


def refuse_cut(request: HttpRequest) -> None:
    """A form whose body ended before the length it announced: nothing of it is acted on.

    Django drops the file that was cut and hands over the rest; it has no public word for how much it read.
    """
    read_from = getattr(request, "_stream", None) if request.content_type == "multipart/form-data" else None
    if request.method == "POST" and getattr(read_from, "_pos", 0) < getattr(read_from, "limit", 0):
        raise BadRequest("The request ended before its announced length.")


def signed_in(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of a person who signed in; refusals that the view does not show itself get a page of their own."""

    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        refuse_nul(request)
        refuse_cut(request)
        if settle(request):
            return go("mfa_index")
        try:
            return view(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None
        except Refused as refusal:
            return refused_page(request, refusal)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], login_required(page))


def project_page(
    deed: str, tab: str = ""
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page inside a project for those whose role allows `deed`. The view receives `Here` in place of the slug."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @signed_in
        @wraps(view)
        def page(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            here = arrive(request, slug, tab)
            check_deed(deed, here.role, here.project.pk)
            return view(request, here, *args, **kwargs)

        return page

    return wrap


TITLES = {
    403: "You cannot do this here",
    409: "Somebody was quicker",
    410: "This link has ended",
    422: "This cannot be done as asked",
    503: "Not available at the moment",
}


def refused_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Why not, and the way back."""
    title = gettext(TITLES.get(refusal.status, TITLES[422]))
    back = request.path if request.method == "GET" else reverse("home")
    if refusal.status != 403 and request.method == "POST":
        back = _page_before(request)
    context = {"refusal": refusal_said(refusal), "status": refusal.status, "title": title, "back": back}
    return render(request, "claims/refused.html", context, status=refusal.status)


def _page_before(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}"
    return referer.removeprefix(own) if referer.startswith(f"{own}/") else reverse("home")


def show(
    request: HttpRequest, template: str, here: Here | None = None, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, f"claims/{template}.html", {"here": here, **context}, status=status)


def go(name: str, *args: Any) -> HttpResponseRedirect:
    """After a form: look at the page, so that reloading sends nothing again."""
    return HttpResponseRedirect(reverse(name, args=args), status=303)


def number_in(request: HttpRequest, name: str) -> int | None:
    """A row's number from the query string; a word or an impossible number is a bad request."""
    written = request.GET.get(name, "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 20 and int(written) <= MAX_ID):
        raise BadRequest(f"{name} must be a whole number.")
    return int(written)


@dataclass(frozen=True)
class Slice(Generic[M]):
    """One page of a list, and the address of what follows."""

    rows: list[M]
    next_query: str
    is_first: bool


def slice_of(request: HttpRequest, rows: QuerySet[M], *, key: str = "id", size: int = PAGE_SIZE) -> Slice[M]:
    """Rows newest first, `size` a page, cut by key: the thousandth page is as quick as the first."""
    before = number_in(request, "before")
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    found = list(rows.order_by(f"-{key}")[: size + 1])
    shown, rest = found[:size], found[size:]
    query = {name: value for name, value in request.GET.items() if name != "before" and value}
    follows = "?" + urlencode({**query, "before": getattr(shown[-1], key)}) if rest else ""
    return Slice(shown, follows, before is None)
