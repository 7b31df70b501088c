"""The numbers behind /metrics, read from the database when asked: right for any number of processes and machines."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Max
from django.db.models.functions import Now
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from annotator.operation.health import SILENCE, health
from claims.models import Heartbeat, Job, LabelEvent

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector())
    return generate_latest(registry)


class DatabaseCollector:
    """No label carries a person, a project or a host: a metrics store keeps what it gets for long."""

    def collect(self) -> Iterable[Metric]:
        yield _by_word("attest_part_is_well", "1 where a part answers", "part", _health())
        yield _by_word("attest_jobs", "Jobs by state", "state", _jobs())
        waiting = GaugeMetricFamily("attest_job_longest_wait_seconds", "Age of the oldest job that is due")
        waiting.add_metric([], _longest_wait())
        yield waiting
        submitted = GaugeMetricFamily("attest_label_events", "Label events ever written (highest number given)")
        submitted.add_metric([], LabelEvent.objects.aggregate(last=Max("pk"))["last"] or 0)
        yield submitted
        yield _by_word("attest_processes", "Processes that said they live", "component", _processes())


def _by_word(name: str, about: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for word, value in sorted(values.items()):
        family.add_metric([word], value)
    return family


def _health() -> dict[str, int]:
    return {part: int(state == "ok") for part, state in health().items()}


def _jobs() -> dict[str, int]:
    return dict(Job.objects.order_by().values_list("state").annotate(n=Count("pk")))


def _longest_wait() -> float:
    oldest = Job.objects.due().order_by("due_at").annotate(now=Now()).values_list("now", "due_at").first()
    return (oldest[0] - oldest[1]).total_seconds() if oldest else 0.0


def _processes() -> dict[str, int]:
    alive = Heartbeat.objects.filter(seen_at__gt=Now() - SILENCE)
    return dict(alive.order_by().values_list("component").annotate(n=Count("pk")))
