"""The commands as functions: read the inputs, call the other packages, write the results.

Each command takes paths and options and returns a frozen dataclass. Only this package and
:mod:`ledgerbook.cli` write files; nothing here prints.
"""

from ledgerbook.commands.check import CheckResult, check
from ledgerbook.commands.collect import CollectResult, collect
from ledgerbook.commands.demo import run_demo
from ledgerbook.commands.diagnose import DiagnoseResult, diagnose, write_crash
from ledgerbook.commands.dropped_files import DropCommand, build_drop_command, place_launchers
from ledgerbook.commands.frames import frames, read_frames
from ledgerbook.commands.generate import GenerateResult, generate
from ledgerbook.commands.init import InitResult, init
from ledgerbook.commands.remind import RemindResult, remind
from ledgerbook.commands.report import ReportResult, write_report
from ledgerbook.commands.rollup import RollupResult, roll_up
from ledgerbook.commands.update import UpdateResult, update
from ledgerbook.commands.workspace import WorkspaceStatus, find_books, read_workspace

__all__ = [
    "CheckResult",
    "CollectResult",
    "DiagnoseResult",
    "DropCommand",
    "GenerateResult",
    "InitResult",
    "RemindResult",
    "ReportResult",
    "RollupResult",
    "UpdateResult",
    "WorkspaceStatus",
    "build_drop_command",
    "check",
    "collect",
    "diagnose",
    "find_books",
    "frames",
    "generate",
    "init",
    "place_launchers",
    "read_frames",
    "read_workspace",
    "remind",
    "roll_up",
    "run_demo",
    "update",
    "write_crash",
    "write_report",
]
