"""A real LibreOffice as the tests see it: requests to calc_user, in another Python."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.requirements import SYSTEM_PYTHON

_USER = Path(__file__).with_name("calc_user.py")
_ANSWER_SECONDS = 60
_STOP_SECONDS = 15


class Calc:
    """One running office. Every request of ``calc_user.Desk`` is a method of it."""

    def __init__(self, profile: Path) -> None:
        # A session of its own, so that nothing of it can outlive the tests.
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(_USER), str(profile)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._questions: Any = self._process.stdin
        self._answers: Any = self._process.stdout

    def __enter__(self) -> Self:
        self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()

    def __getattr__(self, deed: str) -> Callable[..., Any]:
        def ask(**arguments: Any) -> Any:
            named = {
                name: str(value) if isinstance(value, Path) else value
                for name, value in arguments.items()
            }
            line = json.dumps({"do": deed, **named}) + "\n"
            self._questions.write(line.encode())
            self._questions.flush()
            return self._answer()

        return ask

    def _answer(self) -> Any:
        """Wait for one line. Raises RuntimeError with what went wrong, if anything."""
        if not select.select([self._answers], [], [], _ANSWER_SECONDS)[0]:
            self._kill()
            raise RuntimeError(f"LibreOffice gave no answer in {_ANSWER_SECONDS} s")
        line = self._answers.readline()
        answer = json.loads(line or '{"error": "LibreOffice has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]

    def _kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
