"""Which answers hold over several returned sheets: rules, examples, and a naive model.

The model is the rule said as shortly as possible, apart from the program's own code: rows of
dictionaries, every sheet compared with every earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.merge.statements import HeldRows, SheetTexts, merge_sheets

Rows = dict[str, dict[str, str]]
Sheet = tuple[Rows, Rows]  # shown, issued


# --- the naive model ---


def find_naive_base(sheets: Sequence[Sheet], index: int) -> int | None:
    shown, issued = sheets[index]
    best, base = 0, None
    for earlier in range(index):
        surplus = 0
        earlier_shown, earlier_issued = sheets[earlier]
        for row in earlier_shown:
            for column in "spdx":
                answer = earlier_shown[row].get(column)
                as_issued = issued.get(row, {}).get(column)
                if answer in (earlier_issued.get(row, {}).get(column), as_issued):
                    continue
                now = shown.get(row, {}).get(column)
                surplus += (now == answer) - (now == as_issued)
        if surplus > 0 and surplus >= best:
            best, base = surplus, earlier
    return base


def keeps_rule(cells: Mapping[str, str]) -> bool:
    """Return whether a reason (x) does not stand beside the status (s) A."""
    return not (cells.get("s") == "A" and "x" in cells)


def merge_naively(sheets: Sequence[Sheet]) -> tuple[Rows, list[tuple[str, str, str, str]]]:
    """Return the rows that hold, and (row, column, old, new) of all that was replaced."""
    held: Rows = {}
    replaced = []
    for index, (shown, issued) in enumerate(sheets):
        base_index = find_naive_base(sheets, index)
        base_rows = issued if base_index is None else sheets[base_index][0]
        for row, now in shown.items():
            base, before = base_rows.get(row, {}), held.get(row, {})
            said = {c for c in "spdx" if now.get(c) and now.get(c) != base.get(c)}
            cleared = {c for c in "spdx" if not now.get(c) and base.get(c)}
            if not said | cleared:
                continue
            joint = {
                c: (now if c in said | cleared or not before else before).get(c) for c in "spdx"
            }
            joint = {c: text for c, text in joint.items() if text}
            is_blind = base_index is None and any(
                before.get(c) and before[c] not in (now[c], base.get(c)) for c in said
            )
            if is_blind or (keeps_rule(now) and not keeps_rule(joint)):
                joint = dict(now)
            replaced += [
                (row, c, before[c], joint.get(c, ""))
                for c in "spdx"
                if c in before and before[c] != joint.get(c)
            ]
            held[row] = joint
    return held, replaced


# --- worlds: files begun from the form, or from each other, each with some edits ---


@st.composite
def worlds(
    draw: st.DrawFn, rows: Sequence[str] = ("T1", "T2", "T3"), columns: str = "spdx"
) -> list[Sheet]:
    cells = st.tuples(st.sampled_from(rows), st.sampled_from(columns))
    edits = st.dictionaries(cells, st.sampled_from(["", "A", "B", "C"]), max_size=5)
    prefills = st.dictionaries(cells, st.sampled_from(["A", "B", "C"]), max_size=6)
    issues = [to_rows(draw(prefills)) for _ in range(draw(st.integers(1, 2)))]
    sheets: list[Sheet] = []
    for _ in range(draw(st.integers(1, 6))):
        origin = draw(st.integers(-len(issues), len(sheets) - 1))
        start, issued = sheets[origin] if origin >= 0 else (issues[origin], issues[origin])
        sheets.append((edit(start, draw(edits)), issued))
    return sheets


def to_rows(cells: Mapping[tuple[str, str], str]) -> Rows:
    return edit({"T1": {}, "T2": {}, "T3": {}}, cells)


def edit(rows: Rows, changes: Mapping[tuple[str, str], str]) -> Rows:
    changed = {row: dict(cells) for row, cells in rows.items()}
    for (row, column), text in changes.items():
        if text:
            changed[row][column] = text
        else:
            changed[row].pop(column, None)
    return changed


def merge(sheets: Sequence[Sheet]) -> HeldRows[str]:
    return merge_sheets([SheetTexts(*sheet) for sheet in sheets], keeps_rule)


def list_texts(held: HeldRows[str]) -> Rows:
    return {row: {c: cell.text for c, cell in cells.items()} for row, cells in held.rows.items()}


@given(worlds())
def test_what_holds_is_what_the_naive_model_says(sheets: list[Sheet]) -> None:
    compare_with_model(sheets)


@settings(max_examples=150)
@given(worlds(rows=("T1",), columns="sx"))
def test_rows_that_may_break_a_rule_hold_as_the_naive_model_says(sheets: list[Sheet]) -> None:
    compare_with_model(sheets)


def compare_with_model(sheets: list[Sheet]) -> None:
    expected_rows, expected_replaced = merge_naively(sheets)
    held = merge(sheets)
    assert list_texts(held) == expected_rows
    found = [(item.row, item.column, item.old.text, item.new_text) for item in held.replaced]
    assert sorted(found) == sorted(expected_replaced)


@given(worlds())
def test_every_cell_is_counted_once(sheets: list[Sheet]) -> None:
    held = merge(sheets)
    filled = sum(len(cells) for shown, _ in sheets for cells in shown.values())
    accepted = sum(cell.is_said for cells in held.rows.values() for cell in cells.values())
    replaced = sum(item.old.is_said for item in held.replaced)
    assert filled == accepted + replaced + len(held.repeated) + sum(held.unchanged.values())


@given(worlds())
def test_a_copy_of_the_newest_sheet_changes_nothing(sheets: list[Sheet]) -> None:
    before, after = merge(sheets), merge([*sheets, sheets[-1]])
    # A copy states nothing unless too few answers show what it is a copy of.
    if after.bases[-1] is not None:
        assert list_texts(after) == list_texts(before)


BLANK: Rows = {"T1": {}, "T2": {}}


def test_two_people_who_share_a_prefilled_form_do_not_contradict_each_other() -> None:
    issued = to_rows({("T1", "s"): "B", ("T2", "s"): "B"})
    held = merge(
        [(edit(issued, {("T1", "s"): "A"}), issued), (edit(issued, {("T2", "s"): "C"}), issued)]
    )
    assert list_texts(held) == {"T1": {"s": "A"}, "T2": {"s": "C"}}
    assert not held.replaced
    assert held.unchanged[True] == 2


def test_a_later_file_made_from_the_first_takes_answers_back() -> None:
    first = edit(BLANK, {("T1", "s"): "A", ("T1", "d"): "C", ("T2", "s"): "B", ("T2", "p"): "B"})
    second = edit(first, {("T1", "s"): "B", ("T1", "d"): ""})
    held = merge([(first, BLANK), (second, BLANK)])
    assert list_texts(held) == {"T1": {"s": "B"}, "T2": {"s": "B", "p": "B"}}
    assert [(item.column, item.new_text, item.was_seen) for item in held.replaced] == [
        ("s", "B", True),
        ("d", "", True),
    ]


def test_an_old_file_sent_again_does_not_undo_a_repair() -> None:
    first = edit(BLANK, {("T1", "s"): "A", ("T1", "p"): "B", ("T2", "s"): "A"})
    repaired = edit(first, {("T1", "s"): "C"})
    again = edit(first, {("T2", "s"): "B"})
    held = merge([(first, BLANK), (repaired, first), (again, BLANK)])
    assert list_texts(held) == {"T1": {"s": "C", "p": "B"}, "T2": {"s": "B"}}


def test_a_row_stands_whole_where_only_together_it_breaks_a_rule() -> None:
    issued = to_rows({("T1", "s"): "B"})
    held = merge(
        [(edit(issued, {("T1", "s"): "A"}), issued), (edit(issued, {("T1", "x"): "C"}), issued)]
    )
    assert list_texts(held) == {"T1": {"s": "B", "x": "C"}}
    assert [(item.old.text, item.was_seen) for item in held.replaced] == [("A", False)]


def test_a_refused_value_replaces_no_good_one_and_clearing_it_says_so() -> None:
    first = SheetTexts({"T1": {"s": "A", "d": "bad"}}, BLANK, {"T1": frozenset("d")})
    assert list_texts(merge_sheets([first])) == {"T1": {"s": "A"}}
    good = SheetTexts({"T1": {"s": "A", "d": "B"}}, BLANK)
    held = merge_sheets([good, first])
    assert list_texts(held) == {"T1": {"s": "A", "d": "B"}}
    correction = SheetTexts({"T1": {"s": "C"}}, {"T1": {"s": "A", "d": "bad"}})
    held = merge_sheets([first, correction])
    assert list_texts(held) == {"T1": {"s": "C"}}
    assert held.statements[-1].cleared == {"d"}


def test_rows_that_nobody_changed_are_carried() -> None:
    issued = to_rows({("T1", "s"): "B", ("T2", "s"): "A"})
    held = merge([(edit(issued, {("T1", "s"): "A"}), issued)])
    assert held.carried == {"T2": 0}


def test_a_row_that_the_next_file_lacks_stays_and_is_named() -> None:
    def register(*cells: str) -> SheetTexts[str]:
        return SheetTexts({text[0]: {"s": text} for text in cells}, {})

    first = register("A1", "B1", "C1")
    held = merge_sheets([first, register("A1", "C1")])
    assert set(held.rows) == set("ABC")
    assert held.missing == {"B": 1}
    # A file that was not made from the first lacks nothing; one that has the row again ends it.
    assert not merge_sheets([first, register("D1")]).missing
    assert not merge_sheets([first, register("A1", "C1"), first]).missing


# --- signatures: column "g" ---


def test_a_signature_left_blank_on_another_issue_is_not_taken_back() -> None:
    """Though the sheet repeats what the signed one answered; on the same issue it is."""
    signed = SheetTexts({"T1": {"s": "A", "d": "B", "g": "S"}}, BLANK)
    unsigned = SheetTexts({"T1": {"s": "A", "d": "B"}}, BLANK)
    held = merge_sheets([signed, replace(unsigned, round=1)], signature="g")
    assert held.bases == [None, 0]
    assert list_texts(held) == {"T1": {"s": "A", "d": "B", "g": "S"}}
    assert held.replaced == []
    held = merge_sheets([signed, unsigned], signature="g")
    assert list_texts(held) == {"T1": {"s": "A", "d": "B"}}


def test_signatures_alone_do_not_make_a_sheet_begin_from_one_of_another_issue() -> None:
    """What it was issued with would else count as said, over what the office typed since."""
    signed = SheetTexts({"T1": {"s": "A", "g": "S"}, "T2": {"g": "S"}}, BLANK)
    issued = {"T1": {"s": "A"}}
    again = SheetTexts({"T1": {"s": "A", "g": "S"}, "T2": {"g": "S"}}, issued, round=1)
    assert merge_sheets([signed, again], signature="g").bases == [None, None]
    assert merge_sheets([signed, again]).bases == [None, 0]
