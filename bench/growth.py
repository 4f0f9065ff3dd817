"""Print what each limit and each command costs at a size and at ten times that size.

Run ``.venv/bin/python bench/growth.py [word]``: a Markdown table of calls (as
``tests/test_growth.py`` counts them: of this process alone) and of CPU seconds (worker
processes included), one row a subject whose name contains the word.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.growth_subjects import SUBJECTS, Subject
from tests.test_growth import TIMES, count_calls

# A short run is repeated until it has taken so many CPU seconds.
_MIN_SECONDS = 0.2


def _read_cpu() -> float:
    return sum(os.times()[:4])


def measure_cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of one run, those of its processes included."""
    start, count = _read_cpu(), 0
    while count == 0 or _read_cpu() - start < _MIN_SECONDS:
        run()
        count += 1
    return (_read_cpu() - start) / count


def measure(subject: Subject, folder: Path) -> str:
    """Return the row of the table for ``subject``."""
    figures = []
    for size in (subject.small, TIMES * subject.small):
        place = folder / f"{size}"
        place.mkdir()
        run = subject.prepare(size, place)
        run()
        figures.append((count_calls(run), measure_cpu(run)))
    (calls, seconds), (more_calls, more_seconds) = figures
    return (
        f"| {subject.name} | {subject.small} | {calls:,} | {more_calls:,} "
        f"| {more_calls / calls:.1f} | {seconds:.3f} | {more_seconds:.3f} "
        f"| {more_seconds / seconds:.1f} |"
    )


def main() -> None:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    print("| what grows | size | calls | 10 × | ratio | CPU s | 10 × | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for subject in SUBJECTS:
        if word in subject.name:
            with TemporaryDirectory() as folder:
                print(measure(subject, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
