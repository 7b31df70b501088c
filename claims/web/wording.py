"""Forms that say in the reader's language what to write, where Django would say that something is invalid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# Kind of field -> code of the fault -> what to do. A later kind is a more special one; a field's own words go before.
WORDS: Mapping[type[forms.Field], Mapping[str, Any]] = {
    forms.Field: {
        "required": _("Fill this in."),
        "max_length": _("This has %(show_value)d characters; at most %(limit_value)d are taken. Shorten it."),
        "min_value": _("The least is %(limit_value)s."),
        "max_value": _("The most is %(limit_value)s."),
        "null_characters_not_allowed": _("This holds a NUL character. Take it out."),
    },
    forms.IntegerField: {"invalid": _("Write a whole number, as 12.")},
    forms.FloatField: {"invalid": _("Write a number, as 0.25.")},
    forms.DateField: {"invalid": _("Write the day as year, month, day: 2026-03-09.")},
    forms.DateTimeField: {"invalid": _("Write the day and the time, as 2026-03-09 14:30.")},
    forms.EmailField: {"invalid": _("This is no mail address. Write it as name@example.org.")},
    forms.ChoiceField: {"invalid_choice": _("“%(value)s” is not among the choices. Choose one of them.")},
    forms.ModelChoiceField: {"invalid_choice": _("That is not among the choices any more. Choose one of them.")},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": _("That is not among the choices any more. Choose one of them.")
    },
    forms.FileField: {
        "required": _("Choose a file."),
        "missing": _("Choose a file."),
        "invalid": _("No file came with the form. Choose it again."),
        "empty": _("The file is empty. Choose another one."),
    },
}


class WordedForm(forms.Form):
    """The base of every form here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            reword(field)


def reword(field: forms.Field) -> None:
    """Replace Django's own sentences, and leave those that were written for this field."""
    stock: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        stock |= getattr(kind, "default_error_messages", {})
    for kind, words in WORDS.items():
        if isinstance(field, kind):
            own = {code for code, said in field.error_messages.items() if said not in (stock.get(code), *_ours(code))}
            field.error_messages |= {code: said for code, said in words.items() if code not in own}


def _ours(code: str) -> list[Any]:
    return [words[code] for words in WORDS.values() if code in words]
