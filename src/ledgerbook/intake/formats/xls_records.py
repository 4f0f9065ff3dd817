"""Find records of some types in the stream of an .xls ([MS-XLS] 2.1.4).

The stream is a sequence of BIFF records: those of the workbook, then those of each sheet.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_BOF, _EOF, _BOUND_SHEET, _CONTINUE = 0x0809, 0x000A, 0x0085, 0x003C
_HEADER = struct.Struct("<HH")
_SHEET_TYPE_OFFSET = 5


@dataclass(slots=True)
class XlsRecord:
    """A record: its data, and that of the records that continue it.

    ``sheet_start`` is the offset of the sheet or of the workbook's own part that it
    stands in; ``depth`` is 1, or more in what is embedded there, such as a chart.
    """

    record_type: int
    chunks: list[bytes]
    sheet_start: int
    depth: int

    @property
    def data(self) -> bytes:
        return b"".join(self.chunks)


@dataclass(frozen=True, slots=True)
class XlsRecords:
    """The records found, and the offset of each worksheet, in the order of the worksheets."""

    records: Sequence[XlsRecord]
    worksheet_starts: Sequence[int]

    def join_data(self, record_type: int) -> bytes:
        """Return the data of all records of a type, wherever they stand."""
        return b"".join(r.data for r in self.records if r.record_type == record_type)

    def list_by_worksheet(self, *record_types: int) -> list[list[XlsRecord]]:
        """Return the records of some types in each worksheet, not in what is embedded."""
        records_by_start: dict[int, list[XlsRecord]] = {}
        for record in self.records:
            if record.record_type in record_types and record.depth == 1:
                records_by_start.setdefault(record.sheet_start, []).append(record)
        return [records_by_start.get(start, []) for start in self.worksheet_starts]


def find_records(stream: bytes, record_types: Collection[int]) -> XlsRecords:
    """Return the records of ``record_types`` in their order, each with its continuations."""
    records: list[XlsRecord] = []
    worksheet_starts: list[int] = []
    depth = sheet_start = offset = 0
    continued: XlsRecord | None = None
    watched_types = {*record_types, _BOF, _EOF, _BOUND_SHEET, _CONTINUE}
    end = len(stream) - _HEADER.size
    while offset <= end:
        record_type, size = _HEADER.unpack_from(stream, offset)
        data_start, record_start = offset + _HEADER.size, offset
        offset = data_start + size
        if record_type not in watched_types:
            continued = None
            continue
        data = stream[data_start:offset]
        if record_type == _CONTINUE:
            if continued:
                continued.chunks.append(data)
            continue
        continued = None
        if record_type == _BOF:
            sheet_start = record_start if depth == 0 else sheet_start
            depth += 1
        elif record_type == _EOF:
            depth -= 1
        elif record_type == _BOUND_SHEET:
            if data[_SHEET_TYPE_OFFSET : _SHEET_TYPE_OFFSET + 1] == b"\0":
                worksheet_starts.append(int.from_bytes(data[:4], "little"))
        else:
            continued = XlsRecord(record_type, [data], sheet_start, depth)
            records.append(continued)
    return XlsRecords(records, worksheet_starts)
