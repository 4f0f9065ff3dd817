"""Run a function over many items in a pool of processes, one for each core.

Also defines the progress callback that all long operations accept, and the context in
which every process of ours is started.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn, TypeVar

# Called repeatedly with the number of completed items and the number known so far.
ProgressCallback = Callable[[int, int], None]

T = TypeVar("T")
R = TypeVar("R")

# The module to preload in processes that read returns.
PIPELINE_MODULE = "ledgerbook.intake.pipeline"
# Fewer items take less time here than other processes take to start.
_MIN_ITEMS_FOR_POOL = 64
# Windows waits for 63 handles at most; ``ProcessPoolExecutor`` refuses more workers there.
_MAX_WINDOWS_PROCESSES = 61
# The number of items sent to a process at once.
_CHUNK_SIZE = 8
# Keeps a new Python from putting the current folder first on its path, as ``python -c``
# does, by which multiprocessing starts its processes.
_SAFE_PATH_VARIABLE = "PYTHONSAFEPATH"


def no_progress(completed: int, total: int) -> None:
    """Ignore the progress; the default callback."""


def parallel_map(
    func: Callable[[T], R],
    items: Sequence[T],
    on_progress: ProgressCallback = no_progress,
) -> Iterable[R]:
    """Apply ``func`` to each of ``items`` in a process pool; return the results in order.

    ``func``, the items and the results must be picklable; ``func`` is sent to each process
    once. Runs in the current process for few items, on a single core, and, from the
    beginning, if a process of the pool dies.
    """
    if len(items) < _MIN_ITEMS_FOR_POOL or count_cores() == 1:
        return list(_report_progress(map(func, items), len(items), on_progress))
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    first_item, *other_items = items
    try:
        with ProcessPoolExecutor(
            count_cores(),
            make_process_context(),
            initializer=_set_worker_func,
            initargs=(func,),
        ) as pool:
            # The first item may take as long as all others together: callers put the
            # largest one there. So it is not sent in a chunk with others.
            first_future = pool.submit(_call_worker_func, first_item)
            other_results = pool.map(_call_worker_func, other_items, chunksize=_CHUNK_SIZE)
            results = list(_report_progress(other_results, len(items), on_progress))
            return [first_future.result(), *results]
    except BrokenProcessPool:
        return list(_report_progress(map(func, items), len(items), on_progress))


def _report_progress(
    results: Iterable[R], total: int, on_progress: ProgressCallback
) -> Iterator[R]:
    """Yield the results, calling ``on_progress`` before each."""
    for completed, result in enumerate(results, 1):
        on_progress(completed, total)
        yield result


def count_cores() -> int:
    """Return how many cores this process may use, and thus how many processes to start."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    core_count = os.cpu_count() or 1
    return min(core_count, _MAX_WINDOWS_PROCESSES) if os.name == "nt" else core_count


def make_process_context(*preloaded_modules: str) -> Any:
    """Return a multiprocessing context whose processes do not inherit threads and locks.

    Where the system has a fork server, it is started here and imports
    ``preloaded_modules`` while the current process continues; elsewhere each process
    starts a new interpreter. Raises SystemExit for a script without a main guard, or on
    standard input.
    """
    _refuse_unguarded_script()
    if sys.platform == "win32" or "forkserver" not in multiprocessing.get_all_start_methods():
        return _SafeSpawnContext()
    from multiprocessing import forkserver

    context = _SafeForkServerContext()
    if preloaded_modules:
        context.set_forkserver_preload(list(preloaded_modules))
    with _silence_stderr(), _leave_out_current_folder():
        forkserver.ensure_running()
    return context


_start_lock = threading.Lock()


@contextmanager
def _leave_out_current_folder() -> Iterator[None]:
    """Let processes that start within the block import nothing from the current folder.

    Not for longer: other processes of the calling script may have their modules there.
    """
    with _start_lock:
        saved_variable, saved_path = os.environ.get(_SAFE_PATH_VARIABLE), sys.path
        os.environ[_SAFE_PATH_VARIABLE] = "1"
        # An interactive Python has a blank entry; multiprocessing would pass on what it means.
        sys.path = [entry for entry in sys.path if entry]
        try:
            yield
        finally:
            sys.path = saved_path
            if saved_variable is None:
                del os.environ[_SAFE_PATH_VARIABLE]
            else:
                os.environ[_SAFE_PATH_VARIABLE] = saved_variable


class _SafeStart(BaseProcess):
    """A process that imports nothing from the current folder, also one started late."""

    def start(self) -> None:
        with _leave_out_current_folder():
            super().start()


class _SafeSpawnProcess(_SafeStart, SpawnProcess):
    pass


class _SafeSpawnContext(SpawnContext):
    Process = _SafeSpawnProcess


if sys.platform != "win32":
    from multiprocessing.context import ForkServerContext, ForkServerProcess

    class _SafeForkServerProcess(_SafeStart, ForkServerProcess):
        def run(self) -> None:
            _end_with_parent()
            super().run()

    class _SafeForkServerContext(ForkServerContext):
        Process = _SafeForkServerProcess


def _end_with_parent() -> None:
    """Have this process end with the one that asked for it, however that ends.

    The other end of a pipe, its sentinel, is closed then. On Linux the system sends SIGIO
    for it, which ends a process that has no handler, whatever it is doing; elsewhere a
    process goes on to the end of its task.
    """
    parent = multiprocessing.parent_process()
    if sys.platform == "linux" and parent:
        import fcntl

        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
        if not parent.is_alive():
            os._exit(1)


def _refuse_unguarded_script() -> None:
    """Exit with one sentence where each new process would run the calling script again.

    A new process imports the script; what does not stand below ``if __name__ ==
    "__main__":`` runs once more in it, fails, and is tried again. SystemExit because the
    sentence is for whoever runs the script: a traceback would only hide it.
    """
    main = sys.modules["__main__"]
    path, spec = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    # Interactive code has no file, and the __main__ of a package is not imported again.
    if path is None or (spec and spec.name.rpartition(".")[2] == "__main__"):
        return
    if path == "<stdin>":
        _stop_script(
            "ledgerbook starts processes that import the calling script again: "
            "save this one as a file instead of passing it on standard input."
        )
    line = _find_current_line(vars(main))
    if line and not _is_guarded(Path(path), line):
        _stop_script(
            f"{path}, line {line}: write this below 'if __name__ == \"__main__\":', "
            "since ledgerbook starts processes that import the script again."
        )


def _stop_script(sentence: str) -> NoReturn:
    if threading.current_thread() is threading.main_thread():
        raise SystemExit(sentence)
    raise RuntimeError(sentence)  # SystemExit would end the thread without a word


def _find_current_line(main_globals: Mapping[str, Any]) -> int:
    """Return the line at which the main script stands, in whatever it has called; else 0."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001
    while frame:
        if frame.f_globals is main_globals and frame.f_code.co_name == "<module>":
            return frame.f_lineno
        frame = frame.f_back
    return 0


def _is_guarded(script: Path, line: int) -> bool:
    """Return whether a line stands within an ``if`` on ``__name__``; True if it cannot be told."""
    import ast

    try:
        tree = ast.parse(script.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True
    return any(
        isinstance(node, ast.If)
        and node.lineno <= line <= (node.end_lineno or 0)
        and "__name__" in ast.unparse(node.test)
        for node in ast.walk(tree)
    )


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Redirect stderr to the null device for processes that start within the block.

    A process that is still starting when the run ends prints a traceback of no use.
    """
    try:
        saved_stderr = os.dup(2)
    except OSError:  # stderr is closed
        yield
        return
    devnull = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(devnull, 2)
        yield
    finally:
        os.dup2(saved_stderr, 2)
        os.close(saved_stderr)
        os.close(devnull)


_worker_func: Callable[[Any], Any] | None = None


def _set_worker_func(func: Callable[[Any], Any]) -> None:
    """Store the function of a pool's process when the process starts."""
    global _worker_func  # noqa: PLW0603  the only state of a process, set once at its start
    _worker_func = func


def _call_worker_func(item: Any) -> Any:
    """Apply the stored function to an item."""
    if _worker_func is None:
        raise RuntimeError("the process was started without its function")
    return _worker_func(item)
