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
      ``item.added`` are the answers in columns that the office has added, in the order
      of ``annex_added``, their headers
    {%p for one in questions %} {{ one.text }} {{ one.details }}

A paragraph that nobody has filled says so in brackets, as in our own draft; a figure
that no register tells is blank.
"""

from __future__ import annotations

from typing import Any

from ledgerbook.annual_report.draft import Passage, ReportDraft, ReportPart
from ledgerbook.text import format_chinese_date
from ledgerbook.word.template import render_template


def fill_template(draft: ReportDraft, template: bytes, name: str) -> bytes:
    """Fill the office's template of a report. Raises InputError as render_template does."""
    return render_template(build_report_context(draft), template, name, "起草年报")


def build_report_context(draft: ReportDraft) -> dict[str, Any]:
    """Return everything that a template may name."""
    first, second, third, fourth, fifth, sixth = draft.parts
    problems, next_steps = fifth.passages
    return {
        "agency": draft.agency,
        "year": draft.year,
        "title": draft.title,
        "as_of": format_chinese_date(draft.as_of),
        "opening": draft.opening,
        "lead": first.lead,
        "topics": [
            {"heading": item.heading, "paragraphs": _list_paragraphs(item)}
            for item in first.passages
        ],
        "table2": _list_figures(second),
        "table3": _list_figures(third),
        "table4": _list_figures(fourth),
        "problems": _list_paragraphs(problems),
        "plans": _list_paragraphs(next_steps),
        "other": [{"text": sixth.missing, "source": ""}],
        "annex_title": draft.annex_title,
        "annex_added": list(draft.annex_headers.added),
        "annex": [
            {
                "number": item.number,
                "requirement": item.requirement,
                "point": item.point,
                "measure": item.measure,
                "units": item.units,
                "status": item.status,
                "result": item.result,
                "added": list(item.added),
            }
            for item in draft.annex
        ],
        "questions": [
            {"text": item.text, "details": list(item.details)} for item in draft.open_points
        ],
    }


def _list_paragraphs(passage: Passage) -> list[dict[str, str]]:
    paragraphs = [
        {
            "text": "".join(sentence.text for sentence in paragraph),
            "source": "\n".join(sentence.source_text for sentence in paragraph),
        }
        for paragraph in passage.paragraphs
    ]
    return paragraphs or [{"text": passage.missing, "source": ""}]


def _list_figures(part: ReportPart) -> list[list[str]]:
    return [list(line) for line in part.table.figure_lines] if part.table else []
