"""Messages: on the page at once, by mail as chosen, and patient with a mail server that is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models.functions import Now
from django.test import Client

from claims import jobs, notices
from claims.models import Job, Notice, OutgoingMail, User
from claims.notices import choose_deliveries, send_digests, send_message
from claims.people.actions import change_role
from claims.tasks import run_job
from tests.factories import make_project, make_user, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db
HOSTILE = "<b>Mayor</b>\r\nBcc: everybody@sandmouth.example"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.MAIL_IS_ON = True


@pytest.fixture
def dead_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    return


def alice(**columns: Any) -> User:
    return make_user("alice", email="alice@sandmouth.example", **columns)


def test_it_works_a_message_stands_on_the_page_and_goes_out() -> None:
    user = alice()
    send_message(user, kind="deadline", subject="A round ends tomorrow", path="/help/")
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == ["alice@sandmouth.example"]
    assert "http://localhost:8000/help/" in str(letter.body)
    client = Client()
    client.force_login(user)
    assert "A round ends tomorrow" in client.get("/inbox/").content.decode()
    assert "1 unread" not in client.get("/inbox/").content.decode()
    notice = Notice.objects.get()
    assert client.post(f"/inbox/{notice.pk}/").headers["Location"] == "/help/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_xs_16_letters_are_plain_text_and_their_subject_holds_one_line() -> None:
    send_message(alice(), kind="deadline", subject=HOSTILE, body=HOSTILE)
    run_jobs()
    [letter] = mail.outbox
    message = letter.message()
    assert message.get_content_type() == "text/plain"
    assert message["Bcc"] is None
    assert "\n" not in letter.subject


def test_the_same_thing_is_told_once() -> None:
    user = alice()
    first = send_message(user, kind="deadline", subject="A round ends", key="round-1")
    again = send_message(user, kind="deadline", subject="A round ends", key="round-1")
    assert (first is not None, again) == (True, None)
    assert Notice.objects.count() == OutgoingMail.objects.count() == 1


def test_each_kind_can_be_switched_off_and_is_still_on_the_page() -> None:
    user = alice()
    client = Client()
    client.force_login(user)
    chosen = dict.fromkeys(notices.KINDS, "off")
    assert client.post("/inbox/mail/", chosen).status_code == 303
    assert client.post("/inbox/mail/", {**chosen, "deadline": "pigeon"}).status_code == 422
    send_message(user, kind="deadline", subject="A round ends")
    assert not OutgoingMail.objects.exists()
    assert Notice.objects.get().mail == "none"


def test_the_nights_letter_gathers_what_is_unread() -> None:
    user = alice()
    for n in range(3):
        send_message(user, kind="reopened", subject=f"Opened again: {n}")
    notices.mark_read(user, Notice.objects.earliest("pk").pk)
    assert (send_digests(), send_digests()) == (1, 0)
    run_jobs()
    [letter] = mail.outbox
    assert letter.subject == "2 messages for you"
    assert "Opened again: 0" not in letter.body


def test_what_was_switched_off_by_night_is_not_in_the_nights_letter() -> None:
    user = alice()
    send_message(user, kind="reopened", subject="Opened again")
    send_message(user, kind="overruled", subject="Settled otherwise")
    choose_deliveries(user, {"reopened": "off"})
    assert send_digests() == 1
    run_jobs()
    assert "Opened again" not in mail.outbox[0].body
    choose_deliveries(user, {"overruled": "off"})
    send_message(user, kind="reopened", subject="Opened again")
    assert send_digests() == 0


@pytest.mark.usefixtures("dead_server")
def test_ft_29_a_mail_server_that_is_down_makes_letters_wait() -> None:
    send_message(alice(), kind="deadline", subject="A round ends")
    run_jobs()
    letter = OutgoingMail.objects.get()
    assert (letter.state, letter.attempts) == ("waiting", 1)
    assert Job.objects.get(kind="send_mail").state == "succeeded"
    for _ in notices.WAITS:
        OutgoingMail.objects.update(due_at=Now() - timedelta(seconds=1))
        notices.wake_mail()
        run_jobs()
    letter.refresh_from_db()
    assert letter.state == "failed"


def test_letters_that_went_out_keep_no_text() -> None:
    send_message(alice(), kind="deadline", subject="A round ends")
    run_jobs()
    assert OutgoingMail.objects.get().body == ""
    OutgoingMail.objects.update(sent_at=Now() - timedelta(days=31))
    notices.forget_old_mail()
    assert not OutgoingMail.objects.exists()


def test_nobody_opens_the_messages_of_somebody_else() -> None:
    notice = send_message(alice(), kind="deadline", subject="A round ends")
    assert notice is not None
    client = Client()
    client.force_login(make_user("bob"))
    assert client.post(f"/inbox/{notice.pk}/").status_code == 404
    client.post("/inbox/read/")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_people_hear_of_their_role_and_of_jobs_that_ended() -> None:
    project = make_project(alice="reviewer")
    owner = owner_of(project)
    change_role(project, user=member(project, "alice"), role="curator", by=owner)
    subjects = Notice.objects.filter(user=member(project, "alice")).values_list("subject", flat=True)
    assert "Your role changed from reviewer to curator" in subjects
    job = jobs.enqueue("import_articles", project=project, by=owner)
    Job.objects.filter(pk=job.pk).update(
        state="failed", reason="unreadable", sentence="It cannot be read.", ended_at=Now()
    )
    run_job(job.pk)
    run_job(job.pk)
    assert [n.subject for n in Notice.objects.filter(user=owner)] == ["Your import failed"]


def test_choices_hold_from_the_next_message_on() -> None:
    user = alice()
    choose_deliveries(user, {"job_finished": "at_once"})
    choose_deliveries(user, {"job_finished": "digest"})
    send_message(user, kind="job_finished", subject="Your import succeeded")
    assert Notice.objects.get().mail == "digest"
