"""The language files: every one can be read, and holds what the rules look for."""

from __future__ import annotations

import pytest

from claims.splitting.splitters.cues import cues_for
from claims.splitting.splitters.lexicon import languages, lexicon_for, tables_for

CUE_LANGUAGES = ("ar", "de", "el", "en", "es", "fr", "hy", "it", "nl", "pl", "pt", "ru", "tr", "uk", "zh")


def test_it_works() -> None:
    assert "prof." in lexicon_for("pl").abbreviations
    assert cues_for("fr").act_of("a démenti") == "statement"
    assert cues_for("en").act_of("denied") == "denial"


@pytest.mark.parametrize("language", languages())
def test_abbreviations_are_lower_case_and_end_in_a_full_stop(language: str) -> None:
    lexicon = lexicon_for(language)
    for word in lexicon.abbreviations | lexicon.abbreviations_unless_starter:
        assert word == word.lower()
    assert set(tables_for(language)) <= {"sentences", "attribution", "attribution_phrases", "clauses", "weight"}


@pytest.mark.parametrize("language", CUE_LANGUAGES)
def test_languages_with_cue_words(language: str) -> None:
    cues = cues_for(language)
    assert len(cues.acts) >= 15
    assert set(cues.acts.values()) <= {"statement", "denial", "belief", "intention", "decree", "perception", "evidence"}


@pytest.mark.parametrize("language", ["xx", "tl", "../en", "EN-GB"])
def test_unknown_codes_are_no_error(language: str) -> None:
    assert lexicon_for(language).ordinal_dot is False
