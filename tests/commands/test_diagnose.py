"""What a diagnosis says of a command line: nothing that a person made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgerbook.commands.diagnose import mask_arguments
from ledgerbook.intake.structure import describe_structure
from tests.support.books import FINANCE
from tests.support.returns import answered, replace_parts


def test_words_that_look_like_options_are_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password may begin with a hyphen; a name may be attached to an option."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zhangsan.xlsx").write_bytes(b"")
    words = ["collect", "zhangsan.xlsx", "-ozhangsan", "--password", "-lisi", "--password=wangwu"]
    known = {"collect", "-o", "--password"}
    assert mask_arguments(words, known) == [
        "collect",
        "文件.xlsx",
        "…",
        "--password",
        "…",
        "--password",
    ]


@pytest.mark.parametrize(("version", "shown"), [("16.0300", "16.0300"), ("13800138000", "…")])
def test_a_number_that_is_no_version_is_masked(version: str, shown: str) -> None:
    xml = f"<Properties><AppVersion>{version}</AppVersion></Properties>".encode()
    data = replace_parts(answered(FINANCE), {"docProps/app.xml": lambda _: xml})
    assert describe_structure(data)["version"] == shown
