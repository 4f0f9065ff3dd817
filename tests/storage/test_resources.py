"""The files that the program is shipped with."""

from __future__ import annotations

import pytest

from ledgerbook.errors import FileError
from ledgerbook.storage.resources import EXAMPLE_PLAN, find_resource


def test_what_is_shipped_is_found() -> None:
    assert find_resource(EXAMPLE_PLAN).is_file()
    assert find_resource("templates/registers").is_dir()


def test_what_is_missing_is_told_in_a_sentence() -> None:
    """The installation is broken: the clerk can only have it made anew."""
    with pytest.raises(FileError) as caught:
        find_resource("templates/没有.toml")
    assert str(caught.value) == (
        "本工具没有装好（缺少“templates/没有.toml”），"
        "请找给您装本工具的人（本单位的电脑维护人员）重装。"
    )
