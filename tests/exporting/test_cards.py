"""The cards of a release are read by what reads them elsewhere: datasets, mlcroissant, a YAML parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims.errors import Refused
from claims.exporting.actions import start_release, verify_release
from claims.models import Release
from tests.exporting.test_actions import content, labelled, released
from tests.factories import make_project, make_round, owner_of

pytestmark = pytest.mark.django_db


def folder_of(release: Release, path: Path) -> Path:
    for file in release.files.all():
        (path / file.name).write_bytes(content(release, file.name))
    return path


def test_it_works_datasets_loads_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets")
    project, _ = labelled()
    release = released(project, formats=["huggingface"], licence="CC-BY-4.0")
    assert release.formats == ["parquet", "huggingface"]
    folder = folder_of(release, tmp_path)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    assert sorted(loaded["value"]) == ["refutes", "supports"]
    claims = datasets.load_dataset(str(folder), "claims", cache_dir=str(tmp_path / "cache"))["train"]
    assert claims["verbatim"] == ["Inspectors found 14 broken bolts"]
    _, head, body = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "cc-by-4.0"
    assert "| labels | 2 |" in body


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the validator
@pytest.mark.parametrize("formats", [["croissant"], ["croissant", "parquet"], ["croissant", "csv"]])
def test_croissant_is_valid_and_its_records_are_the_rows(tmp_path: Path, formats: list[str]) -> None:
    croissant = pytest.importorskip("mlcroissant")
    project, _ = labelled()
    folder = folder_of(released(project, formats=formats, licence="CC0-1.0"), tmp_path)
    data = croissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert data.metadata.issues.errors == set()
    assert data.metadata.ctx.is_v1_1()
    values = [row["labels/value"] for row in data.records("labels")]
    assert sorted(value if isinstance(value, str) else value.decode() for value in values) == ["refutes", "supports"]
    written = json.loads((folder / "croissant.json").read_text("utf-8"))
    assert {"rai:dataAnnotationProtocol", "rai:personalSensitiveInformation", "rai:dataLimitations"} <= set(written)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    checksums = {each["name"]: each["sha256"] for each in manifest["files"]}
    assert all(checksums[each["name"]] == each["sha256"] for each in written["distribution"])


def test_citation_and_deposit_hold_what_is_required() -> None:
    project, _ = labelled()
    release = released(project, formats=["citation"], licence="CC-BY-4.0")
    # Required by the Citation File Format 1.2.0: these four; the version is that of the format
    cited = yaml.safe_load(content(release, "CITATION.cff"))
    assert {"authors", "cff-version", "message", "title"} <= set(cited)
    assert (cited["cff-version"], cited["type"], cited["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert cited["date-released"] == release.created_at.date()
    # Required by https://developers.zenodo.org/#representation for a data set with open access
    deposit = json.loads(content(release, "zenodo.json"))["metadata"]
    assert (deposit["upload_type"], deposit["access_right"], deposit["license"]) == ("dataset", "open", "cc-by-4.0")
    assert all(deposit[name] for name in ("title", "creators", "description", "publication_date"))
    assert verify_release(release) == []


def test_without_a_licence_nothing_says_that_access_is_open() -> None:
    project, _ = labelled()
    release = released(project, formats=["citation", "huggingface"])
    assert json.loads(content(release, "zenodo.json"))["metadata"]["access_right"] == "closed"
    assert "license" not in yaml.safe_load(content(release, "CITATION.cff"))
    assert b"license: unknown" in content(release, "README.md")


def test_a_round_of_cutting_is_told_as_what_it_was() -> None:
    project, round_ = labelled()
    cutting = make_round(project, purpose="splitting", unit_kind="article", codebook=round_.codebook_version)
    text = content(released(project, formats=["citation"]), "methods.md").decode()
    assert f"In round “{cutting.name}”, each of 1 article was given to 2 people, who cut it into claims" in text
    assert "(splitting)" not in text


def test_methods_and_limitations_say_what_the_figures_say() -> None:
    # two reviewers, one unit, two different answers: alpha is 0 (Krippendorff 2011), below 0.667
    project, round_ = labelled()
    text = content(released(project, formats=["citation"]), "methods.md").decode()
    assert f"In round “{round_.name}” (main), 2 independent answers were wanted on each of 1 unit" in text
    assert "2 reviewers answered on 1 unit, blind to one another." in text
    assert "alpha (nominal) for stance" in text
    assert f"Agreement on stance in round “{round_.name}” is below 0.667" in text
    assert "This release holds only" not in text
    assert "The date of 1 article of 1 is not known." in text


def test_errata_are_in_the_manifest_and_the_card() -> None:
    project, _ = labelled()
    release = released(project, formats=["huggingface"], errata=["Article 4 was two articles.", " "])
    assert release.manifest is not None
    assert release.manifest["errata"] == ["Article 4 was two articles."]
    assert "- Article 4 was two articles." in content(release, "README.md").decode()


def test_cards_of_an_empty_project_are_whole() -> None:
    release = released(make_project(), formats=["citation", "croissant", "huggingface"])
    assert "0 articles of 0 outlets" in content(release, "methods.md").decode()
    assert verify_release(release) == []


def test_a_licence_is_an_identifier() -> None:
    project = make_project()
    plan: dict[str, Any] = {"by": owner_of(project), "licence": "free for all"}
    with pytest.raises(Refused) as caught:
        start_release(project, **plan)
    assert caught.value.code == "unknown_licence"
