"""Housekeeping tables for staff. What is insert-only, or changed by actions alone, can be read here and not edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from claims import models

# ModelAdmin takes a type parameter in the stubs, not when it runs.
if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    AnyUserAdmin = UserAdmin[models.User]
else:
    AnyAdmin, AnyUserAdmin = admin.ModelAdmin, UserAdmin


class ReadOnlyAdmin(AnyAdmin):
    """Look, filter, search; changes go through the pages, which check, record and tell."""

    list_per_page = 50
    show_full_result_count = False  # no COUNT over a million rows for a footer

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.User)
class LoginAdmin(AnyUserAdmin):
    """Logins can be switched off and given staff rights; never deleted, since labels and audit outlive them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "project", "actor", "verb", "subject_type", "subject_id")
    list_filter = ("verb", "subject_type")
    search_fields = ("verb", "subject_type")
    list_select_related = ("project", "actor")


@admin.register(models.Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "project", "state", "reason", "attempts", "created_at", "ended_at")
    exclude = ("file",)  # what was uploaded is handed out by its page alone
    list_filter = ("state", "kind")
    list_select_related = ("project",)


@admin.register(models.Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("slug", "name", "goal", "created_at", "archived_at")
    search_fields = ("slug", "name")


@admin.register(models.Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("project", "user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("project", "user")


@admin.register(models.Round)
class RoundAdmin(ReadOnlyAdmin):
    list_display = ("id", "project", "name", "state", "overlap", "opened_at", "closed_at")
    list_filter = ("state", "purpose")
    list_select_related = ("project",)


@admin.register(models.Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("project", "number", "state", "created_at", "ready_at")
    list_filter = ("state",)
    list_select_related = ("project",)


@admin.register(models.Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "component", "seen_at")


@admin.register(models.Outlet)
class OutletAdmin(ReadOnlyAdmin):
    list_display = ("id", "project", "name", "merged_into")
    search_fields = ("name",)
    list_select_related = ("project", "merged_into")
