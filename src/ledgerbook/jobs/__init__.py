"""The office's jobs: start a book, revise it, issue, collect, check, draft, roll up.

Here, and only here, anything is written to the disk.
"""

from ledgerbook.jobs.checking import Checked, check
from ledgerbook.jobs.collecting import CORRECTIONS, Collected, collect
from ledgerbook.jobs.drafting import Drafted, write_report
from ledgerbook.jobs.dropping import Meant, Placed, meant, place_launchers
from ledgerbook.jobs.looking import Around, look, look_around
from ledgerbook.jobs.rolling import RolledUp, rollup
from ledgerbook.jobs.sending import Generated, answers_so_far, generate
from ledgerbook.jobs.starting import Started, init
from ledgerbook.jobs.updating import Updated, update

__all__ = [
    "CORRECTIONS",
    "Around",
    "Checked",
    "Collected",
    "Drafted",
    "Generated",
    "Meant",
    "Placed",
    "RolledUp",
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
