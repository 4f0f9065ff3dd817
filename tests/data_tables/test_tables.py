"""The tables of a collection and of a roll-up: what is in them, and what they are called."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import ledgerbook
from ledgerbook.commands import CollectResult, RollupResult
from ledgerbook.data_tables.ledger_tables import build_ledger_tables
from ledgerbook.data_tables.rollup_tables import build_rollup_tables
from ledgerbook.merge.personal_data import omit_personal_data
from tests.support.data_table_pages import list_page_lines
from tests.support.rollups import make_three_summaries, roll_up_files
from tests.support.whole_year import make_whole_year

PAGE = Path(__file__).parents[2] / "docs" / "data-tables.md"
REGISTERS = ("register_normative_documents", "register_applications")
LEDGER_NAMES = {
    *("tasks", "sections", "files", "problems", "conflicts", "history", "rounds", "unplanned"),
    *("attachments", "register_enforcement_and_fees", *REGISTERS),
}
ROLLUP_NAMES = {"tasks", "units", "sections", "missing", "files", "problems"}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return ledgerbook.frames(make_whole_year())


def test_the_page_lists_every_table_and_column() -> None:
    """docs/data-tables.md has them all, in order, and no other."""
    told = [
        line for line in PAGE.read_text("utf-8").partition("\n## 各个表\n")[2].splitlines() if line
    ]
    assert told == list(list_page_lines())


@pytest.mark.slow
def test_keys_are_ascii_and_alike_whatever_is_in_the_year() -> None:
    """Names and keys are what programs rely on."""
    rollup = roll_up_files(make_three_summaries())
    tables = (
        *build_ledger_tables(make_whole_year()),
        *build_rollup_tables(rollup, personal_data=True),
    )
    for table in tables:
        keys = [column.key for column in table.columns]
        assert len(set(keys)) == len(keys)
        assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in (table.name, *keys))
        assert all(column.header for column in table.columns)


def test_a_collection_has_a_frame_for_each_list(frames: dict[str, pd.DataFrame]) -> None:
    """A row for each line of the ledger."""
    ledger = make_whole_year()
    assert frames.keys() == LEDGER_NAMES
    counts = {name: len(frame) for name, frame in frames.items()}
    assert counts == {
        "tasks": len(ledger.assignment_results),
        "sections": 3,
        "files": 6,
        "problems": len(ledger.problems),
        "conflicts": len(ledger.conflicts),
        "history": len(ledger.earlier_answers),
        "rounds": 4,
        "unplanned": 1,
        "attachments": 1,
        "register_normative_documents": 0,
        "register_applications": 1,
        "register_enforcement_and_fees": 0,
    }
    assert min(counts[name] for name in ("problems", "conflicts", "history")) > 0


def test_the_frames_say_what_the_ledger_says(frames: dict[str, pd.DataFrame]) -> None:
    """Some values of each, with their types."""
    sections = frames["sections"].set_index("section")
    assert sections.loc["综合科", "status"] == "部分填报"
    assert sections["said"].to_dict() == {"综合科": 1, "金融发展科": 1, "产业金融科": 0}
    assert sections.loc["产业金融科", "due"] == pd.Timestamp(2022, 12, 15)
    files = frames["files"].set_index("file")
    assert files.loc["坏.xlsx", "status"] == "退回"
    assert files.loc["年度.xlsx", "saved_at"] == pd.Timestamp(2022, 12, 10, 17, 30)
    conflict = frames["conflicts"].iloc[0]
    names = {conflict["accepted_file"], conflict["overruled_file"]}
    assert names == {"综合科.xlsx", "综合科2.xlsx"}
    assert conflict["number"] == 1
    rounds = frames["rounds"].set_index(["round", "basis"])
    assert rounds.loc[("年度", "截止"), "completion_rate"] == pytest.approx(
        rounds.loc[("年度", "截止"), "completed"] / rounds.loc[("年度", "截止"), "row_count"]
    )
    assert frames["unplanned"].loc[0, "content"].startswith("计划措施：接待来访\n")
    application = frames["register_applications"].iloc[0]
    assert application["received_on"] == pd.Timestamp(2022, 11, 1)
    assert application["reply_by"] == pd.Timestamp(2022, 11, 29)
    assert application["entry_section"] == "综合科"
    assert application["entry_limit"] == "逾期"
    assert application["entry_file"] == "登记簿.xlsx"
    problems = frames["problems"]
    assert problems.loc[problems["code"] == "file-empty", "file"].tolist() == ["坏.xlsx"]
    assert problems["severity"].isin(["须处理", "提示"]).all()


def test_personal_data_is_there_only_when_asked(frames: dict[str, pd.DataFrame]) -> None:
    """Columns that are marked, of tasks and of registers, and what is quoted of them."""
    full = ledgerbook.frames(make_whole_year(), personal_data=True)
    assert set(full["tasks"].columns) - set(frames["tasks"].columns) == {"phone"}
    applications = "register_applications"
    assert set(full[applications].columns) - set(frames[applications].columns) == {
        "applicant",
        "content",
    }
    assert "0760-88310001" in full["tasks"]["phone"].tolist()
    assert not any("0760" in frame.to_csv() for frame in frames.values())
    # A ledger that lacks them already has them no more.
    again = ledgerbook.frames(omit_personal_data(make_whole_year()), personal_data=True)
    assert "phone" not in again["tasks"].columns


@pytest.mark.slow
def test_a_roll_up_has_frames_of_its_own() -> None:
    """Of all units, whose path is in each row."""
    rollup = roll_up_files(make_three_summaries(), personal_data=True)
    made = ledgerbook.frames(RollupResult(rollup, ()), personal_data=True)
    assert made.keys() == ROLLUP_NAMES
    assert len(made["tasks"]) == len(rollup.rows) > 0
    assert set(made["tasks"]["unit"]) == set(made["units"]["unit"]) == set(made["sections"]["unit"])
    assert made["units"]["row_count"].sum() == len(rollup.rows)
    assert made["tasks"]["due"].dtype == "datetime64[s]"
    assert "phone" in made["tasks"].columns
    assert "phone" not in ledgerbook.frames(rollup)["tasks"].columns


def test_results_and_what_is_in_them_give_the_same() -> None:
    """Anything else is a mistake of the calling program."""
    result = CollectResult(make_whole_year(), ())
    assert ledgerbook.frames(result).keys() == LEDGER_NAMES
    with pytest.raises(
        TypeError, match="result must be the result of collect or roll_up, not date"
    ):
        ledgerbook.frames(date(2022, 1, 1))  # type: ignore[arg-type]
