"""Call a function on foreign bytes in a process of its own, within limits.

A library that reads a damaged or hostile file may abort the process, never end or use up all
memory. The limits are set here for every process that reads such files: the worker pool of
``intake``, and the single process that reads a plan.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ledgerbook.parallel import make_process_context

Result = TypeVar("Result")

# The signal for a process that has used up its computing time; Windows has none.
_CPU_LIMIT_SIGNAL = getattr(signal, "SIGXCPU", None)


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a process may cost.

    ``cpu_seconds`` are seconds of computing time, so that a busy machine changes no result;
    ``seconds`` are wall-clock seconds, the last resort for one that waits for ever.
    ``memory`` is the bytes of its address space. Windows has neither computing time nor
    memory as a limit.
    """

    cpu_seconds: float = 20
    seconds: float = 300
    memory: int = 2**30


class EndCause(StrEnum):
    """Why a process ended without a result; the value is a clause for the office."""

    TIME = "内容过于复杂，超过时间仍没有读完"
    MEMORY = "内容过大，超出内存上限"
    CRASH = "读表程序中途退出，文件很可能已损坏"


class ProcessEndedError(Exception):
    """A process ended without a result."""

    def __init__(self, cause: EndCause) -> None:
        self.cause = cause
        super().__init__(cause)


def call_in_limited_process(
    func: Callable[..., Result], *arguments: Any, limits: ProcessLimits | None = None
) -> Result:
    """Return what ``func`` returns for ``arguments`` in a process of its own.

    All three must be picklable. Raises ProcessEndedError where the process ends before,
    and what ``func`` raises.
    """
    from pebble import ProcessExpired, ProcessPool

    limits = limits or ProcessLimits()
    with ProcessPool(
        max_workers=1,
        context=make_process_context(),
        initializer=prepare_limited_process,
        initargs=(limits.memory,),
    ) as pool:
        call = (func, limits.cpu_seconds, arguments)
        future = pool.schedule(_call_limited, args=call, timeout=limits.seconds)
        try:
            result: Result = future.result()
        except TooSlow as error:
            raise ProcessEndedError(EndCause.TIME) from error
        except ProcessExpired as error:
            raise ProcessEndedError(find_end_cause(error.exitcode)) from error
        except MemoryError as error:
            raise ProcessEndedError(EndCause.MEMORY) from error
    return result


def _call_limited(
    func: Callable[..., Result], cpu_seconds: float, arguments: tuple[Any, ...]
) -> Result:
    limit_computing_time(cpu_seconds)
    return func(*arguments)


def find_end_cause(exit_code: int | None) -> EndCause:
    """Return why a process ended that was not ended from here, by its exit code."""
    is_too_long = _CPU_LIMIT_SIGNAL and exit_code == -_CPU_LIMIT_SIGNAL
    return EndCause.TIME if is_too_long else EndCause.CRASH


def prepare_limited_process(memory: int) -> None:
    """Set the memory limit of this new process, and silence its standard error.

    ``memory`` is the bytes of its address space.
    """
    # Modules stay loaded: the garbage collector need not search them after each file.
    gc.freeze()
    # Libraries write to standard error when they abort, which would alarm a clerk.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    if sys.platform == "win32":
        import msvcrt

        # Windows would show a message and keep a crashed worker until somebody closes it.
        msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)
    try:
        import resource
    except ImportError:  # Windows has no limit on memory.
        return
    _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard_limit))
    # The signal at the end of its computing time would have the system write its memory out.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_computing_time(seconds: float) -> None:
    """Let this process end when it has computed for ``seconds`` more, in whole seconds."""
    try:
        import resource
    except ImportError:  # Windows
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard_limit = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    if hard_limit != resource.RLIM_INFINITY:
        limit = min(limit, hard_limit)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard_limit))
