"""The nouns, one file each family, with their querysets; verbs live in the stages."""

from claims.models.article import Article, ArticleLink, ArticleSource, Segment, TextVersion
from claims.models.checking import EvidenceReturn
from claims.models.checkworthiness import CheckworthinessModel
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
from claims.models.comment import UnitComment
from claims.models.consent import Consent, ConsentText
from claims.models.correction import ArticleCut, Correction, ReopenedUnit
from claims.models.credibility import ExternalRating, OutletObservation, OutletTally, PendingTally, Publication
from claims.models.desk import DeskItem, DeskMove
from claims.models.evidence import EvidenceCopy
from claims.models.formula import ScoreFormula
from claims.models.job import Heartbeat, Job, JobError
from claims.models.judgement import ReasonJudgement
from claims.models.label import Draft, Label, LabelChain, LabelEvent, LabelText
from claims.models.ledger import AuditEvent, IdempotencyRecord, RequestCount, Seal, SealedRow
from claims.models.likeness import ArticleSketch, SketchBand
from claims.models.matching import ClaimRelation, DocumentCitation, RelationDecision, SourceDocument
from claims.models.notice import Notice, NoticeChoice, OutgoingMail, UserLanguage
from claims.models.origin import ClaimSource, ExternalVerdict
from claims.models.outlet import Outlet, OutletAlias, OutletDomain, OutletsApart, OutletVersion
from claims.models.panel import Interest, ReviewerTraits
from claims.models.placing import place_hops
from claims.models.project import ApiToken, Invitation, Membership, Project, ProjectKey, Reviewer
from claims.models.qualification import Attempt
from claims.models.release import FrozenRow, Release, ReleaseFile
from claims.models.remote import RemoteHost, WatchedFeed
from claims.models.review import WorkReview
from claims.models.round import Assignment, Round, RoundReviewer, RoundUnit, Unit
from claims.models.score import (
    AgreementScore,
    BundleCount,
    CampPattern,
    PatternCount,
    PendingFold,
    ReviewerCount,
    SecondSettlement,
    SettledLabel,
    UnitPattern,
)
from claims.models.session import CacheEntry, SignIn
from claims.models.staged import ColumnMapping, StagedImport
from claims.models.stored_file import DatabaseStorage, StoredChunk, StoredFile
from claims.models.suggestion import ModelSuggestion
from claims.models.topic import ContentWarning, Topic, TopicOptOut
from claims.models.user import User
from claims.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "AgreementScore",
    "Anchor",
    "ApiToken",
    "Article",
    "ArticleCut",
    "ArticleLink",
    "ArticleSketch",
    "ArticleSource",
    "Assignment",
    "Attempt",
    "AttributionHop",
    "AuditEvent",
    "BundleCount",
    "CacheEntry",
    "CampPattern",
    "CheckworthinessModel",
    "Choice",
    "Claim",
    "ClaimOccurrence",
    "ClaimRelation",
    "ClaimSource",
    "ClaimVersion",
    "Codebook",
    "CodebookVersion",
    "ColumnMapping",
    "Consent",
    "ConsentText",
    "ContentWarning",
    "Correction",
    "DatabaseStorage",
    "DeskItem",
    "DeskMove",
    "DocumentCitation",
    "Draft",
    "EvidenceCopy",
    "EvidenceItem",
    "EvidenceReturn",
    "ExternalRating",
    "ExternalVerdict",
    "FrozenRow",
    "Heartbeat",
    "IdempotencyRecord",
    "Interest",
    "Invitation",
    "Job",
    "JobError",
    "Label",
    "LabelChain",
    "LabelEvent",
    "LabelText",
    "Membership",
    "ModelSuggestion",
    "Notice",
    "NoticeChoice",
    "OccurrenceVersion",
    "OutgoingMail",
    "Outlet",
    "OutletAlias",
    "OutletDomain",
    "OutletObservation",
    "OutletTally",
    "OutletVersion",
    "OutletsApart",
    "PatternCount",
    "PendingFold",
    "PendingTally",
    "Project",
    "ProjectKey",
    "Publication",
    "Question",
    "ReasonJudgement",
    "RelationDecision",
    "Release",
    "ReleaseFile",
    "RemoteHost",
    "ReopenedUnit",
    "RequestCount",
    "Reviewer",
    "ReviewerCount",
    "ReviewerTraits",
    "Round",
    "RoundReviewer",
    "RoundUnit",
    "ScoreFormula",
    "Seal",
    "SealedRow",
    "SecondSettlement",
    "Segment",
    "SettledLabel",
    "SignIn",
    "SketchBand",
    "SourceDocument",
    "StagedImport",
    "StoredChunk",
    "StoredFile",
    "TextVersion",
    "Topic",
    "TopicOptOut",
    "Unit",
    "UnitComment",
    "UnitPattern",
    "User",
    "UserLanguage",
    "WatchedFeed",
    "Webhook",
    "WebhookDelivery",
    "WorkReview",
    "place_hops",
]
