"""The nouns, one file each family, with their querysets; verbs live in the stages."""

from claims.models.article import Article, ArticleSource, Segment, TextVersion
from claims.models.claim import (
    Anchor,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    EvidenceItem,
    OccurrenceVersion,
)
from claims.models.codebook import Choice, Codebook, CodebookVersion, Question
from claims.models.job import Heartbeat, Job, JobError
from claims.models.label import Draft, Label, LabelChain, LabelEvent, LabelText
from claims.models.ledger import AuditEvent, IdempotencyRecord, RequestCount, Seal, SealedRow
from claims.models.outlet import Outlet, OutletAlias, OutletDomain, OutletVersion
from claims.models.project import ApiToken, Invitation, Membership, Project, ProjectKey, Reviewer
from claims.models.release import Release, ReleaseFile
from claims.models.round import Assignment, Round, RoundReviewer, RoundUnit, Unit
from claims.models.score import AgreementScore, PatternCount, PendingFold, SettledLabel, UnitPattern
from claims.models.stored_file import DatabaseStorage, StoredChunk, StoredFile
from claims.models.user import User

__all__ = [
    "AgreementScore",
    "Anchor",
    "ApiToken",
    "Article",
    "ArticleSource",
    "Assignment",
    "AttributionHop",
    "AuditEvent",
    "Choice",
    "Claim",
    "ClaimOccurrence",
    "ClaimVersion",
    "Codebook",
    "CodebookVersion",
    "DatabaseStorage",
    "Draft",
    "EvidenceItem",
    "Heartbeat",
    "IdempotencyRecord",
    "Invitation",
    "Job",
    "JobError",
    "Label",
    "LabelChain",
    "LabelEvent",
    "LabelText",
    "Membership",
    "OccurrenceVersion",
    "Outlet",
    "OutletAlias",
    "OutletDomain",
    "OutletVersion",
    "PatternCount",
    "PendingFold",
    "Project",
    "ProjectKey",
    "Question",
    "Release",
    "ReleaseFile",
    "RequestCount",
    "Reviewer",
    "Round",
    "RoundReviewer",
    "RoundUnit",
    "Seal",
    "SealedRow",
    "Segment",
    "SettledLabel",
    "StoredChunk",
    "StoredFile",
    "TextVersion",
    "Unit",
    "UnitPattern",
    "User",
]
