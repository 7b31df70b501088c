"""Articles, claims, and the jobs that bring them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import ARTICLE_BODY_BYTES, READING, Endpoint, scopes
from claims.api.lists import DAY, NEWEST, SHARE, WHOLE, WORDS, Filter, Listing, Order, one_of
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.sources import (
    ArticleRow,
    ArticleShape,
    ClaimRow,
    ClaimShape,
    JobErrorShape,
    JobShape,
    NewAddresses,
    NewArticle,
    NewTakedown,
)
from claims.importing.likeness import copies_of
from claims.importing.takedown import take_down_article
from claims.jobs import cancel_job
from claims.lifecycle import ARTICLE, JOB
from claims.models import (
    Anchor,
    Article,
    Claim,
    ClaimOccurrence,
    Job,
    JobError,
    OccurrenceVersion,
    Segment,
    TextVersion,
)
from claims.permissions import ALLOWED

ARTICLES = Listing(
    {
        "q": Filter(
            WORDS,
            lambda words: Q(headline__has_words=words),
            'Words in the headline, all of them in any order; "in quotation marks" as they stand.',
        ),
        "outlet": Filter(WHOLE, lambda pk: Q(outlet=pk), "Id of the outlet."),
        "state": Filter(one_of(*ARTICLE.states), lambda state: Q(state=state), "State of the article."),
        "language": Filter(WORDS, lambda code: Q(language=code), "Language code, such as en."),
        "published_from": Filter(DAY, lambda day: Q(published_at__date__gte=day), "First day (UTC)."),
        "near_duplicates": Filter(
            one_of("true", "false"),
            lambda said: Q(sketch__cluster__isnull=said == "false"),
            "Those that are nearly the text of another, or the others.",
        ),
        "published_to": Filter(DAY, lambda day: Q(published_at__date__lte=day), "Last day (UTC)."),
    }
)
JOB_EXAMPLE = {
    "id": 812,
    "kind": "import_articles",
    "state": "queued",
    "reason": "",
    "sentence": "",
    "counts": {},
    "created_at": "2026-03-02T09:14:00Z",
    "started_at": None,
    "heartbeat_at": None,
    "ended_at": None,
    "cancel_requested_at": None,
}


class Articles(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ARTICLES.parameters
    body_limit = ARTICLE_BODY_BYTES

    @operation("list_articles", "List articles", answers={200: page_of(ArticleRow)}, listing=ARTICLES, tag="Articles")
    def get(self, request: Request, project: str) -> Response:
        rows = Article.objects.in_project(self.find_project(project, "browse")).select_related("outlet")
        return Response(ARTICLES.page(request, rows, lambda row: ArticleRow(row).data))

    @operation(
        "import_article",
        "Import an article's text in the background",
        request=NewArticle,
        answers={202: JobShape, 200: JobShape},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {
                "title": "Harbour bridge closed after inspection",
                "text": "The Lake Bridge in Sandmouth was closed on Tuesday.",
                "outlet": "Tidal Post",
            },
            "answer": JOB_EXAMPLE,
        },
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.actions import start_import  # the parsers behind it are not for every web process

        found, asked = self.find_project(project, "import"), self.body(NewArticle)

        def act() -> tuple[int, Mapping[str, Any]]:
            job = start_import(found, **asked, options={}, by=self.user)
            job.refresh_from_db()
            return 200 if job.reason == "duplicate_of" else 202, JobShape(job).data

        return self.create_once(act)


class Addresses(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "import_addresses",
        "Fetch articles, feeds or sitemaps from their addresses in the background",
        request=NewAddresses,
        answers={202: JobShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"urls": ["https://news.example.com/bridge"]}, "answer": JOB_EXAMPLE},
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.fetching import start_fetch  # the parsers behind it are not for every web process

        found, asked = self.find_project(project, "import"), self.body(NewAddresses)

        def act() -> tuple[int, Mapping[str, Any]]:
            job = start_fetch(found, **asked, by=self.user)
            job.refresh_from_db()
            return 202, JobShape(job).data

        return self.create_once(act)


class OneArticle(Endpoint):
    scopes = READING

    @operation("get_article", "Read an article with its text and blocks", answers={200: ArticleShape}, tag="Articles")
    def get(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("outlet"), pk, "browse")
        blocks = Prefetch("segments", Segment.objects.order_by("n"), to_attr="segments_in_order")
        article.newest_text = (
            TextVersion.objects.filter(article=article).prefetch_related(blocks).order_by("-n").first()
        )
        article.near_duplicates = copies_of(article)
        return Response(ArticleShape(article).data)


class TakeDown(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "take_down_article",
        "Take an article down: erase its words everywhere, keep hashes and the reason; there is no way back",
        request=NewTakedown,
        answers={200: ArticleRow},
        refuses=(409, 422),
        tag="Articles",
    )
    def post(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project", "outlet"), pk, "import")
        taken = take_down_article(article, **self.body(NewTakedown), by=self.user)
        return Response(ArticleRow(taken).data)


class ReadAgain(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "reextract_article",
        "Read an article's original again, as a new version of its text",
        answers={202: JobShape},
        refuses=(422,),
        tag="Articles",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.reextracting import start_reextraction  # parsers, when first needed

        article = self.find(Article.objects.select_related("project"), pk, "import")
        job = start_reextraction(article.project, [article], by=self.user)
        job.refresh_from_db()
        return Response(JobShape(job).data, status=202)


CLAIMS = Listing(
    {
        "q": Filter(
            WORDS,
            lambda words: Q(text__has_words=words),
            'Words in the claim, all of them in any order; "in quotation marks" as they stand.',
        ),
        "article": Filter(
            WHOLE,
            lambda pk: Q(pk__in=ClaimOccurrence.objects.filter(article=pk).values("claim")),
            "Id of an article that it stands in.",
        ),
        "min_checkworthiness": Filter(SHARE, lambda least: Q(checkworthiness__gte=least), "From 0 to 1."),
        "retracted": Filter(
            one_of("true", "false"),
            lambda said: Q(retracted_at__isnull=said == "false"),
            "Retracted ones or the others.",
        ),
    },
    {**NEWEST, "-checkworthiness": Order(("-checkworthiness", "-id"), Q(checkworthiness__isnull=False))},
)


class Claims(Endpoint):
    scopes = READING
    query = CLAIMS.parameters

    @operation(
        "list_claims",
        "List claims; ordered by check-worthiness, only those that have a score",
        answers={200: page_of(ClaimRow)},
        listing=CLAIMS,
        tag="Claims",
    )
    def get(self, request: Request, project: str) -> Response:
        rows = Claim.objects.in_project(self.find_project(project, "browse"))
        return Response(CLAIMS.page(request, rows, lambda row: ClaimRow(row).data))


class OneClaim(Endpoint):
    scopes = READING

    @operation(
        "get_claim",
        "Read a claim with its places, spans and who says it",
        answers={200: ClaimShape},
        tag="Claims",
    )
    def get(self, request: Request, pk: int) -> Response:
        claim = self.find(Claim.objects.prefetch_related(places()), pk, "browse")
        claim.sources_in_order = claim.sources.order_by("id")[:100]
        sees_results = vars(claim)["asker_role"] in ALLOWED["see_agreement"]
        claim.verdicts_shown = claim.external_verdicts.order_by("id")[:100] if sees_results else []
        for occurrence in claim.occurrences_in_order:
            occurrence.newest = next(iter(occurrence.newest_versions), None)
        return Response(ClaimShape(claim).data)


def places() -> Prefetch[Any]:
    """Occurrences in reading order, each with its newest version, its spans and its chain: five queries in all."""
    spans = Anchor.objects.select_related("text_version").order_by("text_version__n", "piece")
    newest: QuerySet[OccurrenceVersion] = (
        OccurrenceVersion.objects.order_by("occurrence_id", "-n")
        .distinct("occurrence_id")
        .prefetch_related(Prefetch("anchors", spans), "hops")
    )
    rows = (
        ClaimOccurrence.objects.in_reading_order()
        .select_related("article__outlet")
        .prefetch_related(Prefetch("versions", newest, to_attr="newest_versions"))
    )
    return Prefetch("occurrences", rows, to_attr="occurrences_in_order")


JOBS = Listing({"state": Filter(one_of(*JOB.states), lambda state: Q(state=state), "State of the job.")})
ERRORS = Listing(orders={"created": Order(("id",))})


class Jobs(Endpoint):
    scopes = READING
    query = JOBS.parameters

    @operation("list_jobs", "List background jobs", answers={200: page_of(JobShape)}, listing=JOBS, tag="Jobs")
    def get(self, request: Request, project: str) -> Response:
        rows = Job.objects.in_project(self.find_project(project, "import"))
        return Response(JOBS.page(request, rows, lambda row: JobShape(row).data))


class OneJob(Endpoint):
    scopes = READING

    @operation("get_job", "Read a job", answers={200: JobShape}, examples={"answer": JOB_EXAMPLE}, tag="Jobs")
    def get(self, request: Request, pk: int) -> Response:
        return Response(JobShape(self.find(Job.objects.all(), pk, "import")).data)


class JobErrors(Endpoint):
    scopes = READING
    query = ERRORS.parameters

    @operation(
        "list_job_errors",
        "List what a job refused, line by line",
        answers={200: page_of(JobErrorShape)},
        listing=ERRORS,
        tag="Jobs",
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = JobError.objects.filter(job=self.find(Job.objects.all(), pk, "import"))
        return Response(ERRORS.page(request, rows, lambda row: JobErrorShape(row).data))


class CancelJob(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("cancel_job", "Cancel a job", answers={202: JobShape}, refuses=(409,), tag="Jobs")
    def post(self, request: Request, pk: int) -> Response:
        job = self.find(Job.objects.all(), pk, "import")
        cancel_job(job, by=self.user)
        job.refresh_from_db()
        return Response(JobShape(job).data, status=202)


class RetryJob(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "retry_job",
        "Run an import's failed part again, as a new job",
        answers={202: JobShape},
        refuses=(409,),
        tag="Jobs",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.actions import retry_failed

        job = self.find(Job.objects.all(), pk, "import")
        again = retry_failed(job, by=self.user)
        again.refresh_from_db()
        return Response(JobShape(again).data, status=202)
