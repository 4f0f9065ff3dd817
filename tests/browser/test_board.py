"""The board in a real Chromium: its figures, keys, sizes and colours, without a network."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from ledgerbook.board import write_board
from ledgerbook.model.results import Ledger
from ledgerbook.summary import write_summary
from tests.browser.chromium import Chromium
from tests.support import ledgers
from tests.support.board_ledgers import (
    FINANCE,
    LEGAL,
    MARKUP,
    OFFICE,
    SECTIONS,
    make_hostile_ledger,
    make_small_ledger,
)
from tests.support.board_reading import parse_figure, read_key_figures, read_overview

# Every text of the page, opened lines included, with its colour and what is behind it.
_LIST_CONTRASTS = """
(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (channels) => channels.slice(0, 3)
    .map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const findFill = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const fill = parse(getComputedStyle(at).backgroundColor);
      if (fill.length === 3 || fill[3] === 1) return fill;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const shown = walker.currentNode.data.trim() && element.getClientRects().length;
    if (!shown || ["SCRIPT", "OPTION"].includes(element.tagName)) continue;
    const pair = [light(parse(getComputedStyle(element).color)), light(findFill(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    found.push([Math.round(ratio * 100) / 100, walker.currentNode.data.slice(0, 20)]);
  }
  return found;
})()
"""
_OPEN_ALL = "document.querySelectorAll('.row[aria-expanded=false]').forEach((row) => row.click())"


def open_board(browser: Chromium, ledger: Ledger, folder: Path) -> Chromium:
    path = folder / "看板.html"
    path.write_bytes(write_board(ledger))
    browser.open(path)
    return browser


@pytest.fixture
def board(browser: Chromium, tmp_path: Path) -> Chromium:
    return open_board(browser, make_small_ledger(), tmp_path)


def list_texts(browser: Chromium, selector: str) -> list[str]:
    found = browser.evaluate(
        f"[...document.querySelectorAll({selector!r})].map((one) => one.innerText)"
    )
    return list(found)


def read_count(browser: Chromium) -> tuple[int, int]:
    """Return how many tasks and rows the list says that it has."""
    (text,) = list_texts(browser, "#count")
    tasks, rows = re.findall(r"\d+", text)
    return int(tasks), int(rows)


def click(browser: Chromium, selector: str, text: str) -> None:
    """Click the first element of ``selector`` whose text begins so."""
    browser.evaluate(
        f"[...document.querySelectorAll({selector!r})]"
        f".find((one) => one.innerText.trim().startsWith({text!r})).click()"
    )


def get_focused(browser: Chromium) -> str:
    return str(browser.evaluate("document.activeElement.innerText || document.activeElement.id"))


# --- figures ---


def test_the_figures_shown_are_those_of_the_overview(board: Chromium) -> None:
    """Large figures, and each status and urgency of tasks and of rows."""
    summary = write_summary(make_small_ledger())
    tiles = dict(reversed(text.split("\n")) for text in list_texts(board, ".tile"))
    for label, value in read_key_figures(summary).items():
        shown = f"{value:.1%}" if isinstance(value, float) else str(value)
        assert tiles[label] == shown
    tables = read_overview(summary)
    for number, label in enumerate(("任务（项）", "科室任务（件）"), 1):
        line = tables["统计口径"][label]
        shown_figures = dict(
            map(parse_figure, list_texts(board, f".line:nth-child({number}) .chip"))
        )
        counted = {key: value for key, value in line.items() if key not in ("总数", "完成率")}
        zeros = dict.fromkeys(counted, 0)
        assert zeros | shown_figures == counted
    for section in SECTIONS:
        (shown_line,) = (t for t in list_texts(board, "#section-list .row") if section in t)
        line = tables["科室"][section]
        assert f"{line['总数']} 件" in shown_line
        assert f"{line['完成率']:.1%}" in shown_line


def test_each_figure_lists_what_it_counts(board: Chromium) -> None:
    """Every figure of rows lists as many rows, every figure of tasks as many tasks."""
    for number, counted in ((1, 0), (2, 1)):
        selector = f".line:nth-child({number}) .chip"
        for text in list_texts(board, selector):
            _, count = parse_figure(text)
            click(board, selector, text)
            assert read_count(board)[counted] == count, text
    click(board, ".tile", "7")
    assert read_count(board) == (4, 7)


def test_a_figure_leads_to_file_and_cell(board: Chromium) -> None:
    """From the overdue rows to a task, to a section, to the cell that it filled."""
    click(board, ".tile", "2\n逾期")
    assert read_count(board) == (1, 2)
    click(board, "#task-list .row", "红")
    (panel,) = list_texts(board, "#task-list .panel")
    assert f"出处：{LEGAL}.xlsx › 工作表“台账”" in panel
    assert "正在核对。 单元格 J7" in panel
    assert f"{FINANCE}（落实）：未报送 逾期，已逾期 8 天" in panel
    assert OFFICE not in panel


def test_searching_leaves_what_has_all_words(board: Chromium) -> None:
    """Words of the task and of an answer; full-width letters are the same as others."""
    browser = board
    browser.evaluate("document.getElementById('search').focus()")
    browser.type_text("落实第 1 项 ８６ 已公布")
    wait_until(browser, "document.getElementById('count').innerText.includes('科室任务 1 件')")
    assert read_count(browser) == (1, 1)
    click(browser, "#clear", "全部显示")
    assert read_count(browser) == (4, 7)
    browser.evaluate(
        "(() => { const box = document.getElementById('section'); "
        f"box.value = {LEGAL!r}; box.dispatchEvent(new Event('change')); }})()"
    )
    assert read_count(browser) == (3, 3)


def wait_until(browser: Chromium, condition: str) -> None:
    deadline = time.monotonic() + 20
    while not browser.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


def test_a_section_tells_its_reasons(board: Chromium) -> None:
    """The gravest first; opened, it lists what it must correct, with the cell."""
    lines = list_texts(board, "#section-list > li")
    assert [line.split("\n")[0] for line in lines] == ["红", "红", "绿"]
    click(board, "#section-list .row", f"红\n{LEGAL}")
    (line,) = (text for text in list_texts(board, "#section-list > li") if LEGAL in text)
    assert "逾期 1 件；临期 1 件；要改正的有 1 处" in line
    assert f"出处：{LEGAL}.xlsx › 工作表“台账” › 单元格 L9" in line


def test_many_tasks_are_shown_page_by_page(browser: Chromium, tmp_path: Path) -> None:
    tasks = [ledgers.task(number, (OFFICE,)) for number in range(1, 121)]
    board = open_board(browser, ledgers.ledger(ledgers.book((OFFICE,), tasks), {}), tmp_path)
    assert read_count(board) == (120, 120)
    counts = []
    for _ in range(3):
        counts.append(len(list_texts(board, "#task-list .row")))
        board.evaluate("(document.querySelector('#task-list .next') || {click() {}}).click()")
    assert counts == [50, 100, 120]
    assert list_texts(board, "#task-list .next") == []


# --- no network, no markup ---


def test_nothing_is_asked_of_any_server(board: Chromium) -> None:
    """The file alone is loaded, whatever is opened; no script fails, no policy is broken."""
    board.evaluate(_OPEN_ALL)
    (request,) = board.requests
    assert request.startswith("file://")
    assert board.errors == []


def test_text_of_a_return_never_becomes_an_element(browser: Chromium, tmp_path: Path) -> None:
    """All that a section typed is shown as it was typed, with everything opened."""

    def list_elements(ledger: Ledger) -> Any:
        board = open_board(browser, ledger, tmp_path)
        board.evaluate(_OPEN_ALL)
        return board.evaluate("[...document.querySelectorAll('*')].map((one) => one.tagName)")

    plain = list_elements(make_hostile_ledger("甲"))
    assert list_elements(make_hostile_ledger()) == plain
    assert "IMG" not in plain
    assert browser.errors == []
    assert browser.evaluate("document.title").startswith(MARKUP.split("\u2028")[0])
    texts = "".join(list_texts(browser, "#task-list .text"))
    assert texts.count("onerror=document.title='坏'") >= len(ledgers.ANSWER_KEYS)


def test_the_page_runs_no_other_script(board: Chromium) -> None:
    """The policy holds should markup come in some day."""
    board.evaluate(
        "(() => { const added = document.createElement('script'); "
        "added.textContent = 'window.intruded = true'; document.body.append(added); "
        "const picture = document.createElement('img'); picture.src = 'https://example.com/a.png'; "
        "document.body.append(picture); })()"
    )
    assert board.evaluate("window.intruded") is None
    board.wait_for("Network.loadingFailed")
    assert board.refused == ["https://example.com/a.png"]
    assert len(board.errors) == 2
    assert all("Content Security Policy" in error for error in board.errors)


# --- keys, sizes, colours ---


def test_the_keyboard_reaches_everything(board: Chromium) -> None:
    """Tab comes to every control in order, each with a visible focus; Enter opens and closes."""
    controls = board.evaluate(
        "[...document.querySelectorAll('a, button, select, input, summary')]"
        ".filter((one) => one.checkVisibility()).length"
    )
    reached = []
    for _ in range(controls):
        board.press("Tab")
        reached.append(get_focused(board))
        style = board.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", reached[-1]
    assert len(reached) == controls
    assert reached[0] == "跳到任务清单"
    assert [text for text in reached if LEGAL in text and "红" in text]
    assert "search" in reached
    board.evaluate("document.querySelector('#task-list .row').focus()")
    for key, expanded in (("Enter", "true"), ("Enter", "false"), (" ", "true")):
        board.press(key)
        state = "document.activeElement.getAttribute('aria-expanded')"
        assert board.evaluate(state) == expanded
    panel = "document.getElementById(document.activeElement.getAttribute('aria-controls'))"
    assert board.evaluate(f"{panel}.hidden") is False


def test_every_control_has_a_name(board: Chromium) -> None:
    """A program that reads the screen aloud says what each control is."""
    board.evaluate(_OPEN_ALL)
    nodes = board.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "searchbox", "combobox", "link", "DisclosureTriangle"}
    names = [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") in roles]
    assert len(names) > 20
    assert all(names)
    assert {"任务总数（项）" in name for name in names} == {True, False}


@pytest.mark.parametrize("text", ["甲", "很长的名字" * 40, "unbroken" * 60])
def test_a_telephone_shows_it_without_scrolling_sideways(
    browser: Chromium, tmp_path: Path, text: str
) -> None:
    """360 pixels wide, everything opened, whatever the texts are."""
    browser.resize(360, mobile=True)
    for ledger in (make_small_ledger(), make_hostile_ledger(text)):
        board = open_board(browser, ledger, tmp_path)
        board.evaluate(_OPEN_ALL)
        board.evaluate(
            "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
        )
        assert board.evaluate("document.scrollingElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_easy_to_read_by_day_and_by_night(board: Chromium, scheme: str) -> None:
    """Contrast of at least 4.5 (WCAG 2.2, 1.4.3); by night the page is dark."""
    board.emulate(scheme=scheme)
    board.evaluate(_OPEN_ALL)
    found = board.evaluate(_LIST_CONTRASTS)
    assert len(found) > 50
    assert [one for one in found if one[0] < 4.5] == []
    fill = board.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", fill)[0]) < 64) is (scheme == "dark")


def test_print_is_a4_on_white_without_controls(board: Chromium) -> None:
    """Also by night: paper is white."""
    board.emulate("print", "dark")
    assert list_texts(board, "#filters") == [""] or not board.evaluate(
        "document.getElementById('filters').getClientRects().length"
    )
    assert board.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert [one for one in board.evaluate(_LIST_CONTRASTS) if one[0] < 4.5] == []
    board.emulate()
    pdf = board.print_pdf()
    sizes = {
        tuple(round(float(n)) for n in box.split()[2:])
        for box in re.findall(r"/MediaBox \[([^\]]*)\]", pdf.decode("latin-1"))
    }
    assert sizes == {(595, 842)}


def test_without_scripts_the_main_figures_stand_there(browser: Chromium, tmp_path: Path) -> None:
    """As in the preview of a mail program."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        board = open_board(browser, make_small_ledger(), tmp_path)
        root = board.call("DOM.getDocument", depth=-1)["root"]
        found = board.call("DOM.querySelector", nodeId=root["nodeId"], selector="noscript")
        html = board.call("DOM.getOuterHTML", nodeId=found["nodeId"])["outerHTML"]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert "任务 4 项，科室任务 7 件，逾期 2 件，临期 1 件；已报送的科室 2/3。" in html
