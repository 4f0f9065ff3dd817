"""``ledgerbook`` by itself: where things stand, what comes next, and doing it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, is_book
from ledgerbook.cli.app import main
from ledgerbook.commands import workspace
from ledgerbook.commands.workspace import NextStep, RoundStatus, SummaryStatus, WorkspaceStatus
from ledgerbook.errors import InputError
from ledgerbook.merge.open_matters import OpenCounts
from ledgerbook.model import Question, Round
from ledgerbook.model.office_entries import ReminderRecord
from tests.support.books import DONE, FINANCE, INDUSTRY, OFFICE, fill, issued, make_book

TODAY = date(2022, 12, 10)
SPRING, YEAR = Round("第一季度", date(2022, 4, 10)), Round("年度", date(2022, 12, 15))
SPRING_AGAIN = Round("补报", date(2022, 5, 10))


# Nobody knows by when the first and two more are due, unless the office says so.
DATED = tuple(replace(task, due=task.due or date(2022, 12, 31)) for task in make_book().tasks)


def at(
    *issued: int,
    returned: int | None = None,
    summary: SummaryStatus | None = None,
    draft: str = "",
    rounds: tuple[Round, Round] = (SPRING, YEAR),
) -> WorkspaceStatus:
    """Give a desk of two rounds; ``issued`` workbooks of each."""
    book = make_book(rounds=rounds, tasks=DATED)
    seen = tuple(map(RoundStatus, book.rounds, issued))
    return WorkspaceStatus("台账.xlsx", book, seen, returned, summary, draft)


ALL_IN = SummaryStatus("汇总/2022年度汇总.xlsx", TODAY)
ONE_OUT = replace(ALL_IN, missing_sections=(FINANCE,))
SOME_OVERDUE = replace(ALL_IN, open_counts=OpenCounts(overdue=2))
GENERATE = ("generate", "台账.xlsx", "--round")
COLLECT = ("collect", "台账.xlsx", "收回", "-o", "汇总")
REMIND = ("remind", "台账.xlsx", "收回", "-o", "催办")
FROM = ("--from", "收回")


@pytest.mark.parametrize(
    ("found", "offered"),
    [
        (at(0, 0), [(*GENERATE, "第一季度", "-o", "发出")]),
        (at(3, 0), [()]),
        # Nobody has returned a round whose day is over.
        (at(3, 0, returned=0), [REMIND]),
        (at(3, 0, returned=2), [COLLECT]),
        (at(0, 0, returned=2), [COLLECT]),
        (at(3, 0, returned=2, summary=replace(ONE_OUT, new_returns=1)), [COLLECT]),
        (at(3, 0, returned=2, summary=replace(ALL_IN, is_outdated=True)), [COLLECT]),
        # The first round's day is over: what is still out does not hold up the next.
        (
            at(3, 0, returned=2, summary=ONE_OUT),
            [REMIND, (*GENERATE, "年度", "-o", "发出", *FROM)],
        ),
        (at(3, 3, returned=2, summary=ONE_OUT), [REMIND]),
        # All have answered the first round; the second is not due yet, then it is.
        (at(3, 3, returned=3, summary=ALL_IN), [()]),
        (
            at(3, 3, returned=3, summary=ALL_IN, rounds=(SPRING, SPRING_AGAIN)),
            [("report", "台账.xlsx", "收回")],
        ),
        # What is overdue is pushed, and does not hold up the report.
        (
            at(3, 3, returned=3, summary=SOME_OVERDUE, rounds=(SPRING, SPRING_AGAIN)),
            [REMIND, ("report", "台账.xlsx", "收回")],
        ),
        (
            at(
                *(3, 3),
                returned=3,
                summary=ALL_IN,
                draft="2022年报初稿.docx",
                rounds=(SPRING, SPRING_AGAIN),
            ),
            [()],
        ),
    ],
)
def test_the_next_steps(found: WorkspaceStatus, offered: list[tuple[str, ...]]) -> None:
    """Each state of the year has its next steps, or something to wait for."""
    assert [step.arguments for step in workspace.list_next_steps(found, TODAY)] == offered


def test_a_round_that_is_due_in_a_month_is_no_reason_to_remind() -> None:
    found = at(3, 3, returned=2, summary=ONE_OUT)
    assert workspace.list_next_steps(found, date(2022, 11, 29))[0].arguments == ()
    assert workspace.list_next_steps(found, date(2022, 11, 30))[0].arguments == REMIND


def remind_on(found: WorkspaceStatus, day: date) -> WorkspaceStatus:
    record = ReminderRecord(day, FINANCE, "年度", "没有报送")
    return replace(found, book=replace(found.book, reminders=(record,)))


def test_who_holds_things_up_is_told() -> None:
    """With the command that reminds them; who was reminded within a week is waited for."""
    found = at(3, 3, returned=2, summary=ONE_OUT)
    (step,) = workspace.list_next_steps(found, TODAY)
    assert step == NextStep(f"催办没办完的科室；催{FINANCE}交表", REMIND)
    (step,) = workspace.list_next_steps(remind_on(found, date(2022, 12, 4)), TODAY)
    assert step == NextStep(f"催{FINANCE}交表；交回来的放进“收回”文件夹，再运行一次")
    (step,) = workspace.list_next_steps(remind_on(found, date(2022, 12, 3)), TODAY)
    assert step.arguments == REMIND


def test_what_must_be_corrected_or_sent_again_is_named() -> None:
    """Also where nobody is missing, and where the program itself failed."""
    open_summary = replace(ALL_IN, corrections=(OFFICE,), rejected_files=("坏.xlsx",))
    found = at(3, 3, returned=3, summary=open_summary)
    work = (
        "“收回”里没能汇入的文件（坏.xlsx），照年度汇总“问题清单”里说的办；"
        f"把“汇总/退回修改”里的表发给{OFFICE}改正"
    )
    assert workspace.list_next_steps(found, TODAY) == (
        NextStep(f"催办没办完的科室；{work}", REMIND),
    )
    assert workspace.list_next_steps(remind_on(found, TODAY), TODAY) == (
        NextStep(f"{work}；交回来的放进“收回”文件夹，再运行一次"),
    )
    unread = replace(ALL_IN, not_read_sections=(FINANCE,))
    found = at(3, 3, returned=3, summary=unread, rounds=(SPRING, SPRING_AGAIN))
    (step,) = workspace.list_next_steps(found, TODAY)
    assert "ledgerbook diagnose 台账.xlsx 收回" in step.text
    assert step.arguments == ()


def test_a_new_book_is_filled_in_first() -> None:
    """Its open questions, limits and due day: nothing is issued before."""
    question = Question(("T04",), "时限", "适时", "没有给出日期", "请填写")
    book = make_book(rounds=(Round("年度", None),), questions=(question,))
    found = WorkspaceStatus("台账.xlsx", book, (RoundStatus(book.rounds[0], 0),))
    fill_in, again = "在 Excel 或 WPS 里打开“台账.xlsx”，填好", "，保存关闭，再运行一次 ledgerbook"
    limits = "项的完成期限（没有期限的，在“时限”里写“长期”）"
    due = "和“批次”里的报送截止日期"
    assert workspace.list_next_steps(found, TODAY) == (
        NextStep(f"{fill_in}“待确认”里 1 件的处理结果和“任务”里 3 {limits}{due}{again}"),
    )
    # What the office has decided to leave without a limit is settled.
    decided = replace(book, questions=(replace(question, decision="不定期限"),))
    (step,) = workspace.list_next_steps(replace(found, book=decided), TODAY)
    assert step.text == f"{fill_in}“任务”里 2 {limits}{due}{again}"
    dated = replace(book, tasks=DATED, questions=())
    (step,) = workspace.list_next_steps(replace(found, book=dated), TODAY)
    assert step.text == f"{fill_in}“批次”里的报送截止日期{again}"


def test_a_later_round_needs_its_day_first() -> None:
    """Questions and limits are asked for once, before the first round."""
    question = Question((), "科室", "", "说不清", "请写明")
    found = at(3, 0, returned=3, summary=ALL_IN, rounds=(SPRING, Round("年度")))
    found = replace(found, book=replace(found.book, questions=(question,)))
    (step,) = workspace.list_next_steps(found, TODAY)
    assert step.arguments == ()
    assert "填好“批次”里的报送截止日期，保存关闭" in step.text


def test_one_round_needs_no_name() -> None:
    """The command is as short as it can be."""
    book = make_book(tasks=DATED)
    one = WorkspaceStatus("台 账.xlsx", book, (RoundStatus(book.rounds[0], 0),))
    words = workspace.list_next_steps(one, TODAY)[0].arguments
    assert words == ("generate", "台 账.xlsx", "-o", "发出")
    assert workspace.format_command(words, windows=True) == (
        'ledgerbook generate "台 账.xlsx" -o 发出'
    )
    assert workspace.format_command(words, windows=False) == (
        "ledgerbook generate '台 账.xlsx' -o 发出"
    )
    dash = workspace.list_next_steps(replace(one, name="-台账.xlsx"), TODAY)[0].arguments
    assert dash[1] == "./-台账.xlsx"


def test_where_things_stand() -> None:
    """Rounds with their days, what lies in 收回, what the last summary said."""
    found = at(3, 0, returned=2, summary=replace(ONE_OUT, new_returns=1, is_outdated=True))
    assert list(workspace.describe_status(replace(found, opened_by="WPS"), TODAY)) == [
        "台账.xlsx：某市金融工作局2022年，3 个科室，5 项任务。",
        "注意：台账正在 WPS 中打开，下面说的是上次保存的内容。",
        "批次（今天 2022-12-10）：",
        "  第一季度：2022-04-10 截止（已过 244 天），已生成 3 个科室的表。",
        "  年度：2022-12-15 截止（还有 5 天），还没有生成表。",
        "收回的表：“收回”文件夹里有 2 个文件。",
        "年度汇总：汇总/2022年度汇总.xlsx（汇总日期 2022-12-10），"
        f"未报送的科室：{FINANCE}；之后又收到 1 个文件；之后台账改过。",
    ]
    nothing = list(workspace.describe_status(at(0, 0), date(2022, 4, 10)))
    assert "  第一季度：2022-04-10 截止（今天截止），还没有生成表。" in nothing
    assert "收回的表：还没有“收回”文件夹。" in nothing


OPEN_LINE = "照上次的汇总，还没有办完的："


def test_what_is_open_is_told_first() -> None:
    """What is at zero is left out; a summary that is no longer current says nothing of it."""
    counts = OpenCounts(missing=1, overdue=3, problems=4, conflicts=2, questions=5)
    summary = replace(ONE_OUT, open_counts=counts)
    found = at(3, 0, returned=2, summary=summary)
    assert list(workspace.describe_status(found, TODAY))[1] == (
        f"{OPEN_LINE}1 个科室没有报来（{FINANCE}），逾期 3 件，须处理的问题 4 个，"
        "前后不一致的答复 2 处，待确认 5 件没有写处理结果。"
    )
    found = replace(found, summary=replace(summary, corrections=(OFFICE, INDUSTRY)))
    assert list(workspace.describe_status(remind_on(found, date(2022, 12, 3)), TODAY))[1].endswith(
        f"，退回修改的表要发给{OFFICE}、{INDUSTRY}。最近一次催办是 2022-12-03。"
    )

    def tell(**changes: Any) -> str:
        changed = at(3, 0, returned=2, summary=replace(summary, **changes))
        return "\n".join(workspace.describe_status(changed, TODAY))

    assert f"{OPEN_LINE}逾期 1 件。" in tell(open_counts=OpenCounts(overdue=1))
    assert OPEN_LINE not in tell(open_counts=OpenCounts())
    assert OPEN_LINE not in tell(open_counts=None)
    assert OPEN_LINE not in tell(new_returns=1)
    assert OPEN_LINE not in tell(is_outdated=True)


def zipped(**parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        zipped(a="b"),
        zipped(xl__workbook_xml="<workbook"),
        zipped(xl__workbook_xml="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        zipped(xl__workbook_xml=" " * 1_000_001),
        issued(make_book(), OFFICE),
    ],
    ids=["empty", "cut", "zip", "no XML", "entities", "long", "issued"],
)
def test_what_is_no_book(tmp_path: Path, data: bytes) -> None:
    """Whatever lies in the folder, looking at it harms nothing."""
    (tmp_path / "台账.xlsx").write_bytes(data)
    assert not is_book(tmp_path / "台账.xlsx")


def test_a_book_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    """Not by its name; lock files and what an update has put aside do not count."""
    data = build_book_bytes(make_book())
    for name in (
        "我局.xlsx",
        "~$我局.xlsx",
        "我局（更新前）.xlsx",
        "我局（更新前2）.xlsx",
    ):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "综合科.xlsx").write_bytes(issued(make_book(), OFFICE))
    for name in ("2022分工方案.docx", "2023分工方案.pdf", "2023年报.pdf"):
        (tmp_path / name).write_bytes(b"")
    found = commands.find_books(tmp_path)
    assert [path.name for path in found.books] == ["我局.xlsx"]
    assert [path.name for path in found.plans] == ["2022分工方案.docx", "2023分工方案.pdf"]
    (tmp_path / "我局.xlsx").unlink()
    assert len(commands.find_books(tmp_path).books) == 2


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run commands in a folder of their own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(words)
        said = capsys.readouterr()
        return int(str(caught.value.code)), said.out, said.err

    return call


def test_a_folder_without_a_book(run: Run, tmp_path: Path) -> None:
    """What looks like a plan is named in a command that is ready."""
    assert run()[1].startswith("这个文件夹里没有台账。\n建台账：ledgerbook init")
    (tmp_path / "2022分工方案.docx").write_bytes(b"")
    code, said, _ = run()
    assert (code, "\n  ledgerbook init 2022分工方案.docx\n" in said) == (0, True)


@pytest.mark.parametrize("name", ["台账.xlsx", "台账2022.xls"])
def test_a_book_that_cannot_be_read(run: Run, tmp_path: Path, name: str) -> None:
    """Nobody is told to start a new book beside it."""
    (tmp_path / name).write_bytes(b"cut short")
    (tmp_path / "2022分工方案.docx").write_bytes(b"")
    code, said, _ = run()
    assert (code, said.startswith(f"{name}打不开：")) == (2, True)
    assert "init" not in said
    (tmp_path / "台账（好）.xlsx").write_bytes(build_book_bytes(make_book()))
    assert run()[0] == 0


def test_a_folder_with_several_books(run: Run, tmp_path: Path) -> None:
    """Both are named, and how to say which one is meant."""
    for name in ("甲.xlsx", "乙.xlsx"):
        (tmp_path / name).write_bytes(build_book_bytes(make_book()))
    code, said, _ = run()
    assert (code, "有 2 本台账：乙.xlsx、甲.xlsx。" in said) == (0, True)
    assert "\n  ledgerbook collect 乙.xlsx 收回 -o 汇总\n" in said


def test_a_book_that_must_be_put_right_first(run: Run, tmp_path: Path) -> None:
    """The slips are told, as any command tells them."""
    book = make_book()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(replace(book, rounds=())))
    with pytest.raises(InputError):
        commands.read_workspace(tmp_path / "台账.xlsx")
    code, _, error = run()
    assert (code, "工作表“批次”一个批次也没有" in error) == (2, True)


@pytest.mark.slow
def test_the_year_step_by_step(run: Run, tmp_path: Path) -> None:
    """Each proposed command, run, leads to the next one."""
    book = make_book(tasks=DATED)
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))

    def proposed() -> list[str]:
        code, said, error = run()
        assert (code, error) == (0, "")
        last = said.splitlines()[-1]
        return last.split()[1:] if last.startswith("  ledgerbook ") else [last]

    words = proposed()
    assert words == ["generate", "台账.xlsx", "-o", "发出"]
    assert run(*words)[0] == 0
    assert proposed()[0].startswith("下一步：等各科室交表")
    (tmp_path / "收回").mkdir()
    for section in (OFFICE, FINANCE):
        answers = {task.code: DONE for task in book.get_tasks(section)}
        data = fill((tmp_path / f"发出/年度/{section}.xlsx").read_bytes(), answers)
        (tmp_path / "收回" / f"{section}回复.xlsx").write_bytes(data)
    words = proposed()
    assert words == ["collect", "台账.xlsx", "收回", "-o", "汇总"]
    assert run(*words)[0] == 1
    assert f"\n{OPEN_LINE}1 个科室没有报来（{INDUSTRY}），逾期 4 件。\n" in run()[1]
    assert proposed() == list(REMIND)
    # The record of the reminder changes the book.
    assert run(*REMIND)[0] == 0
    assert proposed() == words
    assert run(*words)[0] == 1
    (waiting,) = proposed()
    assert waiting.startswith(f"下一步：催{INDUSTRY}交表")
    (tmp_path / "收回" / "~$综合科回复.xlsx").write_bytes(b"")
    assert proposed() == [waiting]
    # A copied file keeps its date: what is in it tells that it is new.
    late = tmp_path / "收回" / "迟.xlsx"
    answers = {task.code: DONE for task in book.get_tasks(INDUSTRY)}
    late.write_bytes(fill(issued(book, INDUSTRY), answers))
    os.utime(late, (0, 0))
    assert proposed() == words
    assert OPEN_LINE not in run()[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no pty")
@pytest.mark.parametrize(
    ("answer", "done"), [(b"y\n", True), (b"\n", False), ("是\n".encode("gbk"), False)]
)
def test_only_a_person_is_asked(tmp_path: Path, answer: bytes, *, done: bool) -> None:
    """At a terminal the step is done for a y; in a pipe nobody is asked."""
    import pty

    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_book(tasks=DATED)))
    words = [sys.executable, "-m", "ledgerbook"]
    piped = subprocess.run(words, cwd=tmp_path, input=b"y\n", capture_output=True, check=True)
    assert "是否现在就做" not in piped.stdout.decode()
    assert not (tmp_path / "发出").exists()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1000)
        os.write(ours, answer)
        while True:
            try:
                more = os.read(ours, 1000)
            except OSError:
                break
            if not more:
                break
            said += more
    os.close(ours)
    assert process.returncode == 0
    # The terminal shows what was typed as it came.
    shown = said.decode(errors="replace")
    assert "是否现在就做？[y/N]" in shown
    assert ("的表已生成" in shown) == done
    assert (tmp_path / "发出" / "年度").is_dir() == done
