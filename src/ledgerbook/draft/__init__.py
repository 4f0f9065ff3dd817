"""Ledger → a Word draft of the 政府信息公开工作年度报告.

``contents`` says what the report says, ``word`` how it looks; a template of the
office's own is filled with the same contents by ``template``.
"""

from ledgerbook.draft.contents import draft, draft_name
from ledgerbook.draft.notice import fill_notice, write_notice
from ledgerbook.draft.pieces import Draft
from ledgerbook.draft.said import sentences
from ledgerbook.draft.template import fill_template
from ledgerbook.draft.word import write_draft

__all__ = [
    "Draft",
    "draft",
    "draft_name",
    "fill_notice",
    "fill_template",
    "sentences",
    "write_draft",
    "write_notice",
]
