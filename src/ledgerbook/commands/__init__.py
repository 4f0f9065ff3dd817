"""The office's jobs: start a book, revise it, issue, collect, check, draft, roll up.

Here, and only here, anything is written to the disk.
"""

from ledgerbook.commands.check import CheckResult, check
from ledgerbook.commands.collect import CollectResult, collect
from ledgerbook.commands.dropped_files import Meant, meant, place_launchers
from ledgerbook.commands.generate import GenerateResult, generate
from ledgerbook.commands.init import InitResult, init
from ledgerbook.commands.report import write_report
from ledgerbook.commands.rollup import rollup
from ledgerbook.commands.update import UpdateResult, update
from ledgerbook.commands.workspace import look, look_around

__all__ = [
    "CheckResult",
    "CollectResult",
    "GenerateResult",
    "InitResult",
    "Meant",
    "UpdateResult",
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
