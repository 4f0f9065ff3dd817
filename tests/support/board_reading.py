"""Read a board back: the data of its page, and the figures of 总览 to compare them with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from tests.support.summary_reading import openpyxl_grid, read_table


class PageReader(HTMLParser):
    """Notes every element of a page, and the text of its scripts, as a browser parses them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._open = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag in ("script", "style"):
            (self.scripts if tag == "script" else self.styles).append("")

    def handle_endtag(self, _tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style"):
            (self.scripts if self._open == "script" else self.styles)[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.scripts[0]))

    @property
    def policy(self) -> str:
        (text,) = (
            attributes["content"]
            for _, attributes in self.elements
            if attributes.get("http-equiv") == "Content-Security-Policy"
        )
        return str(text)


def read_board(page: bytes) -> dict[str, Any]:
    return PageReader(page).data


def read_overview(summary: bytes) -> dict[str, dict[str, dict[str, object]]]:
    """Return the tables of 总览 by their first header, each by the label of its lines."""
    grid = openpyxl_grid(summary, "总览")
    tables = {}
    for header in ("统计口径", "科室", "工作要求"):
        lines = read_table(grid, header)
        tables[header] = {
            str(line.pop(header)): {key: value for key, value in line.items() if key != "None"}
            for line in lines
        }
    return tables


def read_key_figures(summary: bytes) -> dict[str, object]:
    """Return the large figures of 总览 by their labels."""
    grid = openpyxl_grid(summary, "总览")
    row = next(i for i, cells in enumerate(grid) if cells[0] == "任务总数（项）")
    return {
        str(label): value
        for label, value in zip(grid[row], grid[row + 1], strict=True)
        if label is not None
    }


def list_line_figures(board: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, object]:
    """Return the figures of one line of the board under the headers of 总览."""
    statuses = [status["text"] for status in board["figures"]["statuses"]]
    return {
        "总数": line["total"],
        **dict(zip(statuses, line["statuses"], strict=True)),
        **dict(zip(board["urgencies"], line["by_urgency"], strict=True)),
        "完成率": "—" if line["rate"] is None else line["rate"],
    }


def parse_figure(text: str) -> tuple[str, int]:
    """Split what a chip shows, as in 已完成 29, into label and count."""
    match = re.fullmatch(r"(.*) (\d+)", text)
    assert match, text
    return match[1], int(match[2])
