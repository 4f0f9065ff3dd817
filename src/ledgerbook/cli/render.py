"""Describe the results of collect, check and rollup in Chinese sentences for the screen.

Each function yields the lines to print. :mod:`ledgerbook.cli.json_data` has the same
results as data, :mod:`ledgerbook.cli.render_plan` the sentences of init.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ledgerbook.annual_report.report_checks import (
    Agreement,
    ReportFigures,
    compute_report_figures,
)
from ledgerbook.commands import CheckResult, CollectResult, RemindResult
from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, split_into_sheets
from ledgerbook.export import STATUS_CLASSES
from ledgerbook.merge.attachments import describe_counts
from ledgerbook.merge.open_matters import OpenMatters, list_open_matters
from ledgerbook.merge.register_entries import compute_entry_status
from ledgerbook.model.messages import INSTALLER, advise_on_program_fault
from ledgerbook.model.office_entries import ACCEPTED_CHOICES
from ledgerbook.model.problems import ProblemGroup
from ledgerbook.model.results import (
    FileReport,
    Ledger,
    RegisterEntry,
    SectionReport,
    SubmissionStatus,
)
from ledgerbook.rollup.lists import DETAIL_SHEET, format_row_balance
from ledgerbook.rollup.merge import Rollup
from ledgerbook.rollup.overview import count_rows
from ledgerbook.statutory_limits import LimitStatus
from ledgerbook.text import make_single_line

# Statuses whose sections are listed by name, besides 未报送.
_LISTED_STATUSES = {
    SubmissionStatus.PARTIAL: "只填了一部分的科室",
    SubmissionStatus.WRONGLY_FILLED: "填写有误的科室（见“问题清单”）",
    SubmissionStatus.CARRIED: "全部沿用上次内容的科室",
    SubmissionStatus.RETURNED_EMPTY: "交了空表的科室",
    SubmissionStatus.NOT_ACCEPTED: "报来的表没能汇入的科室（见“问题清单”）",
    SubmissionStatus.NOT_READ: "可能已报、程序没能读的科室（不是表的问题，先不要催）",
    SubmissionStatus.NIL_RETURN: "零报告的科室（选了“无内容可报”，或者各项都选了“不涉及”）",
    SubmissionStatus.NOT_ISSUED: "这一批次还没有发过表的科室（不算未报）",
}
# How many problems the screen shows; the 问题清单 sheet and --json have them all.
_MAX_SHOWN_PROBLEMS = 8
# The same for the units and problems of a roll-up.
_MAX_SHOWN_UNITS = 8


def describe_ledger(ledger: Ledger) -> Iterator[str]:
    """Yield the sentences about a collection."""
    sections_by_status = {
        status: [
            _name_section(report) for report in ledger.section_reports if report.status is status
        ]
        for status in SubmissionStatus
    }
    returned_count = sum(report.status.has_arrived for report in ledger.section_reports) - len(
        sections_by_status[SubmissionStatus.RETURNED_EMPTY]
    )
    asked_count = len(ledger.section_reports) - len(sections_by_status[SubmissionStatus.NOT_ISSUED])
    round_text = _name_round(ledger)
    yield (
        f"{ledger.book.agency}{ledger.book.year}年，汇总日期 {ledger.as_of}："
        f"读了 {len(ledger.file_reports)} 个文件，{round_text}{asked_count} 个科室中"
        f"有 {returned_count} 个已报送。"
    )
    missing_sections = sections_by_status[SubmissionStatus.MISSING]
    yield f"{round_text}未报送的科室：{'、'.join(missing_sections) or '无'}。"
    for status, label in _LISTED_STATUSES.items():
        if sections_by_status[status]:
            yield f"{label}：{'、'.join(sections_by_status[status])}。"
    if late_sections := [report.section for report in ledger.section_reports if report.is_late]:
        yield f"迟报的科室：{'、'.join(late_sections)}。"
    matters = list_open_matters(ledger, ledger.as_of)
    yield (
        f"逾期 {len(matters.overdue)} 件，临期 {len(matters.due_soon)} 件，"
        f"超期完成 {len(matters.done_late)} 件（一个科室承担的一项任务算一件）。"
    )
    yield from _describe_program_faults(ledger.file_reports)
    yield from _describe_problems(ledger, matters)
    if ledger.register_entries:
        counts = Counter(entry.form.title for entry in ledger.register_entries)
        counts_text = "、".join(f"{title} {count} 条" for title, count in counts.items())
        yield f"登记簿汇入 {len(ledger.register_entries)} 条：{counts_text}。"
        yield from _describe_statutory_limits(ledger)
    yield from _describe_annual_report(ledger)
    if ledger.attachments:
        repeated_text = (
            f"，另有重复的 {ledger.repeated_attachments} 项" if ledger.repeated_attachments else ""
        )
        yield (
            f"表上附带的内容 {len(ledger.attachments)} 项"
            f"（{describe_counts(ledger.attachments)}）{repeated_text}，见汇总表的“附件清单”。"
        )
    yield _describe_cell_balance(ledger)


def describe_office_texts(result: CollectResult, book: str) -> Iterator[str]:
    """Yield what became of the texts that the office had typed into the earlier summary."""
    if result.harvested and result.has_recorded:
        yield f"您在上次的汇总里写的 {len(result.harvested)} 处，已经记进台账“{book}”的“办理记录”。"
    elif result.harvested:
        yield (
            f"台账“{book}”正开着，您在上次的汇总里写的 {len(result.harvested)} 处"
            "暂时只留在新的汇总里；请关闭台账再汇总一次，就会记进“办理记录”。"
        )
    for text in result.harvested:
        if text.is_unlisted_choice:
            yield make_single_line(
                f"提示：行码 {text.code} 的“{text.item}”写的是“{text.text}”，"
                f"下拉框里只有“{'”“'.join(ACCEPTED_CHOICES)}”。已照您写的记下，按销号处理；"
                "请改选“是”，不是要销号的请清空。"
            )
    for note in (*result.unread_notes, *result.overruled_notes):
        yield make_single_line(f"提示：{note.message}{note.advice}")
    if result.edited_summary:
        cells = "、".join(result.edited_cells[:_MAX_SHOWN_CELLS])
        more = " 等" if len(result.edited_cells) > _MAX_SHOWN_CELLS else ""
        place = f"（{cells}{more}）" if cells else ""
        yield (
            f"上次的汇总有人改过{place}，改动不会带进新的汇总；"
            f"改过的那一份留存在：{result.edited_summary}"
        )
    if result.unreadable_summary:
        yield (
            "上次的汇总打不开（可能已经损坏，或者设了密码），上次汇总以后在里面写的采用口径、"
            "审核意见、销号没能收进台账；那一份原样留存在："
            f"{result.unreadable_summary}。请打开核对，要留的话写进新的汇总。"
        )


# How many cells that somebody has changed the screen shows.
_MAX_SHOWN_CELLS = 12


def _name_section(report: SectionReport) -> str:
    """Return a section, with the rows that it answered where that is a part of them."""
    if report.status is not SubmissionStatus.PARTIAL:
        return report.section
    return f"{report.section}（{report.counts.answered}/{report.counts.total}）"


def _name_round(ledger: Ledger) -> str:
    """Return the current round in words; blank where the year has one round only."""
    if len(ledger.book.rounds) == 1 or not ledger.section_reports:
        return ""
    return f"“{ledger.section_reports[0].round}”这一批次，"


def _describe_program_faults(reports: Sequence[FileReport]) -> Iterator[str]:
    """Yield what to do about the files on which the program itself failed."""
    names = [report.name for report in reports if report.fault]
    if names:
        yield make_single_line(
            f"程序有错，不是表的问题：有 {len(names)} 个文件程序没能读，其余的已经汇总："
            f"{'、'.join(names[:_MAX_SHOWN_PROBLEMS])}。"
            f"{advise_on_program_fault(file_count=len(names))}"
        )


def _describe_statutory_limits(ledger: Ledger) -> Iterator[str]:
    """Yield the counts of register entries with a statutory due date."""
    states = [
        (entry, compute_entry_status(entry, ledger.book.year, ledger.as_of))
        for entry in ledger.register_entries
    ]
    overdue_counts = count_overdue_entries(ledger.register_entries, ledger)
    counts = Counter(state for _, state in states if state)
    if counts:
        counts_text = "、".join(f"{state} {count} 条" for state, count in sorted(counts.items()))
        sections_text = "、".join(
            f"{section} {count} 条" for section, count in overdue_counts.items()
        )
        overdue_text = f"逾期没有办结的科室：{sections_text}。" if overdue_counts else ""
        yield f"登记簿里有法定期限的：{counts_text}。{overdue_text}"


def count_overdue_entries(entries: Sequence[RegisterEntry], ledger: Ledger) -> dict[str, int]:
    """Return, by section, the number of register entries past their statutory due date."""
    year, today = ledger.book.year, ledger.as_of
    late_entries = (
        entry
        for entry in entries
        if compute_entry_status(entry, year, today) is LimitStatus.OVERDUE
    )
    return dict(Counter(entry.section for entry in late_entries))


def _describe_annual_report(ledger: Ledger) -> Iterator[str]:
    """Yield the result of the annual report's cross-checks (勾稽)."""
    report_figures = compute_report_figures(ledger)
    if report_figures is None:
        return
    agreements = Counter(
        checked_identity.agreement for checked_identity in report_figures.checked_identities
    )
    broken_count = agreements[Agreement.BROKEN] + len(report_figures.impossible_cells)
    if report_figures.incomplete_registers:
        registers_text = "；".join(
            f"{'、'.join(register.tables)}的“{register.form.title}”，{register.absence_text}"
            for register in report_figures.incomplete_registers
        )
        introduction = f"年度报告表二至表四还不全（{registers_text}）。已收到的登记："
    else:
        introduction = (
            f"年度报告表二至表四已按登记簿算出{_name_carried_round(ledger, report_figures)}："
        )
    yield (
        f"{introduction}勾稽不符 {broken_count} 处，"
        f"请核对 {agreements[Agreement.DIFFERS]} 处，"
        f"没有计入或有疑问的登记 {len(report_figures.doubtful_entries)} 条"
        + (
            "，见汇总表的“年报表二”至“年报表四”。"
            if broken_count or report_figures.doubtful_entries
            else "。"
        )
    )


def _name_carried_round(ledger: Ledger, report_figures: ReportFigures) -> str:
    """Return up to which round the tables are counted, in brackets; blank if up to the current."""
    carried = report_figures.carried_registers
    if not carried:
        return ""
    sections = dict.fromkeys(
        section for register in carried for names in register.rounds.values() for section in names
    )
    names = {name for register in carried for name in register.rounds}
    *_, latest = (round_.name for round_ in ledger.book.rounds if round_.name in names)
    return f"（截至“{latest}”报的；{'、'.join(sections)}还没有报“{carried[0].current.round}”）"


def _describe_problems(ledger: Ledger, matters: OpenMatters) -> Iterator[str]:
    """Yield the number of problems, and the first of those that must be dealt with."""
    errors = [problem for problem in ledger.problems if problem.is_error]
    notice_count = len(ledger.problems) - len(errors)
    # Those of the program have a sentence of their own.
    fault_count = sum(problem.is_program_fault for problem in errors)
    fault_text = f"（其中 {fault_count} 个是上面的程序出错）" if fault_count else ""
    office_count = sum(map(_count_problems, matters.office_problems.values()))
    office_text = f"（其中 {office_count} 个请综合科核实，列在下面）" if office_count else ""
    yield (
        f"须处理的问题 {len(errors)} 个{fault_text}，提示 {notice_count} 个{office_text}，"
        f"{describe_conflicts(ledger)}。"
    )
    groups = matters.problems
    for group in groups[:_MAX_SHOWN_PROBLEMS]:
        yield make_single_line(f"  · {group.place}：{group.short_message}{group.first.advice}")
    if more_count := _count_problems(groups[_MAX_SHOWN_PROBLEMS:]):
        yield f"  · 还有 {more_count} 个，见汇总表的“问题清单”。"
    yield from _describe_office_problems(matters.office_problems)
    if matters.unsent_comments:
        sections = "、".join(
            f"{name} {count} 条" for name, count in matters.unsent_comments.items()
        )
        yield (
            f"审核意见还没有退回科室的：{sections}（还没有交“{ledger.section_reports[0].round}”的表，"
            "所以没有它的“退回修改”）。交来以后再汇总一次，没有照着改的就列进“退回修改”；"
            "要现在就改的，请直接告诉科室。"
        )


def _describe_office_problems(matters: Mapping[str, Sequence[ProblemGroup]]) -> Iterator[str]:
    """Yield what the coordinating office has to verify: a line each matter, with the first case."""
    if matters:
        yield "请综合科核实："
    for matter, groups in matters.items():
        first, *others = groups
        parts = (f"  · {matter} {_count_problems(groups)} 处", str(first.place))
        more_count = _count_problems(others)
        more_text = f"还有 {more_count} 处，见汇总表的“问题清单”。" if more_count else ""
        message = f"{first.short_message}{first.first.advice}{more_text}"
        yield make_single_line("：".join(filter(None, (*parts, message))))


def _count_problems(groups: Sequence[ProblemGroup]) -> int:
    return sum(len(group.problems) for group in groups)


def describe_conflicts(ledger: Ledger) -> str:
    """Return the numbers of contradicting answers and, if any, of those taken back."""
    withdrawn_count = sum(conflict.is_withdrawal for conflict in ledger.conflicts)
    text = f"前后不一致的答复 {len(ledger.conflicts) - withdrawn_count} 处"
    return f"{text}，先填后空 {withdrawn_count} 处" if withdrawn_count else text


def describe_check(result: CheckResult) -> Iterator[str]:
    """Yield what a section must correct in one file before returning it."""
    # What stands in a cell, or a name, makes no line of its own.
    yield from map(make_single_line, _list_check_lines(result))


def _list_check_lines(result: CheckResult) -> Iterator[str]:
    report = result.report
    faults = [problem for problem in result.problems if problem.is_program_fault]
    errors = [
        problem for problem in result.problems if problem.is_error and not problem.is_program_fault
    ]
    notices = [problem for problem in result.problems if not problem.is_error]
    yield f"{report.name}：{_describe_owner(result)}"
    for title, problems in (("程序出错", faults), ("须改", errors), ("请留意", notices)):
        if problems:
            yield f"  {title} {len(problems)} 处："
        for problem in problems:
            place_text = str(replace(problem.place, file=""))
            advice = (
                advise_on_program_fault("check") if problem.is_program_fault else problem.advice
            )
            yield f"  · {place_text}{'：' if place_text else ''}{problem.message}{advice}"
    if not errors and report.sections:
        yield "  没有必须改的地方，可以报送。"


def _describe_owner(result: CheckResult) -> str:
    """Return whose file it is and how many rows are filled in."""
    report = result.report
    if report.fault:
        return f"{report.status}。"
    if not report.sections:
        return "没有可以汇总的内容。"
    return (
        f"{'、'.join(report.sections)}，{report.round}，"
        f"{result.rows} 项任务填了 {result.filled_rows} 项。"
    )


def _describe_cell_balance(ledger: Ledger) -> str:
    """Return the equation between received and accounted answer cells."""
    balance = ledger.cell_balance
    if balance.is_balanced:
        return f"核对：{balance.equation}，一个不少。{balance.foreign_text}"
    return f"核对不符：{balance.equation}，两边不相等！请不要使用本次汇总，并联系{INSTALLER}。"


# --- reminders ---


def describe_reminders(result: RemindResult, book: str) -> Iterator[str]:
    """Yield whom the office reminds of what, and what was written for it."""
    yield from map(make_single_line, _list_reminder_lines(result, book))


def _list_reminder_lines(result: RemindResult, book: str) -> Iterator[str]:
    if result.not_read_sections:
        yield (
            f"可能已报、程序没能读的科室（不是表的问题，先不要催）："
            f"{'、'.join(result.not_read_sections)}。"
        )
    if not result.reminders:
        yield "没有要催办的科室。"
    else:
        yield f"要催办的科室 {len(result.reminders)} 个："
    for reminder in result.reminders:
        days = reminder.earlier
        earlier = f"（此前催过 {len(days)} 次，最近 {days[-1]}）" if days else ""
        yield f"  · {reminder.section}：{reminder.summary}{earlier}。"
    if result.files:
        letters = "每个科室一份催办通知（.docx）、一封邮件草稿（.eml），另有"
        yield (
            f"{letters if result.reminders else ''}催办清单和一页纸的通报，"
            f"在：{result.files[0].parent}"
        )
    if result.files and result.reminders:
        yield f"已经记进台账“{book}”的“催办记录”。"
    if result.withheld_sections:
        yield (
            f"提示：{'、'.join(result.withheld_sections)}的表里有登记簿的个人信息，没有附在邮件里，"
            "放在邮件草稿旁边，请走内网送去；可以用邮件发的，加上 --with-personal-data 再运行一次。"
        )
    if result.unaddressed_sections:
        yield (
            f"提示：{'、'.join(result.unaddressed_sections)}在台账“科室”表中没有填电子邮箱，"
            "邮件草稿的收件人空着，请在发送前补上。"
        )
    for path in result.edited_files:
        yield f"提示：“{path}”已经有人改过，没有更新。要重新生成，请先把它移走再运行。"
    for path in result.removed_files:
        yield f"提示：“{path}”是同一天早些时候写的，现在不用催了，已经删去。"


# --- roll-up ---


def describe_rollup(rollup: Rollup) -> Iterator[str]:
    """Yield the sentences about a roll-up: units, figures, missing ones, problems, rows."""
    yield from map(make_single_line, _list_rollup_lines(rollup))


def _list_rollup_lines(rollup: Rollup) -> Iterator[str]:
    name = rollup.name or "各单位"
    yield (
        f"{name}{rollup.year}年：收到 {len(rollup.files)} 个文件，"
        f"并入 {len(rollup.units)} 个单位，{rollup.merged_row_count} 件科室任务。"
    )
    figures = count_rows(rollup.rows, STATUS_CLASSES)
    overdue, due_soon, done_late = figures.by_urgency
    rate = "—" if figures.rate is None else f"{figures.rate:.1%}"
    yield f"完成率 {rate}，逾期 {overdue} 件，临期 {due_soon} 件，超期完成 {done_late} 件。"
    missing_units = [
        missing_return.unit for missing_return in rollup.missing if not missing_return.section
    ]
    section_count = len(rollup.missing) - len(missing_units)
    if missing_units:
        yield f"没有报来的单位（{len(missing_units)} 个）：{_join_unit_names(missing_units)}。"
    if section_count:
        yield f"报来的单位中，有 {section_count} 个科室没有报送（见“未报送”）。"
    if not rollup.has_expected_list:
        yield "没有给出应报单位名单（--expect），不知道还有谁应报而没有报。"
    yield from _describe_program_faults(rollup.files)
    yield from _describe_rollup_problems(rollup)
    sheet_count = len(split_into_sheets(DETAIL_SHEET, rollup.rows, MAX_TABLE_ROWS))
    if sheet_count > 1:
        yield f"明细超过 Excel 一张表的行数上限，分成了 {sheet_count} 张表。"
    yield format_row_balance(rollup)


def describe_passed_over(names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence that names the summaries of earlier rounds, which were not read."""
    if names:
        more_text = "等" if len(names) > _MAX_SHOWN_UNITS else ""
        yield make_single_line(
            f"“历次”文件夹里是各批次当时的汇总，没有并入（{len(names)} 个）："
            f"{'、'.join(names[:_MAX_SHOWN_UNITS])}{more_text}。"
        )


def _join_unit_names(names: Sequence[str]) -> str:
    remainder_text = (
        f"等，共 {len(names)} 个，全部见“未报送”" if len(names) > _MAX_SHOWN_UNITS else ""
    )
    return "、".join(names[:_MAX_SHOWN_UNITS]) + remainder_text


def _describe_rollup_problems(rollup: Rollup) -> Iterator[str]:
    errors = [
        problem for problem in rollup.problems if problem.is_error and not problem.is_program_fault
    ]
    if errors:
        yield f"须处理的问题 {len(errors)} 条："
    for problem in errors[:_MAX_SHOWN_UNITS]:
        yield f"  {problem.place}：{problem.short_message}{problem.advice}"
    if len(errors) > _MAX_SHOWN_UNITS:
        yield f"  还有 {len(errors) - _MAX_SHOWN_UNITS} 条，见“问题清单”。"
