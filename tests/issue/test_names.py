"""Names of files and sheets that every system accepts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.issue.names import file_names, sheet_names


def test_plain_section_names_stay_as_they_are() -> None:
    """A section's file and sheet bear its own name."""
    assert file_names(["综合科", "金融发展科"]) == {
        "综合科": "综合科",
        "金融发展科": "金融发展科",
    }


def test_forbidden_characters_and_device_names() -> None:
    """What Windows or Excel forbid is replaced, and device names are avoided."""
    assert file_names(["法规/政策:科", "CON", " . "]) == {
        "法规/政策:科": "法规_政策_科",
        "CON": "_CON",
        " . ": "_",
    }
    assert sheet_names(["[一]科?", "'引号'", "History"]) == {
        "[一]科?": "_一_科_",
        "'引号'": "引号",
        "History": "_History",
    }


@given(st.lists(st.text(min_size=1, max_size=60), unique=True, max_size=12))
def test_names_are_distinct_and_allowed(names: list[str]) -> None:
    """Any section names give distinct sheet names of at most 31 characters."""
    given_names = sheet_names(names)
    folded = [name.casefold() for name in given_names.values()]
    assert list(given_names) == names
    assert len(set(folded)) == len(folded)
    assert all(0 < len(name) <= 31 for name in given_names.values())
    assert not set("".join(given_names.values())) & set("[]:*?/\\")
