"""Summaries of many units → the summary of the level above them."""

from ledgerbook.rollup.expected_units import read_expected
from ledgerbook.rollup.merge import Rollup, RollupRequest, roll_up
from ledgerbook.rollup.summary_reader import read_summary
from ledgerbook.rollup.workbook import is_own, rollup_name, write_rollup

__all__ = [
    "Rollup",
    "RollupRequest",
    "is_own",
    "read_expected",
    "read_summary",
    "roll_up",
    "rollup_name",
    "write_rollup",
]
