"""What somebody saves during a run is never overwritten, and two runs never mix."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.errors import FileError
from ledgerbook.storage.file_names import RUN_LOCK_NAME
from ledgerbook.storage.run_lock import hold_run_lock
from tests.commands.test_harvest import collect, folder, type_text
from tests.support.books import AS_OF, ISSUED_ON, make_book

pytestmark = pytest.mark.slow
__all__ = ["folder"]

PLAN = """某市金融工作局2022年政务公开工作要点分工方案
序号\t工作要求\t工作要点\t计划措施\t责任单位\t时限
1\t一、优化\t（一）公开\t规范行政法规使用。\t综合科\t12月底前
2\t一、优化\t（一）公开\t摸清规范性文件底数。\t金融发展科\t10月底前
3\t一、优化\t（一）公开\t新增的一项。\t综合科、金融发展科\t长期
"""
SAVED_BY_SOMEBODY = build_book_bytes(make_book(agency="某市金融工作局（有人刚改）"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def expect_refusal(folder: Path, run: Callable[[], Any], changed: Path) -> None:
    """Check that ``run`` wrote nothing, and named the file that somebody ``changed``."""
    before = contents(folder)
    with pytest.raises(FileError) as caught:
        run()
    assert caught.value.code == "file-changed"
    assert str(changed) in str(caught.value)
    assert "再运行一次" in str(caught.value)
    now = contents(folder)
    assert {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)} == {
        str(changed)
    }


def after(call: Callable[..., Any], deed: Callable[[], Any]) -> Callable[..., Any]:
    """Return ``call`` followed by what somebody does at that moment."""

    def both(*values: Any, **named: Any) -> Any:
        result = call(*values, **named)
        deed()
        return result

    return both


def test_a_book_that_is_saved_during_generate_is_kept(folder: Path) -> None:
    """Nothing is issued that the new book does not say."""
    book = folder / "台账.xlsx"
    expect_refusal(
        folder,
        lambda: commands.generate(
            book,
            folder / "发出",
            issued_on=ISSUED_ON,
            on_progress=lambda *_: book.write_bytes(SAVED_BY_SOMEBODY),
        ),
        book,
    )
    assert book.read_bytes() == SAVED_BY_SOMEBODY


def test_a_book_that_is_saved_during_a_harvest_is_kept(folder: Path) -> None:
    """办理记录 is not appended to it, and the summary with the words stays as it is."""
    book, summary = folder / "台账.xlsx", collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    expect_refusal(
        folder,
        lambda: commands.collect(
            book,
            folder / "收回",
            folder / "汇总",
            as_of=AS_OF,
            on_progress=lambda *_: book.write_bytes(SAVED_BY_SOMEBODY),
        ),
        book,
    )


def test_words_typed_while_a_collect_runs_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are harvested by the next run."""
    summary = collect(folder).outputs[0]
    module = sys.modules["ledgerbook.commands.collect"]

    def type_words() -> None:
        type_text(summary, "科室明细", "审核意见", "请补充数字。")

    with monkeypatch.context() as patch:
        patch.setattr(module, "merge_returns", after(module.merge_returns, type_words))
        expect_refusal(folder, lambda: collect(folder), summary)
    assert [note.text for note in collect(folder).harvested] == ["请补充数字。"]


def test_words_typed_while_the_summary_is_drawn_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last look is right before the file is replaced."""
    summary = collect(folder).outputs[0]
    import ledgerbook.summary

    def type_words() -> None:
        type_text(summary, "科室明细", "审核意见", "请补充数字。")

    with monkeypatch.context() as patch:
        drawn = after(ledgerbook.summary.write_summary, type_words)
        patch.setattr(ledgerbook.summary, "write_summary", drawn)
        expect_refusal(folder, lambda: collect(folder), summary)


def test_a_book_that_is_saved_during_an_update_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ledgerbook.plan

    plan, book = tmp_path / "方案.txt", tmp_path / "台账.xlsx"
    plan.write_text(PLAN, "utf-8")
    commands.init(plan, book)
    plan.write_text(PLAN.replace("新增的一项。", "修订过的一项。"), "utf-8")
    with monkeypatch.context() as patch:
        read = after(ledgerbook.plan.read_plan, lambda: book.write_bytes(SAVED_BY_SOMEBODY))
        patch.setattr(ledgerbook.plan, "read_plan", read)
        expect_refusal(tmp_path, lambda: commands.update(plan, book, day=AS_OF), book)


def test_two_inits_never_both_succeed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that another run makes meanwhile stays, whole."""
    import ledgerbook.plan

    plan, book = tmp_path / "方案.txt", tmp_path / "台账.xlsx"
    plan.write_text(PLAN, "utf-8")
    with monkeypatch.context() as patch:
        read = after(ledgerbook.plan.read_plan, lambda: book.write_bytes(SAVED_BY_SOMEBODY))
        patch.setattr(ledgerbook.plan, "read_plan", read)
        with pytest.raises(FileError, match="已经存在") as caught:
            commands.init(plan, book)
    assert caught.value.code == "file-exists"
    assert book.read_bytes() == SAVED_BY_SOMEBODY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["台账.xlsx", "方案.txt"]


def test_of_two_processes_one_makes_the_book(tmp_path: Path) -> None:
    (tmp_path / "方案.txt").write_text(PLAN, "utf-8")
    words = [sys.executable, "-m", "ledgerbook", "init", "方案.txt", "--no-bat"]
    runs = [
        subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert sorted((run.communicate(), run.returncode)[1] for run in runs) == [0, 2, 2]


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "台账.xlsx"),
        ("collect", "台账.xlsx", "收回"),
        ("init", "方案.txt", "--update"),
    ],
)
def test_a_second_run_says_so_and_writes_nothing(folder: Path, words: tuple[str, ...]) -> None:
    """One sentence, exit code 2; a run that only looks is not kept out."""
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    before = contents(folder)
    run = [sys.executable, "-m", "ledgerbook", *words]
    with hold_run_lock(folder):
        done = subprocess.run(run, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "正在用本工具处理这本台账" in done.stderr
        assert set(contents(folder)) - set(before) == {str(folder / RUN_LOCK_NAME)}
        commands.collect(
            folder / "台账.xlsx", folder / "收回", folder / "汇总", as_of=AS_OF, dry_run=True
        )
    assert contents(folder) == before


def test_no_lock_stays_after_a_command_that_fails(folder: Path) -> None:
    with pytest.raises(FileError):
        commands.collect(folder / "台账.xlsx", folder / "没有", folder / "汇总", as_of=date.max)
    assert not (folder / RUN_LOCK_NAME).exists()


def test_a_roll_up_that_somebody_has_saved_is_kept(folder: Path) -> None:
    collect(folder)
    upper = folder / "上级"

    def roll_up() -> commands.RollupResult:
        return commands.roll_up(folder / "汇总", upper, as_of=AS_OF, name="某市")

    first = roll_up()
    assert roll_up().edited_rollup is None
    workbook = openpyxl.load_workbook(first.outputs[0])
    workbook.worksheets[0]["Z9"] = "给局长看过"
    workbook.save(first.outputs[0])
    edited = first.outputs[0].read_bytes()
    copy = roll_up().edited_rollup
    assert copy is not None
    assert copy.read_bytes() == edited != first.outputs[0].read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among files")
def test_a_pipe_called_like_a_kept_copy_ends_no_roll_up(folder: Path) -> None:
    collect(folder)
    os.mkfifo(folder / "汇总" / "2022年度汇总（有人改过 2022-12-20）.xlsx")
    rollup = commands.roll_up(folder / "汇总", folder / "上级", as_of=AS_OF).rollup
    assert len(rollup.units) == 1
    assert [report.name for report in rollup.files if "不是普通的文件" in report.note]


def test_a_draft_that_another_run_has_written_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ledgerbook.merge.ledger

    draft = folder / "初稿.docx"
    merge = after(ledgerbook.merge.ledger.merge_returns, lambda: draft.write_bytes(b"other"))
    monkeypatch.setattr(
        importlib.import_module("ledgerbook.commands.inputs"), "merge_returns", merge
    )
    with pytest.raises(FileError) as caught:
        commands.write_report(folder / "台账.xlsx", folder / "收回", draft, as_of=AS_OF)
    assert caught.value.code == "file-changed"
    assert draft.read_bytes() == b"other"
