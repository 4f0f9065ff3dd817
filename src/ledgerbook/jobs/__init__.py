"""The office's jobs: start a book, revise it, issue, collect, check, draft, roll up.

Here, and only here, anything is written to the disk.
"""

from ledgerbook.jobs.checking import Checked, check
from ledgerbook.jobs.collecting import Collected, collect
from ledgerbook.jobs.drafting import write_report
from ledgerbook.jobs.dropping import Meant, meant, place_launchers
from ledgerbook.jobs.looking import look, look_around
from ledgerbook.jobs.rolling import rollup
from ledgerbook.jobs.sending import Generated, answers_so_far, generate
from ledgerbook.jobs.starting import Started, init
from ledgerbook.jobs.updating import Updated, update

__all__ = [
    "Checked",
    "Collected",
    "Generated",
    "Meant",
    "Started",
    "Updated",
    "answers_so_far",
    "check",
    "collect",
    "generate",
    "init",
    "look",
    "look_around",
    "meant",
    "place_launchers",
    "rollup",
    "update",
    "write_report",
]
