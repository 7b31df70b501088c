"""Addresses: the pages and the API of the product, the housekeeping tables, and what operators ask."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from annotator.operation import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz),
    path("healthz/web", views.healthz_web),
    path("metrics", views.metrics),
    path(".well-known/security.txt", views.security_txt),
    path("admin/", admin.site.urls),
    path("api/v1/", include("claims.api.urls")),
    path("", include("claims.web.urls")),
]

handler400 = "annotator.operation.views.bad_request"
handler500 = "annotator.operation.views.server_error"
