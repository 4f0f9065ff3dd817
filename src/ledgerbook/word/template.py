"""Fill an office's own .docx template: names in double braces are replaced by values.

The template language is Jinja (https://jinja.palletsprojects.com/templates/) by way of
docxtpl (https://docxtpl.readthedocs.io/). A template comes from outside: it may only ask
for values, in a sandbox.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledgerbook.errors import InputError
from ledgerbook.excel.deterministic_zip import normalize_zip
from ledgerbook.file_types import WORD_DOCUMENT, check_package

_QUOTED_NAME = re.compile(r"'([^']+)'")


def render_template(context: Mapping[str, Any], template: bytes, name: str, chapter: str) -> bytes:
    """Return ``template`` filled with the values of ``context``.

    Messages call it ``name`` and refer to ``chapter`` of the manual for the names that it
    may use. Raises InputError when it cannot be read, or uses a name that is unknown.
    """
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        check_package(template, WORD_DOCUMENT)
    except InputError as error:
        raise InputError(
            f"模板“{name}”打不开。{error}", code="template-invalid", path=Path(name)
        ) from error
    # An unknown name is an error, not a blank; and a template cannot run anything.
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    buffer = io.BytesIO()
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(context), environment, autoescape=True)
        document.save(buffer)
    except TemplateError as error:
        raise InputError(
            _describe_template_error(name, error, chapter), code="template-invalid", path=Path(name)
        ) from error
    except Exception as error:
        # docxtpl raises whatever its parsers raise; the office needs one sentence.
        raise InputError(
            f"模板“{name}”不能用（{type(error).__name__}）。"
            "请用 Word 或 WPS 打开确认，核对其中花括号里的内容，另存为 .docx 后重试。",
            code="template-invalid",
            path=Path(name),
        ) from error
    return normalize_zip(buffer.getvalue())


def _describe_template_error(name: str, error: Exception, chapter: str) -> str:
    """Return in Chinese what is wrong in the braces of the template ``name``."""
    from jinja2 import UndefinedError

    if isinstance(error, UndefinedError):
        missing_name = "”“".join(_QUOTED_NAME.findall(str(error))[-1:]) or "某个名称"
        return (
            f"模板“{name}”里写了“{missing_name}”，可用的名称里没有这一项。"
            f"请照使用手册“{chapter}”一节列出的名称改正后重试。"
        )
    return (
        f"模板“{name}”里花括号的写法不对，没有填。"
        "请核对 {{ }} 和 {% %} 是否成对、for 后面有没有 endfor，改正后重试。"
    )
