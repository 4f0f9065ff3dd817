"""Put what the office says on a day among the sheets that sections returned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from ledgerbook.merge.answers import R, ReturnedSheet
from ledgerbook.merge.receipts import is_received_by

DatedSheet = tuple[date, ReturnedSheet[R]]


def count_received(sheets: Sequence[ReturnedSheet[R]], day: date) -> int:
    """Return how many of ``sheets`` stand before what the office said on ``day``."""
    positions = [
        position for position, sheet in enumerate(sheets, 1) if is_received_by(sheet.report, day)
    ]
    return max(positions, default=0)


def insert_patches(
    sheets: Sequence[ReturnedSheet[R]], dated: Iterable[DatedSheet[R]]
) -> list[ReturnedSheet[R]]:
    """Put each patch after the last sheet that was received until its day."""
    patches_by_position: dict[int, list[DatedSheet[R]]] = defaultdict(list)
    for day, patch in dated:
        patches_by_position[count_received(sheets, day)].append((day, patch))
    merged: list[ReturnedSheet[R]] = []
    for position in range(len(sheets) + 1):
        patches = patches_by_position.get(position, [])
        merged += [patch for _, patch in sorted(patches, key=lambda item: item[0])]
        merged += sheets[position : position + 1]
    return merged
