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

from typing import Any

from ledgerbook.annual_report.draft import Passage, ReportDraft, ReportPart
from ledgerbook.text import chinese_date
from ledgerbook.word.template import fill


def fill_template(draft: ReportDraft, template: bytes, name: str) -> bytes:
    """Fill the office's template of a report. Raises InputError as ``fill`` does."""
    return fill(context(draft), template, name, "起草年报")


def context(draft: ReportDraft) -> dict[str, Any]:
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


def _figures(part: ReportPart) -> list[list[str]]:
    return [list(line) for line in part.table.plain] if part.table else []
