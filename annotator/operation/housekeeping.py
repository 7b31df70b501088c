"""The admin site as this project serves it."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from claims.people.sessions import settle

PERSONAL = ("account", "mfa", "socialaccount")


class Housekeeping(AdminSite):
    """For staff. To others who are signed in there is nothing here, and nobody signs in here: there is one sign-in,
    with its limits."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Second factors, their secrets and sign-ins are nobody's business but their owner's: no tables for them."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else [*model_or_iterable]
        shown = [model for model in models if model._meta.app_label not in PERSONAL]
        super().register(shown, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            if request.user.is_authenticated and settle(request):
                return HttpResponseRedirect(reverse("mfa_index"))
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        return page

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        home = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", home))
        if not self.has_permission(request):
            raise Http404
        return HttpResponseRedirect(home)
