"""Names of files that every system accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.storage.file_names import make_file_names


def test_plain_section_names_stay_as_they_are() -> None:
    """A section's file bears its own name."""
    assert make_file_names(["综合科", "金融发展科"]) == {
        "综合科": "综合科",
        "金融发展科": "金融发展科",
    }


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("aux.", "_aux"),
        ("nul .txt", "_nul .txt"),
        ("Com1.综合", "_Com1.综合"),
        ("LPT\u00b9", "_LPT\u00b9"),
        ("CONOUT$", "_CONOUT$"),
        ("console", "console"),
        ("综合科. ", "综合科"),
        (".隐藏", "隐藏"),
        ("~$综合科", "_~$综合科"),
        ("A&B（一）【二】 100%#!^科", "A&B（一）【二】 100%#!^科"),
        # As a Mac writes it, and as everybody else does.
        ("Cafe\u0301科", "Caf\u00e9科"),
        (f"{'长' * 79} 科", "长" * 79),
    ],
)
def test_names_that_windows_or_a_mac_would_change(name: str, stem: str) -> None:
    """A file is called what the disk will call it; nothing else is touched."""
    assert make_file_names([name]) == {name: stem}


def test_names_that_are_one_to_a_file_system() -> None:
    """Names that differ by case or by how an accent is written get a number."""
    names = ["科A", "科a", "Caf\u00e9", "cafe\u0301", "综合科.", "综合科"]
    assert list(make_file_names(names).values()) == [
        *("科A", "科a(2)", "Caf\u00e9", "caf\u00e9(2)", "综合科", "综合科(2)")
    ]


@pytest.mark.parametrize("letter", ["长", "\U00020bb7", "a"])
def test_a_long_name_is_cut_to_what_a_disk_takes(tmp_path: Path, letter: str) -> None:
    """Linux counts bytes: 80 rare characters have 320; each file is still one's own."""
    names = [letter * 90 + end for end in "甲乙丙"]
    stems = make_file_names(names).values()
    for stem in stems:
        (tmp_path / f"{stem}.xlsx").write_bytes(b"")
    assert len(list(tmp_path.iterdir())) == 3
    assert all(len(stem) <= 80 for stem in stems)


def test_forbidden_characters_and_device_names() -> None:
    """What Windows forbids is replaced, and device names are avoided."""
    assert make_file_names(["法规/政策:科", "CON", " . "]) == {
        "法规/政策:科": "法规_政策_科",
        "CON": "_CON",
        " . ": "_",
    }


@given(st.lists(st.text(min_size=1, max_size=99), unique=True, max_size=12))
def test_stems_are_distinct_and_allowed(names: list[str]) -> None:
    """Any section names give distinct stems that every disk takes as they are."""
    stems = list(make_file_names(names).values())
    assert len({stem.casefold() for stem in stems}) == len(names)
    for stem in stems:
        assert stem == stem.strip(" ") == stem.rstrip(".")
        assert 0 < len(f"{stem}.xlsx".encode()) <= 255
        assert not set(stem) & set('\\/:*?"<>|\n\0')
