"""The annual summary: one workbook made of a :class:`~ledgerbook.ledger.Ledger`."""

from ledgerbook.summary.workbook import summary_name, write_summary

__all__ = ["summary_name", "write_summary"]
