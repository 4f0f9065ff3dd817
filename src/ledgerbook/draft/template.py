"""The office's own .docx, filled with the same contents as our own.

A template is a Word document with names in double braces (docxtpl, Jinja):

    {{ title }} {{ agency }} {{ year }} {{ as_of }} {{ opening }} {{ annex_title }}
    {%p for one in topics %} {{ one.heading }}
      {%p for each in one.paragraphs %} {{ each.text }} {{ each.source }}
    ``problems`` and ``plans`` (part five) and ``other`` (part six) are paragraphs too
    {{ table2[0][1] }} the first figure of the first line of table 2; ``table3`` and
      ``table4`` likewise: line by line as published, [0] being the line's name
    {%tr for item in annex %} {{ item.number }} {{ item.requirement }} {{ item.point }}
      {{ item.measure }} {{ item.units }} {{ item.status }} {{ item.result }}
    {%p for one in questions %} {{ one.text }} {{ one.details }}

A paragraph that nobody has filled says so in brackets, as in our own draft; a figure
that no register tells is blank.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from ledgerbook.draft.pieces import Draft, Part, Passage
from ledgerbook.errors import InputError
from ledgerbook.plan.package import WORD, guard
from ledgerbook.sheets.timeless import same_zip
from ledgerbook.text import chinese_date

_QUOTED = re.compile(r"'([^']+)'")


def fill_template(draft: Draft, template: bytes, name: str) -> bytes:
    """Fill the office's template of a report. Raises InputError as ``fill`` does."""
    return fill(context(draft), template, name, "起草年报")


def fill(names: Mapping[str, Any], template: bytes, name: str, chapter: str) -> bytes:
    """Fill a template, called ``name`` where something is wrong with it.

    ``chapter`` of the manual lists what it may ask for. Raises InputError when it
    cannot be read, or asks for what there is not.
    """
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        guard(template, WORD)
    except InputError as error:
        raise InputError(f"模板“{name}”打不开。{error}") from error
    # What a template asks for and there is not must not pass for blank; and it may
    # only ask, never run anything.
    rules = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    buffer = io.BytesIO()
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(names), rules, autoescape=True)
        document.save(buffer)
    except TemplateError as error:
        raise InputError(_complaint(name, error, chapter)) from error
    except Exception as error:
        # docxtpl raises whatever its parsers raise; the office needs one sentence.
        raise InputError(
            f"模板“{name}”不能用（{type(error).__name__}）。"
            "请用 Word 或 WPS 打开确认，核对其中花括号里的内容，另存为 .docx 后重试。"
        ) from error
    return same_zip(buffer.getvalue())


def context(draft: Draft) -> dict[str, Any]:
    """Return everything that a template may name."""
    first, second, third, fourth, fifth, sixth = draft.parts
    problems, plans = fifth.passages
    return {
        "agency": draft.agency,
        "year": draft.year,
        "title": draft.title,
        "as_of": chinese_date(draft.as_of),
        "opening": draft.opening,
        "lead": first.lead,
        "topics": [
            {"heading": one.heading, "paragraphs": _paragraphs(one)}
            for one in first.passages
        ],
        "table2": _figures(second),
        "table3": _figures(third),
        "table4": _figures(fourth),
        "problems": _paragraphs(problems),
        "plans": _paragraphs(plans),
        "other": [{"text": sixth.missing, "source": ""}],
        "annex_title": draft.annex_title,
        "annex": [
            {
                "number": one.number,
                "requirement": one.requirement,
                "point": one.point,
                "measure": one.measure,
                "units": one.units,
                "status": one.status,
                "result": one.result,
            }
            for one in draft.annex
        ],
        "questions": [
            {"text": one.text, "details": list(one.details)} for one in draft.questions
        ],
    }


def _paragraphs(passage: Passage) -> list[dict[str, str]]:
    told = [
        {
            "text": "".join(sentence.text for sentence in sentences),
            "source": "\n".join(sentence.source for sentence in sentences),
        }
        for sentences in passage.paragraphs
    ]
    return told or [{"text": passage.missing, "source": ""}]


def _figures(part: Part) -> list[list[str]]:
    return [list(line) for line in part.table.plain] if part.table else []


def _complaint(name: str, error: Exception, chapter: str) -> str:
    from jinja2 import UndefinedError

    if isinstance(error, UndefinedError):
        asked = "”“".join(_QUOTED.findall(str(error))[-1:]) or "某个名称"
        return (
            f"模板“{name}”里写了“{asked}”，可用的名称里没有这一项。"
            f"请照使用手册“{chapter}”一节列出的名称改正后重试。"
        )
    return (
        f"模板“{name}”里花括号的写法不对，没有填。"
        "请核对 {{ }} 和 {% %} 是否成对、for 后面有没有 endfor，改正后重试。"
    )
