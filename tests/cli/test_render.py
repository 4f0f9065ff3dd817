"""What a collection tells: whole sentences on the screen, whole data for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import CellBalance, Ledger
from tests.support.books import AS_OF, DONE, FINANCE, SAVED_AT, fill, issued, make_book

BOOK = make_book()
SENT = issued(BOOK, FINANCE)


def ledger(**files: bytes) -> Ledger:
    reads = [
        read_return(f"{name}.xlsx", data, ReadContext(BOOK, AS_OF)) for name, data in files.items()
    ]
    return merge_returns(BOOK, reads, AS_OF)


def test_tells_how_a_collection_went() -> None:
    """The lines name figures, the missing, each grave problem, and the count."""
    full = dict.fromkeys(("T01", "T02", "T04", "T05"), DONE)
    wrong = full | {"T01": DONE | {"done_on": "九月底"}}
    lines = list(describe_ledger(ledger(a=fill(SENT, wrong), b=b"")))
    assert lines == [
        "某市金融工作局2022年，汇总日期 2022-12-20：读了 2 个文件，3 个科室中有 1 个已报送。",
        "未报送的科室：综合科、产业金融科。",
        "逾期 2 件，临期 1 件，超期完成 0 件（一个科室承担的一项任务算一件）。",
        "须处理的问题 2 个，提示 0 个，前后不一致的答复 0 处。",
        "  · 文件“a.xlsx” 工作表“金融发展科” 单元格 K6："
        "“完成日期”填的是“九月底”，不是能确定的日期（要写到哪一天）。"
        "请改填完整的年月日，例如 2022-9-30。",
        "  · 文件“b.xlsx”：文件是空的（0 字节），没有任何内容。"
        "请填报科室用发出的原表重新填写、另存为 .xlsx 后再报送。",
        "核对：收到填写的单元格 12 个 = 汇入汇总 11 个 + 内容相同的重复 0 个"
        " + 列入冲突 0 个 + 列入问题清单 1 个，一个不少。",
    ]


def test_shows_eight_problems_and_says_how_many_more() -> None:
    """The screen is not flooded; what is left out is counted."""
    problems = tuple(Problem("stray", Place("a", f"表{n}", "B2"), {"raw": ""}) for n in range(10))
    crowded = replace(ledger(), problems=problems)
    lines = [line for line in describe_ledger(crowded) if line.startswith("  ·")]
    assert len(lines) == 9
    assert lines[-1] == "  · 还有 2 个，见汇总表的“问题清单”。"


def test_files_with_the_same_problem_are_one_line() -> None:
    """Ten empty files are told once, and counted as ten."""
    lines = list(describe_ledger(ledger(**{f"f{n}": b"" for n in range(10)})))
    (line,) = [line for line in lines if line.startswith("  ·")]
    assert line.startswith("  · 文件“f0.xlsx、f1.xlsx、f2.xlsx等 10 处”：文件是空的")
    assert any("须处理的问题 10 个" in line for line in lines)


def test_says_when_the_count_does_not_balance() -> None:
    """An unbalanced count warns against using the summary."""
    broken = replace(ledger(), cell_balance=CellBalance(3, 1, 0, 0, 1))
    assert list(describe_ledger(broken))[-1] == (
        "核对不符：收到填写的单元格 3 个 = 汇入汇总 1 个 + 内容相同的重复 0 个"
        " + 列入冲突 0 个 + 列入问题清单 1 个，两边不相等！"
        "请不要使用本次汇总，并联系给您装本工具的人（本单位的电脑维护人员）。"
    )
    assert broken.needs_attention


def test_tells_programs_everything() -> None:
    """The data hold every task, section, file, problem and conflict."""
    later = SAVED_AT + timedelta(days=1)
    told = build_ledger_data(
        ledger(
            a=fill(SENT, {"T01": {"result": "已经办好。"}}),
            b=fill(SENT, {"T01": {"result": "改了。"}}, later),
        ),
        [Path("汇总.xlsx")],
    )
    assert json.loads(json.dumps(told)) == told
    assert list(told) == [
        "agency",
        "year",
        "as_of",
        "clean",
        "tasks",
        "sections",
        "files",
        "problems",
        "conflicts",
        "rounds",
        "history",
        "registers",
        "attachments",
        "annual_report",
        "conservation",
        "outputs",
    ]
    assert (told["clean"], told["as_of"]) == (False, "2022-12-20")
    assert told["outputs"] == ["汇总.xlsx"]
    assert told["tasks"][1] == {
        "number": 2,
        "code": "T02",
        "status": "未填",
        "urgency": "逾期",
        "limit": "",
        "deadline": "2022年10月31日",
        "due": "2022-10-31",
        "recurring": None,
        "sections": {"综合科": "未报送", "金融发展科": "未填", "产业金融科": "未报送"},
    }
    assert told["conflicts"] == [
        {
            "section": "金融发展科",
            "task": 1,
            "about": "规范行政法规使用。",
            "column": "落实情况",
            "taken": "改了。",
            "taken_from": "文件“b.xlsx” 工作表“金融发展科” 单元格 L6",
            "withdrawn": False,
            "round": "年度",
            "later_round": "",
            "set_aside": "已经办好。",
            "set_aside_from": "文件“a.xlsx” 工作表“金融发展科” 单元格 L6",
        }
    ]
    assert told["conservation"] == {
        "found": 2,
        "in_summary": 1,
        "repeated": 0,
        "as_issued": 0,
        "unplanned": 0,
        "set_aside": 1,
        "earlier": 0,
        "held": 0,
        "not_ours": 0,
        "balanced": True,
    }
    assert told["files"][0] | {"sha256": "", "size": 0} == {
        "name": "a.xlsx",
        "size": 0,
        "sha256": "",
        "verdict": "接收",
        "sections": ["金融发展科"],
        "round": "年度",
        "saved_at": "2022-12-10T17:30:00",
        "cells": 1,
        "note": "",
    }
    assert told["sections"][1] == {
        "section": "金融发展科",
        "standing": "部分填报",
        "due": "2022-12-15",
        "files": ["a.xlsx", "b.xlsx"],
        "saved_at": "2022-12-11T17:30:00",
        "rows": 4,
        "filled": 1,
        "late": False,
        "said": 1,
        "carried": 0,
        "refused": 0,
        "blank": 3,
        "problems": 4,
    }
    assert told["problems"][0] == {
        "code": "required-missing",
        "level": "须处理",
        "section": "金融发展科",
        "file": "b.xlsx",
        "sheet": "金融发展科",
        "cell": "J6",
        "message": "任务 1：每项任务都要报，“完成状态”是必填项，但没有填。",
        "advice": "请补填“完成状态”。",
        "raw": "",
        "cells": 0,
    }


def test_a_blank_return_is_told_once() -> None:
    """A sheet sent back with nothing in it is one problem, and no answer."""
    told = ledger(a=SENT)
    assert [p.message for p in told.problems] == ["“金融发展科”报来的表是空的，一格也没有填。"]
    lines = list(describe_ledger(told))
    assert lines[0].endswith("3 个科室中有 0 个已报送。")
    assert lines[2] == "交了空表的科室：金融发展科。"
