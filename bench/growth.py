"""Measure what each limit and each command costs at a size and at ten times that size.

``make growth`` prints a Markdown table of calls (as ``tests/test_growth.py`` counts them: of
this process alone) and of CPU seconds (worker processes included), one row a subject; with
a word, of the subjects whose name contains it. ``--write`` writes it into RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from results_page import format_table, replace_part

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.growth_subjects import SUBJECTS, Subject
from tests.test_growth import TIMES, count_calls

# A short run is repeated until it has taken so many CPU seconds.
_MIN_SECONDS = 0.2
_HEADER = ("what grows", "size", "calls", "10 ×", "ratio", "CPU s", "10 ×", "ratio")


def _read_cpu() -> float:
    return sum(os.times()[:4])


def measure_cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of one run, those of its processes included."""
    start, count = _read_cpu(), 0
    while count == 0 or _read_cpu() - start < _MIN_SECONDS:
        run()
        count += 1
    return (_read_cpu() - start) / count


def measure(subject: Subject, folder: Path) -> Sequence[str]:
    """Return the row of the table for ``subject``, and print it: a run takes minutes."""
    figures = []
    for size in (subject.small, TIMES * subject.small):
        place = folder / f"{size}"
        place.mkdir()
        run = subject.prepare(size, place)
        run()
        figures.append((count_calls(run), measure_cpu(run)))
    (calls, seconds), (more_calls, more_seconds) = figures
    row = (
        subject.name,
        f"{subject.small}",
        f"{calls:,}",
        f"{more_calls:,}",
        f"{more_calls / calls:.1f}",
        f"{seconds:.3f}",
        f"{more_seconds:.3f}",
        f"{more_seconds / seconds:.1f}",
    )
    print(" | ".join(row), file=sys.stderr, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="in the names of the subjects")
    parser.add_argument("--write", action="store_true", help="write the table into RESULTS.md")
    options = parser.parse_args()
    if options.word and options.write:
        parser.error("RESULTS.md has the figures of all subjects")
    description = (
        f"{date.today().isoformat()}, Python {sys.version.split()[0]}; "  # noqa: DTZ011
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start."
    )
    rows = []
    for subject in SUBJECTS:
        if options.word in subject.name:
            with TemporaryDirectory() as folder:
                rows.append(measure(subject, Path(folder)))
    text = f"{description}\n\n{format_table(_HEADER, iter(rows))}"
    print(text)
    if options.write:
        replace_part("growth", text)


if __name__ == "__main__":
    main()
