"""Drive a real LibreOffice Calc from the tests.

Each request is sent to calc_user.py, which runs in the system's Python.
"""

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
    """One running LibreOffice. Each public method of ``calc_user.OfficeSession`` can be called."""

    def __init__(self, profile: Path) -> None:
        # In a new process group, so that all its processes can be killed together.
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(_USER), str(profile)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._requests: Any = self._process.stdin
        self._answers: Any = self._process.stdout

    def __enter__(self) -> Self:
        self._read_answer()
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

    def __getattr__(self, request: str) -> Callable[..., Any]:
        def send_request(**arguments: Any) -> Any:
            named = {
                name: str(value) if isinstance(value, Path) else value
                for name, value in arguments.items()
            }
            line = json.dumps({"do": request, **named}) + "\n"
            self._requests.write(line.encode())
            self._requests.flush()
            return self._read_answer()

        return send_request

    def _read_answer(self) -> Any:
        """Return the answer to a request. Raises RuntimeError if it failed or none came in time."""
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
