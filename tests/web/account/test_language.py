"""A language per person: chosen once, it holds in the next browser and in letters."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims import notices
from claims.assignment.deadlines import tell_deadlines
from claims.models import Notice, OutgoingMail, Round, User, UserLanguage
from tests.factories import PASSWORD, label_next, make_project, make_round, make_user, member, reviewer
from tests.web.work.test_languages import LANGUAGES, catalogue

pytestmark = pytest.mark.django_db
LETTERS = (
    *("notices", "assignment/deadlines", "splitting/carrying", "adjudication/controls", "web/account/door"),
    "adjudication/desk/actions",
    *("labelling/voting", *(f"web/account/{name}" for name in ("about_me", "consent", "sessions", "inbox"))),
)
TRANSLATING = {"_", "gettext", "gettext_lazy"}


def choose(client: Client, language: str) -> None:
    assert client.post("/appearance/", {"language": language, "next": "/inbox/mail/"}).status_code == 302


def test_it_works_in_the_next_browser(client: Client) -> None:
    user = make_user("alice")
    client.force_login(user)
    choose(client, "de")
    assert UserLanguage.objects.get().code == "de"
    elsewhere = Client()
    elsewhere.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert '<html lang="de"' in elsewhere.get("/inbox/").content.decode()
    choose(elsewhere, "tr")
    assert UserLanguage.objects.get().code == "tr"


def test_who_chose_none_has_that_of_the_browser(client: Client) -> None:
    make_user("alice")
    client.post("/appearance/", {"language": "tr"})
    assert not UserLanguage.objects.exists()
    client.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert '<html lang="tr"' in client.get("/inbox/").content.decode()


@pytest.mark.parametrize("language", ["", "xx", "de'--", "DE", "de\0"])
def test_a_language_that_is_not_offered_is_not_kept(client: Client, language: str) -> None:
    client.force_login(make_user("alice"))
    client.post("/appearance/", {"language": language})
    assert not UserLanguage.objects.exists()


@pytest.mark.parametrize(
    ("language", "subject", "footer"),
    [
        ("de", "Eine Ihrer Runden nimmt neue Einheiten bis", "Wählen Sie, was Ihnen geschickt wird:"),
        ("tr", "Turlarınızdan biri", "Size ne gönderileceğini seçin:"),
        (None, "A round of yours takes new units until", "Choose what is sent to you:"),
    ],
)
def test_letters_are_in_the_language_of_who_reads_them(
    monkeypatch: pytest.MonkeyPatch, language: str | None, subject: str, footer: str
) -> None:
    """The deadline of a round, told by the worker, whose own language is that of the installation."""
    monkeypatch.setattr(settings, "MAIL_IS_ON", True)
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2)
    alice = member(project, "alice")
    User.objects.filter(pk=alice.pk).update(email="alice@sandmouth.example")
    if language:
        notices.choose_language(alice, language)
    label_next(round_, reviewer(project, "alice"))
    Round.objects.update(deadline=timezone.now() + timedelta(hours=3))
    assert tell_deadlines() == 1
    told, letter = Notice.objects.get(kind="deadline"), OutgoingMail.objects.get(user=alice)
    assert told.subject.startswith(subject)
    assert letter.subject == told.subject
    assert footer in letter.body


def test_a_language_that_is_no_longer_offered_is_that_of_the_installation() -> None:
    alice = make_user("alice")
    UserLanguage.objects.create(user=alice, code="fi")
    notices.send_message(alice, kind="account", subject=_("Your work is paused"))
    assert Notice.objects.get().subject == "Your work is paused"


def marked_words(path: Path) -> set[str]:
    """What a module marks for translation."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in TRANSLATING]
    return {str(call.args[0].value) for call in named if isinstance(call.args[0], ast.Constant)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("module", LETTERS)
def test_every_word_of_a_letter_is_translated(language: str, module: str) -> None:
    words = marked_words(Path(settings.BASE_DIR) / f"claims/{module}.py")
    assert words
    assert {word for word in words if not catalogue(language).get(word)} == set()
