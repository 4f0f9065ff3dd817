"""Follow the entries of a register over the corrections of their key by the office.

An entry is known by its identity columns (识别栏目). Where the office corrects one of them in
更正代填, the files still show the old values and later forms the new ones: the rows of both
are one entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar, cast

from ledgerbook.intake.file_content import EntryContent
from ledgerbook.merge.answers import ReturnedSheet
from ledgerbook.merge.patches import count_received
from ledgerbook.merge.register_entries import EntryKey
from ledgerbook.model import Form
from ledgerbook.model.office_entries import OfficeEntry
from ledgerbook.text import format_value, normalize

IdentityValues = tuple[str, ...]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CorrectedKey:
    """The identity that an entry has by the office since ``day``, also as it was typed."""

    values: IdentityValues
    typed_texts: tuple[str, ...]
    day: date


CorrectedKeys = Mapping[IdentityValues, CorrectedKey]


def split_identity(text: str) -> IdentityValues:
    """Return the identity values that the office wrote in the cell 行码."""
    return tuple(normalize(value) for value in text.split("、"))


def map_corrected_keys(
    form: Form, entries: Iterable[OfficeEntry], sheets: Sequence[ReturnedSheet[EntryKey]]
) -> dict[IdentityValues, CorrectedKey]:
    """Return the identity values that files show, with those that hold by the office.

    ``entries`` are those of one section and register. One correction may follow another,
    also back to what was there before.
    """
    shown = [_list_identities(sheet) for sheet in sheets]
    corrected: dict[IdentityValues, CorrectedKey] = {}
    for entry in sorted(entries, key=lambda entry: entry.day):
        if entry.column not in form.identity or entry.value is None:
            continue
        written = split_identity(entry.row)
        known = corrected.get(written)
        old = known.values if known else written
        former = {values for values, key in corrected.items() if key.values == old}
        if any(old in identities and former & identities for identities in shown):
            # A file shows both: what was corrected to this is another entry.
            former = set()
        texts = list(known.typed_texts if known else entry.row.split("、"))
        texts[form.identity.index(entry.column)] = format_value(entry.value)
        key = CorrectedKey(tuple(map(normalize, texts)), tuple(texts), entry.day)
        corrected.update(dict.fromkeys((*former, old), key))
    return corrected


def rekey_sheets(
    sheets: Sequence[ReturnedSheet[EntryKey]], corrected: CorrectedKeys
) -> list[ReturnedSheet[EntryKey]]:
    """Return the sheets with each corrected entry under the key that it has now."""
    if not corrected:
        return list(sheets)
    doubled = frozenset(_find_doubled(sheets, corrected))
    return [
        replace(
            sheet,
            rows=cast("dict[EntryKey, EntryContent]", _rekey_rows(sheet.rows, corrected, doubled)),
            issued=_rekey_rows(sheet.issued, corrected, doubled),
        )
        for sheet in sheets
    ]


def _list_identities(sheet: ReturnedSheet[EntryKey]) -> set[IdentityValues]:
    return {key.identity_values for key in sheet.rows}


def _find_doubled(
    sheets: Sequence[ReturnedSheet[EntryKey]], corrected: CorrectedKeys
) -> Iterator[IdentityValues]:
    """Yield the identities corrected to that of another entry which stood beside them.

    The two are one twice from then on, which is reported. Where a later sheet shows both,
    the old identity has been given to a new entry instead.
    """
    shown = [(_list_identities(sheet), _find_staying(sheet.rows, corrected)) for sheet in sheets]
    for values, key in corrected.items():
        earlier = shown[: count_received(sheets, key.day)]
        if any(values in identities and key.values in staying for identities, staying in earlier):
            yield values


def _find_staying(rows: Iterable[EntryKey], corrected: CorrectedKeys) -> set[IdentityValues]:
    """Return the identities of the rows that no correction changes."""
    identities = {key.identity_values for key in rows}
    return {
        values
        for values in identities
        if values not in corrected or corrected[values].values == values
    }


def _rekey_rows(
    rows: Mapping[EntryKey, _T], corrected: CorrectedKeys, doubled: frozenset[IdentityValues]
) -> dict[EntryKey, _T]:
    staying = _find_staying(rows, corrected)
    repeats: Counter[IdentityValues] = Counter()
    rekeyed: dict[EntryKey, _T] = {}
    for key, content in rows.items():
        values = key.identity_values
        correction = corrected.get(values)
        if correction and (correction.values not in staying or values in doubled):
            values = correction.values
        rekeyed[replace(key, identity_values=values, repeat_index=repeats[values])] = content
        repeats[values] += 1
    return rekeyed
