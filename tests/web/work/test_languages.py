"""The labelling path in other languages: each word is marked, each marked word is translated, figures stay figures."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from claims.adjudication.desk.deeds import DEEDS, DESK_PRESETS
from claims.adjudication.reviews import SUBJECTS
from claims.errors import Conflict, Sentence
from claims.labelling.question_words import KIND_WORDS, UNIT_WORDS
from claims.management.catalogues import compiled, read_catalogue
from claims.models import Round
from claims.models.consent import CONSENT_VERBS
from claims.models.project import ROLES
from claims.notices import KINDS
from claims.vocabulary import QUESTION_KINDS, UNIT_KINDS
from claims.web.account.about_me import LEANING_WORDS
from claims.web.account.inbox import DELIVERY_WORDS
from claims.web.page import GOAL_NAMES, TABS, TITLES
from claims.web.results.desk import PUT_HERE, RATING_WORDS, STATE_WORDS
from claims.web.said import refusal_said
from claims.web.work.answer_form import INDEPENDENCES, MISSING_REASONS, SOURCE_KINDS
from claims.web.work.label import SKIP_REASONS
from tests.adjudication.test_desk import brought_to
from tests.factories import make_project, make_round, member
from tests.web.work.test_label import draw

LANGUAGES = ("de", "tr")
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PATH = [
    *(
        "label",
        "_keys",
        "_guideline",
        "_label_text",
        "_veil",
        "label_text",
        "_label_outlet",
        "_label_survey",
        "label_conflict",
        "_account_menu",
        "_tabs",
        "_script_words",
        "refused",
    ),
    *("my_labels", "thread", "overruled", "_pages"),
    *("desk", "desk_item", "qualification"),
    *("_round_plan", "_round_start", "_round_mine", "_round_questions"),
    *("home", "inbox", "inbox_mail", "about_me", "consent", "sessions", "rounds"),
    *(f"../{name}" for name in ("base_error", "400", "403", "403_csrf", "404", "429", "500")),
    *(f"questions/{name.stem}" for name in sorted((TEMPLATES / "claims/questions").glob("*.html"))),
]
MARKED = re.compile(r"""\{% translate (?:"([^"]*)"|'((?:[^'\\]|\\.)*)') %\}|_\("([^"]*)"\)""")
BLOCK = re.compile(r"\{% blocktranslate[^%]*%\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
# What a reader sees as it is: keys on the keyboard and template code are no words.
NO_WORDS = re.compile(
    r"\{% block (?:body_attributes|main_class) %\}.*?\{% endblock %\}|"
    r"\{% blocktranslate.*?endblocktranslate %\}|<kbd[^>]*>[^<{]*</kbd>|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
    re.DOTALL,
)
CLAIMS = Path(settings.BASE_DIR) / "claims"
# Where what a reviewer may be refused comes from; every sentence there is one that can be translated.
REFUSING = [
    CLAIMS / "permissions.py",
    *(CLAIMS / "assignment" / f"{name}.py" for name in ("limits", "panels")),
    *(CLAIMS / "labelling" / f"{name}.py" for name in ("answer_faults", "answers", "comments", "evidence", "marked")),
    CLAIMS / "labelling" / "submission.py",
    *(CLAIMS / "adjudication" / "desk" / f"{name}.py" for name in ("actions", "deeds")),
]
RAISED = {"Refused": 1, "Conflict": 1, "NotPermitted": 1, "Problem": 2, "_ends": 1}


def calls(path: Path) -> list[ast.Call]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]


def marked_sentences() -> set[str]:
    found = [call.args[0] for path in CLAIMS.rglob("*.py") for call in calls(path) if name_of(call) == "Sentence"]
    assert all(isinstance(words, ast.Constant) for words in found), "a msgid is written out where it is used"
    return {str(words.value) for words in found if isinstance(words, ast.Constant)}


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


SENTENCES = marked_sentences()
SHOWN_ATTRIBUTES = re.compile(r'(?:aria-label|placeholder|title|alt)="([^"]*[A-Za-z]{2}[^"]*)"')


def source(name: str) -> str:
    return (TEMPLATES / "claims" / f"{name}.html").read_text()


def msgids() -> set[str]:
    found = {*(TABS[tab][0] for tab in TABS), *SKIP_REASONS.values(), *SOURCE_KINDS.values(), *INDEPENDENCES.values()}
    found |= set(SUBJECTS.values())
    found |= {words for words, _ in MISSING_REASONS.values()} | {"%d added", "%d marked"}
    found |= {*SENTENCES, *TITLES.values()}
    found |= {words for pair in STATE_WORDS.values() for words in pair if words} | {*RATING_WORDS.values(), PUT_HERE}
    found |= {words for deed in DEEDS.values() for words in (deed.title, deed.done)}
    found |= {words for words, _ in KINDS.values()} | {*GOAL_NAMES.values(), *ROLES, *CONSENT_VERBS}
    with translation.override("en"):
        found |= {str(words) for words in (*DELIVERY_WORDS.values(), *LEANING_WORDS.values())}
        found |= {str(words) for words in (*KIND_WORDS.values(), *UNIT_WORDS.values())}
    found |= {question for preset in DESK_PRESETS.values() for question in preset.questions}
    for text in [(TEMPLATES / "base.html").read_text(), *map(source, PATH)]:
        found |= {next(filter(None, match)) for match in MARKED.findall(text)}
        found |= {re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block) for block in BLOCK.findall(text)}
    return found


def written(language: str) -> str:
    return (Path(settings.BASE_DIR) / f"annotator/locale/{language}/LC_MESSAGES/django.po").read_text(encoding="utf-8")


def catalogue(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in read_catalogue(written(language)) if message.id}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("de", "Beleg hinzufügen"), ("tr", "Kanıt ekle"), ("", "Add evidence")]
)
def test_it_works(client: Client, language: str, words: str) -> None:
    round_: Round = make_round(make_project(alice="reviewer"), units=1)
    client.force_login(member(round_.project, "alice"))
    if language:
        assert client.post("/appearance/", {"language": language, "next": "/"}).status_code == 302
    body = client.get(draw(round_)).content.decode()
    assert words in body
    assert f'<html lang="{language or "en"}"' in body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["eines wählen", "offen</span>", "Belege aufführen", "schreiben", "jede Behauptung an ihrer Stelle"]),
        ("tr", ["birini seçin", "açık</span>", "kanıtları sıralayın", "yazın", "bulunduğu yerde her iddia"]),
        ("en", ["choose one", "open</span>", "list evidence", "write", "each claim where it stands"]),
    ],
)
def test_the_page_of_a_round_says_what_one_does_in_each_question(
    client: Client, language: str, words: list[str]
) -> None:
    """Not with the names that statistics has for it."""
    round_: Round = make_round(make_project(alice="reviewer"), units=1)
    client.force_login(member(round_.project, "alice"))
    client.post("/appearance/", {"language": language, "next": "/"})
    body = client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/").content.decode()
    assert [said for said in words if said not in body] == []
    assert [code for code in ("nominal", "claim occurrence") if code in body] == []


def test_every_kind_and_every_unit_has_words() -> None:
    assert (set(KIND_WORDS), set(UNIT_WORDS)) == (set(QUESTION_KINDS), set(UNIT_KINDS))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_word_is_translated(language: str) -> None:
    known = catalogue(language)
    assert {msgid for msgid in msgids() if not known.get(msgid)} == set()
    assert len(msgids()) > 150


@pytest.mark.parametrize("name", PATH)
def test_every_word_is_marked(name: str) -> None:
    """What stands between tags, or in an attribute that is shown or read out, is marked."""
    bare = NO_WORDS.sub("", source(name))
    shown = re.findall(r">([^<>]*)<", f">{bare}<")
    words = [part.strip() for part in shown if re.search(r"[A-Za-z]{2}", part)]
    assert [*words, *SHOWN_ATTRIBUTES.findall(bare)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    holes = re.compile(r"%\(\w+\)s|%d|\{\w*\}")
    wrong = {a for a, b in catalogue(language).items() if a and sorted(holes.findall(a)) != sorted(holes.findall(b))}
    assert wrong == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_is_that_of_its_source_and_gettext_reads_it(language: str) -> None:
    path = Path(settings.BASE_DIR) / f"annotator/locale/{language}/LC_MESSAGES/django.mo"
    assert path.read_bytes() == compiled(read_catalogue(written(language))), "run manage.py compile_translations"
    with path.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Submit") == catalogue(language)["Submit"]


def test_figures_keep_their_point() -> None:
    """They stand in attributes and drawings."""
    for language in LANGUAGES:
        with translation.override(language):
            assert Template("{{ x }}").render(Context({"x": 1234.5})) == "1234.5"


def test_every_sentence_of_the_scripts_stands_in_the_page_in_its_language() -> None:
    folder = Path(settings.BASE_DIR) / "static/js"
    scripts = [folder / "label.js", *sorted((folder / "labelling").glob("*.js"))]
    told = {words for path in scripts for words in re.findall(r'tell\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))}
    offered = set(re.findall(r'data-english="([^"]+)"', source("_script_words")))
    assert (told, len(told) > 25) == (offered, True)
    loose = re.compile(r'(?:say\((?:item, )?|textContent = )["`][A-Z“]')
    assert [path.name for path in scripts if loose.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", REFUSING, ids=lambda path: path.stem)
def test_no_refusal_is_said_in_english_alone(path: Path) -> None:
    raising = [call for call in calls(path) if name_of(call) in RAISED and len(call.args) > 1]
    raised = [call.args[RAISED[name_of(call)]] for call in raising]
    plain = [node for node in raised if isinstance(node, ast.Constant | ast.JoinedStr)]
    assert [f"{path.name}:{node.lineno}" for node in plain] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["Abzeichnung", "Bevor Sie entscheiden", "Zur Abzeichnung weitergeben", "Zweite redigiert, wer weder"]),
        ("tr", ["Onay", "Karar vermeden önce", "Onaya gönder", "İkinci editör, onu ne yazmış"]),
        ("en", ["Sign-off", "Before you decide", "Pass on for sign-off", "somebody who neither wrote nor assigned"]),
    ],
)
def test_the_desk_speaks_ones_language(client: Client, language: str, words: list[str]) -> None:
    item = brought_to("second_edit")
    client.force_login(member(item.project, "carol"))  # who assigned it: what she cannot do is said with the reason
    client.post("/appearance/", {"language": language, "next": "/"})
    address = f"/p/{item.project.slug}/desk/{item.pk}/"
    body = client.get(address).content.decode()
    assert [part for part in words if part not in body] == []
    refused = client.post(address, {"deed": "pass", "version": item.version}).content.decode()
    assert refused.count(words[3]) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "“ hat keine Antwort. Wählen Sie eine Antwort, oder sagen Sie, warum es keine gibt."),
        ("tr", "” yanıtsız. Bir yanıt seçin ya da neden olmadığını söyleyin."),
        ("en", "” has no answer. Choose an answer, or say why there is none."),
    ],
)
def test_a_refusal_is_said_in_ones_language(client: Client, language: str, words: str) -> None:
    round_: Round = make_round(make_project(alice="reviewer"), units=1)
    client.force_login(member(round_.project, "alice"))
    client.post("/appearance/", {"language": language, "next": "/"})
    sent = {"idempotency_key": "a" * 32, "codebook_version": round_.codebook_version_id}
    answer = client.post(draw(round_), sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert words in answer.json()["problems"][0]["sentence"]
    assert answer.json()["sentence"] == " ".join(problem["sentence"] for problem in answer.json()["problems"])


def test_what_fills_a_sentence_is_translated_with_it() -> None:
    paused = Sentence("The round is {state}. Its labels are kept; new ones are not taken.", state=Sentence("paused"))
    refusal = Conflict("round_not_open", paused, current={"state": "paused"})
    with translation.override("de"):
        shown = refusal_said(refusal)
    assert shown.sentence.startswith("Die Runde ist angehalten.")
    assert (shown.code, shown.status, shown.current) == ("round_not_open", 409, {"state": "paused"})
    assert refusal.sentence.startswith("The round is paused.")
