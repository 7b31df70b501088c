"""Faults of forms are said in the words of the house, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.utils import translation

from claims.models import Round
from claims.web.wording import WORDS, WordedForm
from tests.factories import make_project, owner_of
from tests.web.account.test_language import marked_words
from tests.web.work.test_languages import LANGUAGES, catalogue


class Visit(WordedForm):
    name = forms.CharField(max_length=5, error_messages={"required": "Give the project a name."})
    n = forms.IntegerField(min_value=1, max_value=9)
    day = forms.DateField()
    mail = forms.EmailField()
    goal = forms.ChoiceField(choices=[("a", "a")])
    goals = forms.MultipleChoiceField(choices=[("a", "a")])
    rounds = forms.ModelMultipleChoiceField(Round.objects.none())
    table = forms.FileField()


STOCK = ("Enter a", "Ensure this", "Select a valid", "This field is required", "No file was submitted")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, {"name": "Give the project a name.", "n": "Fill this in.", "table": "Choose a file."}),
        ({"name": "a longer one"}, {"name": "This has 12 characters; at most 5 are taken. Shorten it."}),
        ({"n": "x"}, {"n": "Write a whole number, as 12."}),
        ({"n": "0"}, {"n": "The least is 1."}),
        ({"n": "10"}, {"n": "The most is 9."}),
        ({"day": "30.2."}, {"day": "Write the day as year, month, day: 2026-03-09."}),
        ({"mail": "ada"}, {"mail": "This is no mail address. Write it as name@example.org."}),
        ({"goal": "b"}, {"goal": "“b” is not among the choices. Choose one of them."}),
        ({"goals": ["b"]}, {"goals": "“b” is not among the choices. Choose one of them."}),
        ({"rounds": ["7"]}, {"rounds": "That is not among the choices any more. Choose one of them."}),
    ],
)
@pytest.mark.django_db
def test_a_fault_says_what_to_do(sent: dict[str, str], said: dict[str, str]) -> None:
    form = Visit(sent, {})
    with translation.override("en"):
        found = {name: [str(words) for words in errors] for name, errors in form.errors.items()}
    assert {name: found[name][0] for name in said} == said
    assert not [words for errors in found.values() for words in errors if words.startswith(STOCK)]


@pytest.mark.django_db
def test_every_form_of_the_pages_is_one_of_them(client: Client) -> None:
    pages = sorted((Path(settings.BASE_DIR) / "claims/web").rglob("*.py"))
    assert [path.name for path in pages if "(forms.Form)" in path.read_text()] == ["wording.py"]
    project = make_project()
    client.force_login(owner_of(project))
    answer = client.post(f"/p/{project.slug}/releases/", {"formats": ["jsonl"], "first_day": "soon"})
    assert answer.status_code == 422
    assert "Write the day as year, month, day" in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    known = catalogue(language)
    words = marked_words(Path(settings.BASE_DIR) / "claims/web/wording.py")
    assert len(words) > 12
    assert {one for one in words if not known.get(one)} == set()
    with translation.override(language):
        assert str(WORDS[forms.Field]["required"]) == known["Fill this in."]
