"""What the computed cells of a register may say besides a date."""

from __future__ import annotations

# Where the calendar of working days does not reach.
UNKNOWN_DUE = "无法计算"
ALERTS = ("逾期", "临期", "按期", "超期")
