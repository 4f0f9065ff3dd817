"""What a process of its own may cost, and what is said when it costs more."""

from __future__ import annotations

import os

import pytest

from ledgerbook.limited_process import (
    EndCause,
    ProcessEndedError,
    ProcessLimits,
    call_in_limited_process,
)

# They start processes.
pytestmark = pytest.mark.slow


def compute_for_ever(_: int) -> None:
    while True:
        pass


def allocate(size: int) -> int:
    return len(bytearray(size))


def test_a_result_comes_back() -> None:
    assert call_in_limited_process(allocate, 1_000) == 1_000


@pytest.mark.parametrize(
    ("func", "argument", "cause"),
    [
        (compute_for_ever, 0, EndCause.TIME),
        (allocate, 2**31, EndCause.MEMORY),
        (os._exit, 3, EndCause.CRASH),
        (os.abort, None, EndCause.CRASH),
    ],
    ids=["computes", "allocates", "ends", "aborts"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows limits neither time nor memory")
def test_a_limit_ends_the_process_alone(func: object, argument: object, cause: EndCause) -> None:
    arguments = () if argument is None else (argument,)
    with pytest.raises(ProcessEndedError) as caught:
        call_in_limited_process(func, *arguments, limits=ProcessLimits(cpu_seconds=1))  # type: ignore[arg-type]
    assert caught.value.cause is cause


def test_what_the_function_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="negative count"):
        call_in_limited_process(allocate, -1)
