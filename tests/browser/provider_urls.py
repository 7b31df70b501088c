"""The addresses of an installation that has an identity provider."""

from __future__ import annotations

from django.urls import include, path

from annotator.urls import urlpatterns as own

urlpatterns = [
    path("sign-in/provider/", include("allauth.socialaccount.urls")),
    path("sign-in/provider/", include("allauth.socialaccount.providers.openid_connect.urls")),
    *own,
]
