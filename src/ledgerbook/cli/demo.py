"""Tell the steps of the demo (:mod:`ledgerbook.commands.demo`) in Chinese sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ledgerbook import annual_report, commands
from ledgerbook.cli import render
from ledgerbook.commands.demo import DemoReturns, DemoStep


def run_demo(folder: Path) -> Iterator[str]:
    """Run the demo in ``folder`` and yield sentences about each step when it is done.

    Raises FileError when the folder exists and is not empty.
    """
    paths: list[str] = []
    for step in commands.run_demo(folder):
        yield from _describe_step(step)
        paths += _list_paths(step)
    yield "演示完成。请依次打开看看："
    yield from paths


def _describe_step(step: DemoStep) -> Iterator[str]:
    if isinstance(step, commands.InitResult):
        book = step.book
        yield "第一步：读中山市金融工作局 2022 年分工方案（真实文件），建台账。"
        yield (
            f"  读出 {len(book.tasks)} 项任务、{len(book.sections)} 个科室，"
            f"{len(book.questions)} 件事列入“待确认”。"
        )
        yield "  综合科补填完成期限和报送截止日期，选定谁填哪些登记簿（演示用，是虚构的）。"
    elif isinstance(step, commands.GenerateResult):
        count = len(step.files)
        yield f"第二步：生成总台账、各科室的表、签发清单和填报通知，共 {count} 个文件。"
    elif isinstance(step, DemoReturns):
        names = "、".join(step.sections)
        yield f"第三步：{names}填好报回（内容是虚构的），放进“收回”文件夹。"
    elif isinstance(step, commands.CollectResult):
        yield "第四步：一条命令汇总。"
        yield from (f"  {line}" for line in render.describe_ledger(step.ledger))
    elif isinstance(step, commands.RemindResult):
        names = "、".join(reminder.section for reminder in step.reminders)
        yield f"第五步：给没办完的{names}写好催办通知和邮件草稿，另写催办清单和一页纸的通报。"
    else:
        yield "第六步：起草年度报告，第二至四部分的表从登记簿算出。"
        yield from (f"  {line}" for line in annual_report.describe_draft(step.draft))


def _list_paths(step: DemoStep) -> Iterator[str]:
    """Yield what a step has made, to be opened."""
    if isinstance(step, commands.InitResult):
        yield f"  台账      {step.path}"
    elif isinstance(step, commands.GenerateResult):
        yield f"  发给科室  {step.files[0].parent}"
    elif isinstance(step, DemoReturns):
        yield f"  收回的表  {step.files[0].parent}"
    elif isinstance(step, commands.CollectResult):
        summary, board, *corrections = step.outputs
        yield f"  年度汇总  {summary}"
        yield f"  看板      {board}"
        yield from (f"  退回修改  {path}" for path in corrections)
    elif isinstance(step, commands.RemindResult):
        yield f"  催办通报  {step.files[0].parent}"
    else:
        yield f"  年报初稿  {step.path}"
