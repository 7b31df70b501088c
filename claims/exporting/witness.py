"""What a manifest that went out bears witness to, held against the database: after a restore of an older backup it
tells what is missing, and which numbers were given a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from claims.errors import Refused
from claims.exporting.manifest import FORMAT
from claims.models import Project, Release, Seal


def gaps(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """{"project", "release", "sentence"} of each thing that the manifest states and the database does not hold.

    Raises Refused `no_manifest` for what is no manifest of a release.
    """
    slug, number, n, digest = _stated(manifest)
    said = {"project": slug, "release": number}
    seal = Seal.objects.filter(pk=n).first()
    if seal is None:
        last = Seal.objects.order_by("-n").values_list("n", flat=True).first() or 0
        sentence = f"is as of seal {n}; this database ends at seal {last}, so what was sealed after it is missing"
        yield {**said, "sentence": sentence}
    elif bytes(seal.digest).hex() != digest:
        yield {**said, "sentence": f"names another seal {n} than the one that is here: the number was given twice"}
    project = Project.objects.filter(slug=slug).first()
    release = Release.objects.filter(project=project, number=number).first() if project else None
    if project is None:
        yield {**said, "sentence": "is of a project that is not here"}
    elif release is None:
        yield {**said, "sentence": "is not here; the next release of the project would take its number"}
    elif release.manifest is not None and release.manifest["as_of"] != manifest["as_of"]:
        yield {**said, "sentence": "is another release here: the number was given twice"}


def _stated(manifest: Mapping[str, Any]) -> tuple[str, int, int, str]:
    try:
        if manifest["format"] != FORMAT:
            raise KeyError("format")
        as_of = manifest["as_of"]
        return manifest["project"]["slug"], int(manifest["release"]), int(as_of["seal"]), str(as_of["digest"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "no_manifest", f"This is no manifest of a release ({error}). Give the manifest.json that lies in one."
        ) from error
