"""Names of sheets that Excel and WPS accept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.excel.names import make_sheet_names


def test_forbidden_characters_and_reserved_names() -> None:
    """What Excel forbids is replaced, and its reserved name is avoided."""
    assert make_sheet_names(["[一]科?", "'引号'", "History"]) == {
        "[一]科?": "_一_科_",
        "'引号'": "引号",
        "History": "_History",
    }


@given(st.lists(st.text(min_size=1, max_size=60), unique=True, max_size=12))
def test_names_are_distinct_and_allowed(names: list[str]) -> None:
    """Any section names give distinct sheet names of at most 31 characters."""
    given_names = make_sheet_names(names)
    folded = [name.casefold() for name in given_names.values()]
    assert list(given_names) == names
    assert len(set(folded)) == len(folded)
    assert all(0 < len(name) <= 31 for name in given_names.values())
    assert not set("".join(given_names.values())) & set("[]:*?/\\")
