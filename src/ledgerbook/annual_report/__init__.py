"""Draft the 政府信息公开工作年度报告 as a Word document from the ledger.

:mod:`content` determines what the report says, :mod:`word_document` how it looks;
:mod:`report_template` fills a template of the office's own with the same contents.
"""

from ledgerbook.annual_report.content import build_draft, describe_draft, suggest_draft_name
from ledgerbook.annual_report.draft import ReportDraft
from ledgerbook.annual_report.report_template import fill_template
from ledgerbook.annual_report.sentences import AdoptedWording
from ledgerbook.annual_report.word_document import write_draft

__all__ = [
    "AdoptedWording",
    "ReportDraft",
    "build_draft",
    "describe_draft",
    "fill_template",
    "suggest_draft_name",
    "write_draft",
]
