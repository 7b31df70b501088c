"""Publishers of articles."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project

CONTROLS = ("state_controlled", "state_funded_independent", "party", "private", "nonprofit", "individual", "unknown")


class Outlet(CreatedAt):
    """A publisher as an entity: look-alike domains are never merged by themselves, `merged_into` is a person's act."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)  # legal hold: nothing of its articles may be erased
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "project", Lower("name"), condition=models.Q(merged_into=None), name="claims_outlet_name_is_used_once"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")),
                name="claims_outlet_is_not_merged_into_itself",
            ),
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="claims_outlet_name_search")]

    def __str__(self) -> str:
        return self.name


class OutletVersion(CreatedAt):
    """What was stated about an outlet at one time; insert-only, so that a rating points at what was rated."""

    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="versions", db_index=False)
    n = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True, default="")
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    control = models.CharField(max_length=32, choices=choices(CONTROLS), default="unknown")
    ownership = models.TextField(blank=True, default="")
    as_of = models.DateField(null=True)  # the day on which control and ownership were so; null: not known
    source = models.CharField(max_length=2000, blank=True, default="")  # where that is stated

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outlet", "n"], name="claims_outlet_version_number_is_used_once"),
            one_of("control", CONTROLS, "claims_outlet_version_control_is_known"),
        ]


class OutletDomain(models.Model):
    """A host that an outlet publishes on, in its ASCII (punycode) form."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "domain"], name="claims_outlet_domain_belongs_to_one_outlet"),
            models.CheckConstraint(
                condition=models.Q(domain=Lower("domain")), name="claims_outlet_domain_is_lower_case"
            ),
        ]


class OutletAlias(models.Model):
    """Another name of an outlet, as datasets and pages spell it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint("project", Lower("name"), name="claims_outlet_alias_belongs_to_one_outlet")
        ]


class OutletsApart(CreatedAt):
    """A person said that two outlets are two publishers, however alike they look."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    left = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="+", db_index=False)
    right = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "left", "right"], name="claims_outlets_are_kept_apart_once"),
            models.CheckConstraint(condition=models.Q(left__lt=models.F("right")), name="claims_apart_is_ordered"),
        ]
