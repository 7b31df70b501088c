"""The reference: Django and psycopg with one statement each, and nothing else of what a product needs.

No login, no checks, no history. Started by the benchmark as a process of its own: BENCHMARK_DATABASE holds the
connection as JSON.
"""

from __future__ import annotations

import json
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

TABLES = """
CREATE TABLE bare_slot (
    id bigint PRIMARY KEY, position integer NOT NULL, state smallint NOT NULL DEFAULT 0, reviewer bigint
);
CREATE TABLE bare_label (id bigserial PRIMARY KEY, slot bigint NOT NULL UNIQUE, reviewer bigint NOT NULL, answer jsonb);
INSERT INTO bare_slot (id, position) SELECT n, n FROM generate_series(1, {slots}) AS n;
CREATE INDEX bare_slot_open ON bare_slot (position) WHERE state = 0;
ANALYZE bare_slot;
"""
NEXT = """
UPDATE bare_slot SET state = 1, reviewer = %s
WHERE id = (SELECT id FROM bare_slot WHERE state = 0 ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
SUBMIT = """
WITH held AS (UPDATE bare_slot SET state = 2 WHERE id = %s AND reviewer = %s AND state = 1 RETURNING id)
INSERT INTO bare_label (slot, reviewer, answer) SELECT id, %s, %s::jsonb FROM held RETURNING id
"""


def draw(request: HttpRequest, reviewer: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [reviewer])
        row = cursor.fetchone()
    return with_length(JsonResponse({"unit": row[0] if row else None, "codebook_version": 1}))


def submit(request: HttpRequest, reviewer: int, unit: int) -> HttpResponse:
    answer = json.dumps(json.loads(request.body)["answers"])
    with connection.cursor() as cursor:
        cursor.execute(SUBMIT, [unit, reviewer, reviewer, answer])
        row = cursor.fetchone()
    return with_length(JsonResponse({"seq": row[0] if row else None}, status=201 if row else 409))


def with_length(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("<int:reviewer>/next/", draw), path("<int:reviewer>/units/<int:unit>/label/", submit)]

if "BENCHMARK_DATABASE" in os.environ and not settings.configured:
    where = json.loads(os.environ["BENCHMARK_DATABASE"])
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, **where}},
        MIDDLEWARE=[],
        ROOT_URLCONF=__name__,
        SECRET_KEY=os.urandom(32).hex(),
    )
    application = get_wsgi_application()
