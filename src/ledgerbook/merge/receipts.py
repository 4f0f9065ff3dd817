"""Say when a return was received: the one place that all judging by days asks."""

from __future__ import annotations

from datetime import date

from ledgerbook.model.results import FileReport


def find_received_on(report: FileReport) -> date | None:
    """Return the day on which a file was received; None where nothing says so.

    It is the day on which the file was saved last.
    """
    return report.saved_at.date() if report.saved_at else None


def is_received_by(report: FileReport, day: date) -> bool:
    """Return whether a file was received by ``day``; one without a day is not called late."""
    received_on = find_received_on(report)
    return received_on is None or received_on <= day
