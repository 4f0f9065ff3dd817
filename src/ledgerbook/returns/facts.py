"""Keywords and last-saved time: what a workbook of any format notes of itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from ledgerbook import marks

# Where every office and section sits: saved times are told in its time.
BEIJING = timezone(timedelta(hours=8))

# LibreOffice takes keywords apart at every semicolon, and saves them as a list: with
# blanks between them in an .xlsx, commas in an .xls.
_LISTED = re.compile(rf"[\s,;]+(?=kind=|识别码|book=|round=|{marks.SEAL}=)")


def keywords_of(words: str) -> str:
    """Return keywords as they were issued, however a program has listed them."""
    return _LISTED.sub(";", words)


def moment_of(text: str) -> datetime | None:
    """Return a noted time in Beijing time; one that notes no zone is so already."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return in_beijing(moment) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def in_beijing(moment: datetime) -> datetime:
    """Return a moment, of UTC where it says no zone, in Beijing time without one."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(BEIJING).replace(tzinfo=None)
