"""Merge the summaries of many units into the summary of the level above them."""

from ledgerbook.rollup.expected_units import read_expected_units
from ledgerbook.rollup.merge import Rollup, RollupRequest, roll_up
from ledgerbook.rollup.summary_reader import read_summary
from ledgerbook.rollup.workbook import build_rollup_stem, is_rollup_filename, write_rollup

__all__ = [
    "Rollup",
    "RollupRequest",
    "build_rollup_stem",
    "is_rollup_filename",
    "read_expected_units",
    "read_summary",
    "roll_up",
    "write_rollup",
]
