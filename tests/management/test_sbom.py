"""OP-09: the bill of materials is CycloneDX and says what the lock file says."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from annotator import bootstrap
from claims.management.commands.sbom import bill_of

SMALL = """\
alpha==1.0 \\
    --hash=sha256:{one}
    # via attest (pyproject.toml)
beta-gamma==2.1 ; python_full_version < '3.12' \\
    --hash=sha256:{two} \\
    --hash=sha256:{one}
    # via
    #   alpha
    #   attest (pyproject.toml)
"""


def test_op_09_the_bill_names_what_the_lock_pins_and_nothing_else() -> None:
    out = StringIO()
    call_command("sbom", stdout=out)
    bill = json.loads(out.getvalue())
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    pinned = {re.sub(r"\[.*\]", "", pin) for pin in bootstrap.pins(bootstrap.LOCKS["up"])}
    assert {f"{each['name']}=={each['version']}" for each in bill["components"]} == pinned
    assert len(bill["components"]) == len({each["bom-ref"] for each in bill["components"]})
    assert all(each["purl"].startswith("pkg:pypi/") and each["properties"] for each in bill["components"])
    licences = {each["name"]: each.get("licenses") for each in bill["components"]}
    assert licences["celery"] == [{"license": {"name": "BSD-3-Clause"}}]


def test_op_09_what_needs_what_leads_from_the_product_to_every_package() -> None:
    bill = bill_of(bootstrap.LOCKS["up"])
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    reached, waiting = set(), ["attest"]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs[ref]
    assert reached == set(needs)
    assert len(needs) == len(bill["components"]) + 1


def test_hashes_and_markers_of_an_entry_are_kept(tmp_path: Path) -> None:
    lock = tmp_path / "small.lock"
    lock.write_text(SMALL.format(one="1" * 64, two="2" * 64))
    first, second = bill_of(lock)["components"]
    assert [each["value"] for each in second["properties"]] == ["2" * 64, "1" * 64, "python_full_version < '3.12'"]
    assert [each["value"] for each in first["properties"]] == ["1" * 64]
    needs = {each["ref"]: each["dependsOn"] for each in bill_of(lock)["dependencies"]}
    assert needs["pkg:pypi/alpha@1.0"] == ["pkg:pypi/beta-gamma@2.1"]
    assert bill_of(lock) == bill_of(lock)
