"""Bytes of a returned workbook → RawBook, by what they are and not by their name."""

from __future__ import annotations

from ledgerbook.returns.ooxml import read_xlsx
from ledgerbook.returns.raw import RawBook


def read_workbook(data: bytes) -> RawBook:
    """Read a workbook. Raises RefusedError when damaged, suspicious or none at all."""
    return read_xlsx(data)
