"""Check that a library is installed that only some formats of plans need."""

from __future__ import annotations

from importlib.util import find_spec

from ledgerbook.errors import InputError


def check_component(module: str, format_name: str) -> None:
    """Raise InputError where a library of the extra ``[plans]`` is not installed.

    ``module`` is the name by which it is imported, ``format_name`` what it reads, for the
    office.
    """
    if find_spec(module) is None:
        raise InputError(
            f"读{format_name}要用的组件没有安装。"
            "请用 Word 或 WPS 把方案另存为 .docx 后重试；"
            "或者请给您装本工具的人在程序源码的文件夹里运行“pip install .[plans]”装上。",
            code="component-missing",
            values={"component": module},
        )
