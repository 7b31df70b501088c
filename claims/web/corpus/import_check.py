"""How uploaded tables and texts are read, shown before anything of them is imported."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from claims.encodings import LEGACY_ENCODINGS
from claims.errors import Refused
from claims.models import StagedImport
from claims.vocabulary import ARTICLE_FIELDS
from claims.web.page import Here, go, project_page, show

# Told by their escapes, or too easily taken for others to be guessed: a person may know them.
_NAMED_ONLY = ("iso2022_jp", "iso2022_kr", "mac_roman", "mac_cyrillic", "cp850", "cp852", "cp437")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", *LEGACY_ENCODINGS, *_NAMED_ONLY)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@project_page("import", tab="articles")
def check(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The files with their first rows; `again` reads them as now chosen, `import` imports them, `discard` does not."""
    # The parsers behind these are loaded when first needed.
    from claims.importing.staging import discard_staged, import_staged, places_of, show_staged

    staged = StagedImport.objects.in_project(here.project).filter(pk=pk, created_by=here.user).first()
    if staged is None:
        raise Http404
    choices = [chosen(request.POST, at) for at in range(len(places_of(staged)))] if request.method == "POST" else []
    refusal: Refused | None = None
    if request.method == "POST" and "discard" in request.POST:
        discard_staged(staged, by=here.user)
        return go("import", here.slug)
    if request.method == "POST" and "import" in request.POST:
        try:
            return go("job", here.slug, import_staged(staged, choices, by=here.user).pk)
        except Refused as error:
            refusal = error
    return show(
        request,
        "import_check",
        here,
        staged=staged,
        files=show_staged(staged, choices),
        refusal=refusal,
        fields=ARTICLE_FIELDS,
        encodings=ENCODINGS,
        delimiters=DELIMITERS,
        status=refusal.status if refusal else 200,
    )


def chosen(form: QueryDict, at: int) -> dict[str, Any]:
    """What the form says of what stands at this place; a table that was shown has a choice for every field."""
    found: dict[str, Any] = {}
    if encoding := form.get(f"encoding-{at}", ""):
        found["encoding"] = encoding[:40]
    if delimiter := DELIMITERS.get(form.get(f"delimiter-{at}", "")):
        found["delimiter"] = delimiter
    columns = {field: form[name][:500] for field in ARTICLE_FIELDS if (name := f"column-{at}-{field}") in form}
    was_read_so = all(
        form.get(f"{part}-{at}", "") == form.get(f"{part}-was-{at}", "") for part in ("encoding", "delimiter")
    )
    if columns and was_read_so:  # else the names are those of another reading
        found["columns"] = columns
    return found
