"""The office's jobs: start a book, issue a round, collect what returns, check a file.

Here, and only here, the pure rooms meet the disk.
"""

from ledgerbook.jobs.checking import Checked, check
from ledgerbook.jobs.collecting import CORRECTIONS, Collected, collect
from ledgerbook.jobs.sending import Generated, answers_so_far, generate
from ledgerbook.jobs.starting import Started, init

__all__ = [
    "CORRECTIONS",
    "Checked",
    "Collected",
    "Generated",
    "Started",
    "answers_so_far",
    "check",
    "collect",
    "generate",
    "init",
]
