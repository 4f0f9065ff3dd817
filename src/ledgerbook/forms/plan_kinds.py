"""Choose the words of the ledger by the kind of the plan: 政务公开, 整改, 督办 and so on.

The kinds are data, in ``templates/plan-kinds.toml``. Only ``init`` asks for them; from then
on the book has the words, and the office changes them there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form
from ledgerbook.model.form_columns import PLAN_LABEL
from ledgerbook.storage.resources import find_resource


@dataclass(frozen=True, slots=True)
class PlanKind:
    """A kind of plan.

    ``work_name`` is what titles call the work, ``form_title`` what its ledger is called.
    ``headers`` are those of columns, by key, and ``statuses`` the words that replace those of
    the factory form, by these.
    """

    name: str
    title_words: tuple[str, ...]
    work_name: str
    form_title: str
    headers: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def list_plan_kinds() -> tuple[PlanKind, ...]:
    """Return the kinds in the order in which they are tried; the last is any other plan."""
    data = tomllib.loads(find_resource("templates/plan-kinds.toml").read_text("utf-8"))
    return tuple(
        PlanKind(**{**kind, "title_words": tuple(kind["title_words"])}) for kind in data["kinds"]
    )


def find_plan_kind(title: str, name: str = "") -> PlanKind:
    """Return the kind called ``name``, or the first whose words stand in the plan's title.

    Raises KeyError for a name that is none.
    """
    kinds = list_plan_kinds()
    if name:
        return {kind.name: kind for kind in kinds}[name]
    found = (kind for kind in kinds if any(word in title for word in kind.title_words))
    return next(found, kinds[-1])


def apply_plan_kind(definition: Mapping[str, Any], kind: PlanKind) -> dict[str, Any]:
    """Return the definition of the task ledger, as of its TOML, in the words of ``kind``.

    What a column asks or shows by the name of a status or of another column follows.
    """
    headers_by_key = {column["key"]: column["header"] for column in definition["columns"]}
    replacements = {
        **kind.statuses,
        **{headers_by_key[key]: header for key, header in kind.headers.items()},
    }
    columns = [
        {
            name: _replace_words(value, replacements) if name in _WORDED_FIELDS else value
            for name, value in column.items()
        }
        | {"header": kind.headers.get(column["key"], column["header"])}
        for column in definition["columns"]
    ]
    choices = [
        {**choice, "value": kind.statuses.get(choice["value"], choice["value"])}
        for choice in definition["choices"]
    ]
    return {**definition, "title": kind.form_title, "columns": columns, "choices": choices}


# The fields of a column in which statuses and other columns are named.
_WORDED_FIELDS = frozenset({"required", "excluded", "prompt", "example", "not_before"})


def _replace_words(text: Any, replacements: Mapping[str, str]) -> Any:
    """Return ``text`` with each word replaced once, the longest first."""
    if not isinstance(text, str) or not replacements:
        return text
    pattern = "|".join(map(re.escape, sorted(replacements, key=len, reverse=True)))
    return re.sub(pattern, lambda match: replacements[match[0]], text)


# --- the plan's other columns ---

_MAX_PLAN_COLUMNS = 8
_PLAN_COLUMN_KEY = "plan_{}"
_MIN_WIDTH, _MAX_WIDTH = 8.0, 14.0


def add_plan_columns(form: Form, notes: Iterable[str]) -> Form:
    """Return the task ledger with an official column for each other column of the plan.

    ``notes`` are the texts of 备注: a line ``header：text`` for each of these columns. They stand
    behind 时限, in the order in which they come first; more than eight stay in 备注 alone.
    """
    texts_by_header: dict[str, list[str]] = {}
    for line in (line for note in notes for line in note.split("\n")):
        if match := PLAN_LABEL.match(line):
            texts_by_header.setdefault(match[1], []).append(line[match.end() :])
    used_headers = {column.header for column in form.columns}
    plan_columns = tuple(
        Column(
            key=_PLAN_COLUMN_KEY.format(number),
            header=f"{header}（方案）" if header in used_headers else header,
            kind=ColumnType.LONG_TEXT,
            filler=Filler.OFFICIAL,
            width=min(_MAX_WIDTH, max(_MIN_WIDTH, *(len(text) for text in texts))),
            source=ColumnSource.PLAN_COLUMN,
            example=header,
        )
        for number, (header, texts) in enumerate(
            islice(texts_by_header.items(), _MAX_PLAN_COLUMNS), 1
        )
    )
    position = 1 + max(
        index
        for index, column in enumerate(form.columns)
        if column.source in (ColumnSource.MEASURE, ColumnSource.DEADLINE_TEXT)
    )
    columns = (*form.columns[:position], *plan_columns, *form.columns[position:])
    return replace(form, columns=columns)
