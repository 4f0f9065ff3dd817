"""Write the board as one HTML page that needs no server and no network.

The page has its data as JSON, which its script shows as text nodes alone: what a section
typed never becomes markup. By its Content-Security-Policy (https://www.w3.org/TR/CSP3/) it
runs that script and no other, and loads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

from ledgerbook.board.board_content import MAX_ROWS, Board, build_board
from ledgerbook.identity import OutputKind, format_keywords
from ledgerbook.model.results import Ledger

BOARD_NAME = f"{OutputKind.BOARD}.html"

# Within a script element the parser looks for "<!--" and "</script" only
# (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements);
# with no "<" there is neither. Old scripts took U+2028 and U+2029 for the end of a line.
_JSON_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


# A place in board.html for what the page is made of.
_MARK = re.compile(r"\{\{([a-z_]+)\}\}")


def write_board(ledger: Ledger, max_rows: int = MAX_ROWS) -> bytes:
    """Return 看板.html; the same ledger always gives the same bytes.

    It has no personal data. Of more than ``max_rows`` rows it lists the open ones.
    """
    board = build_board(ledger, max_rows)
    style, script = _read_part("board.css"), _read_part("board.js")
    parts = {
        "title": escape(f"{board.agency}{board.year}年政务公开工作看板"),
        "keywords": format_keywords(OutputKind.BOARD),
        "summary": escape(_summarize(board)),
        "style_digest": _compute_digest(style),
        "script_digest": _compute_digest(script),
        "style": style,
        "script": script,
        "data": _format_json(board),
    }
    page = _MARK.sub(lambda mark: parts[mark[1]], _read_part("board.html"))
    # A lone half of a surrogate pair becomes the JSON escape that it is in Python too.
    return page.encode("utf-8", "backslashreplace")


@lru_cache
def _read_part(name: str) -> str:
    return files("ledgerbook.board").joinpath(name).read_text("utf-8")


def _compute_digest(text: str) -> str:
    """Return the hash by which the policy of the page allows a style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _format_json(board: Board) -> str:
    text = json.dumps(board, ensure_ascii=False, separators=(",", ":"), default=_list_fields)
    # Quicker than str.translate, which looks at each character.
    for character, escaped in _JSON_ESCAPES.items():
        text = text.replace(character, escaped)
    return text


def _list_fields(value: Any) -> dict[str, object]:
    """Return the fields of a dataclass with slots by name, for JSON."""
    return {name: getattr(value, name) for name in value.__slots__}


def _summarize(board: Board) -> str:
    """Return the main figures in a sentence, for a program that shows pages without scripts."""
    figures = board.figures
    overdue, due_soon, *_ = figures.rows.by_urgency
    return (
        f"汇总日期 {board.day}：任务 {figures.tasks.total} 项，科室任务 {figures.rows.total} 件，"
        f"逾期 {overdue} 件，临期 {due_soon} 件；"
        f"已报送的科室 {figures.returned_section_count}/{figures.section_count}。"
    )
