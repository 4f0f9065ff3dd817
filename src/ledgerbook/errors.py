"""What stops a run.

    LedgerbookError
    ├── InputError   the plan, the book or an option cannot be used as it is
    └── FileError    a file or folder cannot be read or written

What is merely wrong *in a return* never stops a run: that is a
:class:`ledgerbook.problems.Problem`, a value. Every message is a plain Chinese
sentence meant for a clerk: what happened, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence


class LedgerbookError(Exception):
    """Base of every error that ledgerbook raises on purpose."""


class InputError(LedgerbookError):
    """The plan, the book or an option cannot be used.

    ``slips`` holds every mistake found, one sentence each, so that the office can
    mend them all at once.
    """

    def __init__(self, headline: str, slips: Sequence[str] = ()) -> None:
        self.headline = headline
        self.slips = tuple(slips)
        lines = [headline]
        lines += [f"  {n}. {slip}" for n, slip in enumerate(self.slips, 1)]
        super().__init__("\n".join(lines))


class FileError(LedgerbookError):
    """A file or folder cannot be read or written."""
