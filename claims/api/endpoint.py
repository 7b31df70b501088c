"""What every endpoint does before its method: read the request strictly, know who asks, count, and check the scope."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote_to_bytes

from django.db import models
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from claims.api.authentication import READ, SESSION, BearerToken, PageSession, check_scope
from claims.api.bodies import PlainBytes, ReceivedFile, StrictJSON
from claims.api.problems import answer_problem
from claims.api.schema import ScopedSchema
from claims.errors import Conflict, NotFound, Refused
from claims.models import ApiToken, Project, User
from claims.people.access import Allowance, count_request, once
from claims.permissions import check_deed

READING_METHODS = ("GET", "HEAD")
PER_TOKEN = 300
PER_SESSION = 300
PER_SESSION_LABELLING = 6_000
BODY_BYTES = 1_000_000
ARTICLE_BODY_BYTES = 8_000_000
FILE_BYTES = 50_000_000
Row = TypeVar("Row", bound=models.Model)


class AlwaysJSON(DefaultContentNegotiation):
    """Every answer is JSON, whatever was asked for; `?format=` is an unknown filter like any other."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Ascii(JSONRenderer):
    ensure_ascii = True


class AnyJSON(JSONRenderer):
    """JSON of anything that was sent, also of half a surrogate pair, which UTF-8 cannot hold and JSON can say."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        try:
            said: bytes = super().render(data, *args, **kwargs)
        except UnicodeEncodeError:
            said = Ascii().render(data, *args, **kwargs)
        return said


class Endpoint(APIView):
    """Base of all views. `scopes` names for each method which scopes of a token open it; none opens an unnamed one."""

    scopes: ClassVar[Mapping[str, frozenset[str]]] = {}
    query: ClassVar[frozenset[str]] = frozenset()  # parameters the address takes when it is read
    query_of_writing: ClassVar[frozenset[str]] = frozenset()  # and those of any other method
    is_labelling: ClassVar[bool] = False
    body_limit: ClassVar[int] = BODY_BYTES
    version_wanted: ClassVar[str] = "Say which version you change: send the ETag you read in the header If-Match."

    authentication_classes = (BearerToken, PageSession)
    permission_classes = ()  # `initial` checks: deny by default
    parser_classes: tuple[type[BaseParser], ...] = (StrictJSON,)
    renderer_classes = (AnyJSON,)
    content_negotiation_class = AlwaysJSON
    metadata_class = None  # no OPTIONS
    schema = ScopedSchema()
    request_id = ""
    allowance: Allowance | None = None

    @property
    def allowed_methods(self) -> list[str]:
        return [method for method in super().allowed_methods if method != "OPTIONS"]

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return answer_problem

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.request_id = getattr(request._request, "request_id", "") or uuid.uuid4().hex
        refuse_unreadable(request)
        self.perform_authentication(request)
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        self.allowance = self.count(request)
        method = request.method or ""
        if method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(method)
        check_scope(self.token, self.scopes.get("GET" if method == "HEAD" else method, frozenset({SESSION})))
        refuse_unknown_parameters(request, self.query if method in READING_METHODS else self.query_of_writing)

    def count(self, request: Request) -> Allowance:
        """Count the request before anything else is looked at, and refuse it when the minute's share is used up."""
        if request.auth is not None:
            key, limit = f"token:{request.auth.pk}", PER_TOKEN
        elif self.is_labelling:
            key, limit = f"labelling:{request.user.pk}", PER_SESSION_LABELLING
        else:
            key, limit = f"session:{request.user.pk}", PER_SESSION
        self.allowance = count_request(key, limit)
        if self.allowance.is_spent:
            raise Refused(
                "rate_limited",
                f"At most {limit} requests a minute. Wait {self.allowance.seconds_left} seconds.",
                status=429,
            )
        return self.allowance

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Request-Id"] = self.request_id
        response["Cache-Control"] = "no-store"
        if self.allowance is not None:
            response["RateLimit-Limit"] = str(self.allowance.limit)
            response["RateLimit-Remaining"] = str(self.allowance.remaining)
            response["RateLimit-Reset"] = str(self.allowance.seconds_left)
            if response.status_code == 429:
                response["Retry-After"] = str(self.allowance.seconds_left)
        return response

    # --- what views ask for -------------------------------------------------------------------------------------

    @property
    def user(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise exceptions.NotAuthenticated
        return user

    @property
    def token(self) -> ApiToken | None:
        return self.request.auth if isinstance(self.request.auth, ApiToken) else None

    def find_project(self, slug: str, deed: str = "see_project") -> Project:
        """The project, if the person is in it, the token reaches it, and the role allows the deed."""
        rows = Project.objects.visible_to(self.user).annotate(asker_role=models.F("membership__role"))
        found: Project | None = rows.filter(slug=slug).first()
        if found is None or not self._reaches(found.pk):
            raise NotFound
        check_deed(deed, vars(found)["asker_role"], found.pk)
        return found

    def find(self, rows: models.QuerySet[Row], pk: int, deed: str = "see_project", through: str = "project") -> Row:
        """The row of a project that the person is in; missing, foreign and out of the token's reach are one answer."""
        row = (
            rows.filter(**{f"{through}__membership__user": self.user}, pk=pk)
            .annotate(asker_role=models.F(f"{through}__membership__role"), asker_project=models.F(f"{through}__id"))
            .first()
        )
        if row is None or not self._reaches(vars(row)["asker_project"]):
            raise NotFound
        check_deed(deed, vars(row)["asker_role"], vars(row)["asker_project"])
        return row

    def _reaches(self, project_id: int) -> bool:
        return self.token is None or self.token.project_id in (None, project_id)

    def body(self, serializer: type[Any], **options: Any) -> dict[str, Any]:
        """The body as the serializer's plain values; refused with every fault listed."""
        shape = serializer(data=self.request.data, **options)
        shape.is_valid(raise_exception=True)
        values: dict[str, Any] = shape.validated_data
        return values

    def create_once(self, act: Callable[[], tuple[int, Mapping[str, Any]]]) -> Response:
        """Do what creates something; with an Idempotency-Key, repeats get the first answer."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            status, body = act()
            return Response(body, status=status)
        answer = once(self.user, key, self.request_digest(), act)
        headers = {"Idempotency-Replayed": "true"} if answer.is_repeat else None
        return Response(answer.body, status=answer.status, headers=headers)

    def request_digest(self) -> str:
        """SHA-256 (hex) of what makes two requests the same: method, address, body (as values), token's reach."""
        said = AnyJSON().render([self.request.method, self.request.path, self.request.data])
        return hashlib.sha256(said).hexdigest()

    def expected_version(self) -> int:
        """The version that the client saw, from `If-Match: "3"`; refused with 428 when it is missing."""
        bare = self.expected_tag().strip('"')
        return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 19 else -1

    def expected_tag(self) -> str:
        """The ETag that the client read, as the header If-Match gives it; refused with 428 when it is missing."""
        given = self.request.headers.get("If-Match")
        if given is None:
            raise Refused("version_required", self.version_wanted, status=428)
        return given.strip()


class FileEndpoint(Endpoint):
    """An address that takes a file as the body, as it is, and what there is to say of it as parameters."""

    parser_classes = (PlainBytes,)
    body_limit = FILE_BYTES

    def parameters(self, serializer: type[Any]) -> dict[str, Any]:
        """What the address says, as the serializer's plain values; refused with every fault listed."""
        shape = serializer(data=self.request.query_params.dict())
        shape.is_valid(raise_exception=True)
        values: dict[str, Any] = shape.validated_data
        return values

    @contextmanager
    def received(self, name: str) -> Iterator[ReceivedFile]:
        """The file that was sent, under the name that was given. Raises Refused `nothing_to_import`."""
        file = self.request.data
        if not isinstance(file, ReceivedFile):
            raise Refused("nothing_to_import", "The body is empty. Send the bytes of the file as they are.")
        file.name = name
        with file:
            yield file

    def request_digest(self) -> str:
        asked, file = self.request, self.request.data
        content = file.sha256 if isinstance(file, ReceivedFile) else ""
        said = JSONRenderer().render([asked.method, asked.path, sorted(asked.query_params.items()), content])
        return hashlib.sha256(said).hexdigest()


def check_version(expected: int, current: int, body: Mapping[str, Any]) -> None:
    if expected != current:
        raise Conflict("stale_version", "Somebody changed this meanwhile. Read it again.", current=body)


def check_tag(expected: str, body: Mapping[str, Any]) -> None:
    """`body` is what stands now, read under its lock."""
    check_version(int(expected == etag(body)), 1, body)


def etag(body: Mapping[str, Any]) -> str:
    """A strong validator (RFC 9110, 8.8.3) of what has no number of its own: 32 hex digits of the body's SHA-256."""
    return f'"{hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:32]}"'


def tagged(body: Mapping[str, Any]) -> Response:
    """What was read, with the tag that a change of it has to name (AP-14)."""
    return Response(body, headers={"ETag": etag(body)})


def refuse_unreadable(request: Request) -> None:
    """NUL and what is not UTF-8 have no place in addresses and cookies (they would fail later, in the database)."""
    try:
        raw = unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise Refused("invalid_characters", "The address holds bytes that are not UTF-8.", status=400) from None
    if "\0" in raw or any("\0" in value for value in request.COOKIES.values()):
        raise Refused("invalid_characters", "The address or a cookie holds a NUL character.", status=400)


def refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    for name, values in request._request.GET.lists():
        if name not in known:
            offered = f"Known here: {', '.join(sorted(known))}." if known else "None is known here."
            raise Refused("unknown_filter", f"There is no parameter {name[:60]!r}. {offered}", status=400)
        if len(values) > 1:
            raise Refused("repeated_filter", f"The parameter {name} is given {len(values)} times.", status=400)


def scopes(**methods: str | tuple[str, ...]) -> dict[str, frozenset[str]]:
    """`scopes(GET=READ, POST=(LABEL, WRITE))`"""
    return {method: frozenset((names,) if isinstance(names, str) else names) for method, names in methods.items()}


READING = scopes(GET=READ)
