"""Names and things in a folder that no clerk expects."""

from __future__ import annotations

import os
from pathlib import Path

# Every name a genuine return may come under; each must simply be read.
NAMES: tuple[str, ...] = (
    f"{'长' * 80}.xlsx",
    "换\n行.xlsx",
    "回\r车.xlsx",
    "响\x07铃\x1b[31m.xlsx",
    "表情😀.xlsx",
    "倒写\u202excod.xlsx",
    "零\u200b宽.xlsx",
    " 首尾空格 .xlsx",
    "=cmd|'!A0.xlsx",
    "'单引号.xlsx",
    "{raw}.xlsx",
    "%s%n.xlsx",
    "<script>alert(1)<.xlsx",
    "-rf.xlsx",
    "点.xlsx.xlsx",
)
# A name that is no UTF-8 at all, as an old Windows disk may hold.
NOT_UTF8 = os.fsdecode("国标".encode("gb18030") + b".xlsx")


def odd_things(folder: Path) -> dict[str, set[str]]:
    """Put things into ``folder`` that are no files; return the codes each must give."""
    expected: dict[str, set[str]] = {}
    (folder / "其实是文件夹.xlsx").mkdir()
    (folder / "环").mkdir()
    (folder / "环" / "回到上面").symlink_to(folder, target_is_directory=True)
    (folder / "自指.xlsx").symlink_to("自指.xlsx")
    (folder / "断链.xlsx").symlink_to("不存在.xlsx")
    expected["自指.xlsx"] = expected["断链.xlsx"] = expected["环/回到上面"] = {"file-link"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "管道.xlsx")
        expected["管道.xlsx"] = {"file-unreadable"}
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        (folder / "无权.xlsx").write_bytes(b"PK")
        (folder / "无权.xlsx").chmod(0)
        expected["无权.xlsx"] = {"file-unreadable"}
    return expected
