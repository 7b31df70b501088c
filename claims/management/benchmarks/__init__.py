"""What `manage.py benchmark NAME` measures; each beside a bare reference in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claims.management.benchmarks import (
    agreement,
    assignment,
    copies,
    exporting,
    importing,
    labelling,
    large_import,
    outlets,
    pages,
    splitting,
)

Say = Callable[[str], None]
# name -> run(sizes, reviewers, seconds, say): what to measure, and where to say what was found
BENCHMARKS: dict[str, Callable[[Sequence[int], Sequence[int], float, Say], None]] = {
    "agreement": agreement.run,
    "assignment": assignment.run,
    "copies": copies.run,
    "export": exporting.run,
    "import": importing.run,
    "labelling": labelling.run,
    "large_import": large_import.run,
    "outlets": outlets.run,
    "pages": pages.run,
    "splitting": splitting.run,
}
