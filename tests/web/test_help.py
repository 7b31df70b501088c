from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.test import Client

from claims.credibility.profile import REASONS as OUTLET_REASONS
from claims.exporting.records import TABLES
from claims.exporting.writers import WRITERS
from claims.importing.readers import EXTENSIONS, READERS
from claims.importing.readers.columns import ALIASES
from claims.labelling.codebook import PRESETS, load_preset, spec_from_toml
from claims.lifecycle import LIFECYCLES
from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.scales import WEIGHTS
from claims.statistics.score import REASONS
from claims.statistics.sets import SET_DISTANCES
from claims.web.diagram import draw
from claims.web.help import HELP_PAGES

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


class Words(HTMLParser):
    """The text of a page without its markup."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def page(slug: str) -> str:
    response = Client().get(f"/help/{slug}/")
    assert response.status_code == 200
    return response.content.decode()


def words(slug: str) -> str:
    parser = Words()
    parser.feed(page(slug))
    return " ".join(" ".join(parser.parts).split())


def test_it_works() -> None:
    index = Client().get("/help/").content.decode()
    for slug, each in HELP_PAGES.items():
        assert f'href="/help/{slug}/"' in index
        assert each.summary in index


@pytest.mark.parametrize("slug", HELP_PAGES)
def test_every_page_is_there_and_carries_nothing_inline(slug: str) -> None:
    html = page(slug)
    assert f"<h1>{HELP_PAGES[slug].title}</h1>" in html
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r'(?:src|href)="https?://', html)


def test_every_text_belongs_to_a_page() -> None:
    found = {path.stem for path in (ROOT / "templates" / "help").glob("*.html")} - {"base", "index"}
    assert found == set(HELP_PAGES)


@pytest.mark.parametrize("path", ["/help/none/", "/help/base/", "/help/index/", "/help/../settings/"])
def test_what_is_no_page_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_only_reading_is_offered() -> None:
    assert Client().post("/help/concepts/").status_code == 405


def test_formats_name_every_reader_ending_column_writer_and_table() -> None:
    text = words("formats")
    for name in (*READERS, *(f".{end}" for end in EXTENSIONS), *ALIASES, *WRITERS, *TABLES):
        assert name in text, name
    for table in TABLES.values():
        for column in table.columns:
            assert column.name in text, column.name


def test_methods_name_every_coefficient_and_reason() -> None:
    text = words("methods")
    for name, coefficient in COEFFICIENTS.items():
        assert name in text
        assert coefficient.title in text
    for code, sentence in (REASONS | OUTLET_REASONS).items():
        assert code in text
        assert sentence in text


@pytest.mark.parametrize("name", [*COEFFICIENTS, *WEIGHTS, *SET_DISTANCES])
def test_methods_print_a_formula_for_everything_that_is_registered(name: str) -> None:
    found = re.search(rf"<dt>[^\n]*<code>{name}</code>.*?<dd[^>]*>(.*?)</dd>", page("methods"), re.DOTALL)
    assert found is not None
    assert "=" in found[1] or found[1] == "As above."


def test_codebooks_name_every_preset_and_the_example_is_one() -> None:
    text = words("codebooks")
    for name in PRESETS:
        assert load_preset(name).description in text
    [example] = re.findall(r'<pre tabindex="0">(.*?)</pre>', page("codebooks"), re.DOTALL)
    assert spec_from_toml(example).questions[0].level == "ordinal"


def test_every_setting_is_explained_and_none_is_invented() -> None:
    sources = (ROOT / "annotator" / "settings.py").read_text()
    only_of_tests = {"ATTEST_TESTING", "OUTBOUND_TEST_HOSTS"}
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', sources)) - only_of_tests
    explained = set(re.findall(r'<th scope="row"><code>([A-Z_]+)</code>', page("deployment")))
    assert explained == read | {"MIGRATION_DATABASE_URL", "DATABASE_URL"}


def test_the_keys_are_those_of_the_labelling_page_and_of_the_correction_page() -> None:
    labelling, _, correcting = page("keyboard").partition("Correcting claims</h2>")
    correcting, _, rest = correcting.partition("</table>")
    templates = ROOT / "templates" / "claims"
    on_labelling = (templates / "_keys.html").read_text().partition("<div")[2]
    on_correcting = (templates / "correct.html").read_text().partition('<div class="keys">')[2]
    keys = re.compile(r"<kbd>(.*?)</kbd>")
    assert set(keys.findall(labelling + rest)) == set(keys.findall(on_labelling))
    assert set(keys.findall(correcting)) == set(keys.findall(on_correcting)) - {"?"}


@pytest.mark.parametrize("slug", HELP_PAGES)
def test_every_command_named_exists(slug: str) -> None:
    named = set(re.findall(r"manage\.py (\w+)", words(slug))) - {"up", "test"}
    assert named <= set(get_commands())


@pytest.mark.parametrize("noun", LIFECYCLES)
def test_diagrams_are_drawn_from_the_tables(noun: str) -> None:
    lifecycle = LIFECYCLES[noun]
    diagram = draw(lifecycle)
    assert [box.name for box in diagram.boxes] == list(lifecycle.states)
    moves = {(source, target) for source, targets in lifecycle.moves.items() for target in targets}
    assert {(arrow.source, arrow.target) for arrow in diagram.arrows} == moves
    assert {box.name for box in diagram.boxes if box.is_end} == lifecycle.terminal
    text = page("concepts")
    assert all(arrow.path in text for arrow in diagram.arrows)
    assert all(sentence in text for sentence in diagram.sentences)


def test_arrows_of_a_diagram_do_not_lie_on_each_other() -> None:
    for lifecycle in LIFECYCLES.values():
        paths = [arrow.path for arrow in draw(lifecycle).arrows]
        assert len(paths) == len(set(paths))
