"""Where a project tells other programs what happens."""

from __future__ import annotations

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import Webhook, WebhookDelivery
from claims.models.webhook import WEBHOOK_EVENTS
from claims.web.once import go_and_show, secret_of, shown
from claims.web.page import Here, go, project_page, show
from claims.web.wording import WordedForm
from claims.webhooks import create_webhook, remove_webhook, resume_webhook

EVENT_WORDS = {
    "label.settled": "a label was settled",
    "job.ended": "a job ended",
    "release.ready": "a release is ready",
    "reviewer.paused": "a reviewer was paused",
}


class WebhookForm(WordedForm):
    url = forms.CharField(max_length=2000, error_messages={"required": "Give the address to tell."})
    events = forms.MultipleChoiceField(
        choices=[(event, EVENT_WORDS[event]) for event in WEBHOOK_EVENTS],
        error_messages={"required": "Choose at least one event."},
    )


@project_page("manage_people", tab="people")
def webhooks(request: HttpRequest, here: Here) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _, secret = create_webhook(here.project, by=here.user, **form.cleaned_data)
            return go_and_show(secret, "webhooks", here.slug)
        except Refused as refusal:
            form.add_error("url", refusal.sentence)
            status = refusal.status
    waiting, failed = (Count("deliveries", filter=Q(deliveries__state=state)) for state in ("waiting", "failed"))
    rows = Webhook.objects.in_project(here.project).annotate(waiting=waiting, failed=failed).order_by("id")
    recent = WebhookDelivery.objects.filter(webhook__project=here.project).select_related("webhook").order_by("-id")
    page = show(
        request,
        "webhooks",
        here,
        form=form,
        secret=secret_of(request),
        webhooks=rows,
        deliveries=recent[:30],
        status=status if status != 200 else 422 if form.errors else 200,
    )
    return shown(request, page)


@require_POST
@project_page("manage_people", tab="people")
def change(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = Webhook.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if row is None:
        raise NotFound
    if request.POST.get("deed") == "resume":
        resume_webhook(row, by=here.user)
    else:
        remove_webhook(row, by=here.user)
    return go("webhooks", here.slug)
