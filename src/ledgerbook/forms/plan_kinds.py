"""Choose the words of the ledger by the kind of the plan: 政务公开, 整改, 督办 and so on.

The kinds are data, in ``templates/plan-kinds.toml``. Only ``init`` asks for them; from then
on the book has the words, and the office changes them there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

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
