"""Batch files beside the book: their text, and what the program makes of a drop.

There is no cmd.exe here: what it would do with the text is not tried, only what is
known to go wrong is looked for.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.commands import DropCommand
from ledgerbook.errors import InputError
from ledgerbook.model import Round
from ledgerbook.storage.launchers import (
    FOLDER_VARIABLE,
    LAUNCHER_JOBS,
    LINE_VARIABLE,
    SCRIPT_VARIABLE,
    Launcher,
    is_unmodified,
    make_launchers,
    parse_dropped_names,
)
from tests.support.books import DONE, FINANCE, OFFICE, fill, issued, make_book

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

TODAY = date(2022, 4, 1)

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.txt"
EVERY = pytest.mark.parametrize("one", list(make_launchers()), ids=lambda one: one.name)


def code_of(one: Launcher) -> list[str]:
    """Return the lines that do something."""
    lines = one.data.decode("gb2312").split("\r\n")
    return [line for line in lines if line and not line.startswith(("rem ", "echo"))]


# -- the text -------------------------------------------------------------------------


@EVERY
def test_line_ends_and_bytes(one: Launcher) -> None:
    """CRLF throughout, or labels are not found; ASCII but for one line.

    The bytes of that line are all above A0: in no page of codes is one of them taken
    for a sign that cmd.exe acts upon.
    """
    assert one.data.count(b"\n") == one.data.count(b"\r\n") == one.data.count(b"\r")
    assert one.data.endswith(b"\r\n")
    assert one.data.startswith(b"@echo off\r\n")
    odd = [line for line in one.data.split(b"\r\n") if not line.isascii()]
    assert len(odd) == 1
    assert odd[0].startswith(b"echo ")
    assert not re.search(rb"[\x80-\xa0]", odd[0])
    assert odd[0].decode("gbk") == odd[0].decode("gb18030")
    assert "请找给您装本工具的人（本单位的电脑维护人员）" in odd[0].decode("gbk")
    assert b"chcp" not in one.data.lower()
    assert max(map(len, one.data.split(b"\r\n"))) < 200


@EVERY
def test_every_name_is_quoted(one: Launcher) -> None:
    """Names with blanks, ampersands, brackets, percent and exclamation marks."""
    lines = code_of(one)
    assert all(line.count('"') % 2 == 0 for line in lines)
    # Where the folder and the names are put in, exclamation marks mean nothing yet.
    early = lines.index("setlocal EnableExtensions DisableDelayedExpansion")
    assert early == 1
    taken = [n for n, line in enumerate(lines) if "%~" in line and "PATH" not in line]
    assert [lines[n] for n in taken] == [
        'set "LEDGERBOOK_FOLDER=%~dp0"',
        'set "LEDGERBOOK_SCRIPT=%~f0"',
    ]
    assert max(taken) < lines.index("setlocal EnableDelayedExpansion")
    # Nothing is put in twice, or within brackets, which a name may close.
    assert not any(line.startswith("call ") for line in lines)
    assert [line for line in lines if "(" in line] == [
        'for %%P in (ledgerbook.exe) do set "RUN=%%~$PATH:P"',
        'for %%P in (py.exe) do set "RUN=%%~$PATH:P"',
    ]
    mode = ""
    for line in lines:
        if line.startswith("setlocal"):
            mode = line.split()[-1]
        if "%" in line and "CODE" not in line:
            assert mode == "DisableDelayedExpansion", line
        if "!" in line:
            assert mode == "EnableDelayedExpansion", line


@EVERY
def test_what_it_runs(one: Launcher) -> None:
    """The program on the PATH, or Python's launcher; the window stays; then it ends."""
    lines, job = code_of(one), LAUNCHER_JOBS[one.name]
    assert [line for line in lines if "%*" in line] == [
        f'"%RUN%" -P -m ledgerbook drop {job} %*',
        f'"%RUN%" drop {job} %*',
    ]
    labels = {line for line in lines if line.startswith(":")}
    jumps = set(re.findall(r"goto (\w+)", "\n".join(lines)))
    assert {f":{jump}" for jump in jumps} == labels
    assert lines.count("pause") == 1
    # After an ampersand in a name there may stand what cmd.exe would run next.
    assert lines[-1] == "exit %CODE%"


def test_names_that_windows_allows() -> None:
    """The names themselves are fit for any Chinese Windows."""
    for name in LAUNCHER_JOBS:
        assert name.encode("gbk")
        assert not set(name) & set('\\/:*?"<>|&^%! ')


# -- what was dropped -----------------------------------------------------------------

BAT = "D:\\台账（2022）\\汇总（把收回的表拖到这里）.bat"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (f'C:\\WINDOWS\\system32\\cmd.exe /c ""{BAT}" "', ()),
        (f'C:\\WINDOWS\\system32\\cmd.exe /c ""{BAT}""', ()),
        (f'cmd /c ""{BAT}" D:\\a.xlsx"', ("D:\\a.xlsx",)),
        (f'cmd /c ""{BAT}" D:\\a&b.xlsx"', ("D:\\a&b.xlsx",)),
        (
            f'cmd /c ""{BAT.upper()}" D:\\a^b,c;d=e(1).xlsx "D:\\财 务&科 100%!.xlsx""',
            ("D:\\a^b,c;d=e(1).xlsx", "D:\\财 务&科 100%!.xlsx"),
        ),
        (
            f'cmd /c ""{BAT}" "D:\\a b.xlsx" D:\\全　角（一）【二】#.xlsx"',
            ("D:\\a b.xlsx", "D:\\全　角（一）【二】#.xlsx"),
        ),
        (f'cmd /c ""{BAT}" \\\\server\\共享\\a.xlsx"', ("\\\\server\\共享\\a.xlsx",)),
        # In a terminal the line is that of the terminal.
        ('"C:\\WINDOWS\\system32\\cmd.exe" ', ()),
        ("", ()),
    ],
)
def test_the_line_is_taken_apart(line: str, names: tuple[str, ...]) -> None:
    """Explorer quotes names with a blank, and no others."""
    assert parse_dropped_names(line, BAT) == names


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book, and one for what arrives elsewhere."""
    folder, arrived = tmp_path / "台账（1）", tmp_path / "收到&的"
    for one in (folder, arrived):
        one.mkdir()
    (folder / "我局.xlsx").write_bytes(build_book_bytes(make_book()))
    return folder


def returned(section: str) -> bytes:
    book = make_book()
    answers = {task.code: DONE for task in book.get_tasks(section)}
    return fill(issued(book, section), answers)


def test_dropped_returns_are_put_into_their_folder(office: Path) -> None:
    """They stay there for the next time; nothing is written over or copied twice."""
    arrived = office.parent / "收到&的"
    (arrived / "a&b.xlsx").write_bytes(b"one")
    (arrived / "~$a&b.xlsx").write_bytes(b"")
    words = ("collect", *(str(office / n) for n in ("我局.xlsx", "收回")))
    words = (*words, "-o", str(office / "汇总"))
    taken = office / "收回" / "a&b.xlsx"
    files = [arrived / "a&b.xlsx", arrived / "~$a&b.xlsx"]
    assert commands.build_drop_command("collect", files, office, TODAY) == DropCommand(
        words, (taken,)
    )
    assert taken.read_bytes() == b"one"
    assert commands.build_drop_command("collect", files, office, TODAY) == DropCommand(words)
    assert commands.build_drop_command("collect", [taken], office, TODAY) == DropCommand(words)
    assert commands.build_drop_command("collect", [], office, TODAY) == DropCommand(words)
    below = office / "收回" / "财务" / "b.xlsx"
    below.parent.mkdir()
    below.write_bytes(b"three")
    assert commands.build_drop_command("collect", [below], office, TODAY) == DropCommand(words)
    files[0].write_bytes(b"two")
    second = office / "收回" / "a&b(2).xlsx"
    assert commands.build_drop_command("collect", files, office, TODAY) == DropCommand(
        words, (second,)
    )
    assert (taken.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_a_dropped_folder_is_collected_as_it_is(office: Path) -> None:
    """It is nobody's wish to have a whole folder copied."""
    arrived = office.parent / "收到&的"
    meant = commands.build_drop_command("collect", [arrived], office, TODAY)
    assert meant.arguments[2:4] == (str(arrived), "-o")
    assert meant.note == "只汇总拖上来的文件夹和文件，不算“收回”文件夹里的。"
    assert not (office / "收回").exists()


def test_a_diagnosis_lies_beside_the_book(office: Path) -> None:
    """Of what was dropped, else of what came back, with the book."""
    words = ("-o", str(office / "诊断.zip"))
    book, returns, bad = (str(office / name) for name in ("我局.xlsx", "收回", "坏.xlsx"))
    Path(returns).mkdir()
    meant = commands.build_drop_command("diagnose", [], office, TODAY)
    assert meant == DropCommand(("diagnose", book, returns, *words))
    meant = commands.build_drop_command("diagnose", [Path(bad)], office, TODAY)
    assert meant == DropCommand(("diagnose", book, bad, *words))
    with pytest.raises(InputError, match="请把程序读不了的文件拖到这个图标上"):
        commands.build_drop_command("diagnose", [], office.parent, TODAY)


def test_who_lags_is_reminded_from_what_came_back(office: Path) -> None:
    words = (str(office / name) for name in ("我局.xlsx", "收回"))
    meant = commands.build_drop_command("remind", [], office, TODAY)
    assert meant == DropCommand(("remind", *words, "-o", str(office / "催办")))


def test_nothing_to_work_on(office: Path) -> None:
    """One sentence says what to drop, or which book is meant."""
    with pytest.raises(InputError, match="请把收回的表拖到这个图标上"):
        commands.build_drop_command("collect", [], office, TODAY)
    with pytest.raises(InputError, match="请把填好的表拖到这个图标上"):
        commands.build_drop_command("check", [], office, TODAY)
    other = office / "另一本.xlsx"
    other.write_bytes(build_book_bytes(make_book()))
    with pytest.raises(InputError, match="有 2 本台账"):
        commands.build_drop_command("generate", [], office, TODAY)
    other_place = office.parent / "收到&的"
    (other_place / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    with pytest.raises(InputError, match="有 2 本台账"):
        commands.build_drop_command("generate", [other, office / "我局.xlsx"], other_place, TODAY)
    (other_place / "台账.xlsx").unlink()
    words = commands.build_drop_command("generate", [other], office, TODAY).arguments
    assert words[:2] == ("generate", str(other))
    with pytest.raises(InputError, match="没有台账"):
        commands.build_drop_command("generate", [], office.parent / "收到&的", TODAY)


def test_a_section_checks_without_a_book(office: Path) -> None:
    """Where there is a book, it is the measure."""
    arrived = office.parent / "收到&的"
    sheet = arrived / "财务.xlsx"
    sheet.write_bytes(b"")
    assert commands.build_drop_command("check", [sheet], arrived, TODAY).arguments == (
        "check",
        str(sheet),
    )
    assert commands.build_drop_command("check", [sheet], office, TODAY).arguments == (
        *("check", str(sheet)),
        *("--book", str(office / "我局.xlsx")),
    )


def test_a_round_is_issued_again_until_it_is_over(office: Path) -> None:
    """Then the next takes along what came back; the first starts empty."""
    day = date(2022, 4, 10)
    rounds = (Round("第一季度", day), Round("第二季度", date(2022, 7, 10)))
    book = office / "我局.xlsx"
    book.write_bytes(build_book_bytes(make_book(rounds=rounds)))
    (office / "收回").mkdir()
    (office / "收回" / "a.xlsx").write_bytes(b"")
    words = ("generate", str(book), "--round")
    out = ("-o", str(office / "发出"))
    first = DropCommand((*words, "第一季度", *out), note="生成“第一季度”批次的表。")
    assert commands.build_drop_command("generate", [], office, day) == first
    (office / "发出" / "第一季度").mkdir(parents=True)
    (office / "发出" / "第一季度" / "综合科.xlsx").write_bytes(b"")
    assert commands.build_drop_command("generate", [], office, day) == first
    earlier = ("--from", str(office / "收回"))
    expected = (*words, "第二季度", *out, *earlier)
    after = day + timedelta(days=1)
    assert commands.build_drop_command("generate", [], office, after).arguments == expected


def test_what_cannot_be_read_is_no_missing_book(office: Path) -> None:
    (office / "我局.xlsx").unlink()
    (office / "台账.xlsx").write_bytes(b"cut short")
    with pytest.raises(InputError, match=r"台账\.xlsx打不开"):
        commands.build_drop_command("generate", [], office, TODAY)


# -- all the way ----------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(str(caught.value.code)), said.out, said.err

    return call


def test_init_puts_them_beside_the_book(run: Run, tmp_path: Path) -> None:
    """What somebody has changed stays; an older one of ours is renewed."""
    code, said, _ = run("init", PLAN, "-o", tmp_path / "台账.xlsx")
    assert code == 0
    assert "Windows 上可以双击，也可以把表拖上去" in said
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.bat")}
    assert made == {one.name: one.data for one in make_launchers()}
    changed, older, gone = (tmp_path / name for name in list(LAUNCHER_JOBS)[:3])
    changed.write_bytes(changed.read_bytes() + b"rem mine\r\n")
    body = b"rem an older version\r\n"
    digest = hashlib.sha256(body).hexdigest()[:16].encode()
    older.write_bytes(b"@echo off\r\nrem ledgerbook " + digest + b"\r\n" + body)
    assert is_unmodified(older.read_bytes())
    gone.unlink()
    code, said, _ = run("init", PLAN, "-o", tmp_path / "另一本.xlsx")
    assert (code, f"提示：“{changed}”已经有人改过，没有更新。" in said) == (0, True)
    assert changed.read_bytes().endswith(b"rem mine\r\n")
    assert older.read_bytes() == made[older.name]
    assert gone.read_bytes() == made[gone.name]


@pytest.mark.parametrize("options", [["--no-bat"], ["--dry-run"]])
def test_init_without_them(run: Run, tmp_path: Path, options: list[str]) -> None:
    """Nobody needs them who has no Windows."""
    assert run("init", PLAN, "-o", tmp_path / "台账.xlsx", *options)[0] == 0
    assert not list(tmp_path.glob("*.bat"))


@pytest.mark.slow
def test_a_drop_as_cmd_would_hand_it_over(
    run: Run, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off at the ampersand, the name is still found; results lie by the book."""
    monkeypatch.chdir(tmp_path)
    script = str(office / list(LAUNCHER_JOBS)[2])
    names = [tmp_path / "收到&的" / name for name in ("a.xlsx", "b c.xlsx")]
    for path, section in zip(names, (OFFICE, FINANCE), strict=True):
        path.write_bytes(returned(section))
    monkeypatch.setenv(FOLDER_VARIABLE, f"{office}{os.sep}")
    monkeypatch.setenv(SCRIPT_VARIABLE, script)
    monkeypatch.setenv(LINE_VARIABLE, f'cmd.exe /c ""{script}" {names[0]} "{names[1]}""')
    code, said, _ = run("drop", "collect", str(names[0]).partition("&")[0])
    assert code == 1
    assert "已放进“收回”文件夹：a.xlsx\n已放进“收回”文件夹：b c.xlsx\n" in said
    assert f"请打开：{office / '汇总' / '2022年度汇总.xlsx'}\n" in said
    assert "未报送的科室：产业金融科。" in said
    monkeypatch.setenv(LINE_VARIABLE, '"C:\\WINDOWS\\system32\\cmd.exe"')
    code, said, error = run("drop", "check", str(names[0]))
    assert (code, error) == (0, "")
    code, said, error = run("drop", "generate")
    assert (code, error) == (0, "")
    assert (office / "发出" / "年度" / "综合科.xlsx").is_file()
    code, said, error = run("drop", "look")
    assert (code, said.startswith("我局.xlsx：某市金融工作局2022年")) == (0, True)


def test_the_command_is_for_the_batch_files_alone(run: Run) -> None:
    """It stands neither in the help nor among the commands that are offered."""
    assert "drop" not in run("--help")[1]
    assert "drop" not in run("colect")[2]
