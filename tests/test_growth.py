"""Nothing costs more than its input: ten times the rows, ten times the calls, no more.

Calls are counted, not seconds, so that a busy machine changes no result. What runs within
one call of C, such as a union of sets, is not seen here, nor is a worker process;
``bench/growth.py`` measures the computing time of the same subjects, workers included.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.growth_subjects import SUBJECTS, Subject

pytestmark = pytest.mark.slow

# Ten times the input, and a little for what grows in steps.
TIMES, MAX_GROWTH = 10, 11.0


def count_calls(run: Callable[[], object]) -> int:
    """Return how many functions ``run`` calls, those of C included."""
    calls = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_ten_times_the_input_costs_ten_times_the_calls(subject: Subject, tmp_path: Path) -> None:
    """No limit and no command hides a loop within a loop."""
    runs = []
    for size in (subject.small, TIMES * subject.small):
        folder = tmp_path / str(size)
        folder.mkdir()
        runs.append(subject.prepare(size, folder))
    small, large = runs
    small()  # what is computed once and kept, such as patterns, is no part of the growth
    assert count_calls(large) / count_calls(small) < MAX_GROWTH
