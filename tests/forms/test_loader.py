"""Forms are data: what a definition may say, and how its mistakes are told."""

from __future__ import annotations

import dataclasses

import pytest

from ledgerbook import forms
from ledgerbook.errors import InputError
from ledgerbook.model import ColumnType, Condition, ConditionKind, Filler, Form, StatusCategory
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from tests.support.changed_forms import FIRST_VERSION, set_first_widths


@pytest.fixture
def form() -> Form:
    return forms.load_factory_ledger()


def records(form: Form) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    columns = [forms.build_column_record(column, form) for column in form.columns]
    return columns, list(forms.iter_choice_records(form))


def slips_after(form: Form, name: str, changes: dict[str, object]) -> list[str]:
    """Return what is said of a form whose column ``name`` was changed."""
    columns, choices = records(form)
    for column in columns:
        if column["key"] == name:
            column.update(changes)
    _, slips = forms.build_form(form.key, form.title, columns, choices)
    return [f"{slip.key}：{slip.message}" for slip in slips]


def test_task_ledger_has_the_columns_of_the_mission(form: Form) -> None:
    """The factory form has every official and every answer column asked for."""
    assert [c.header for c in form.official_columns] == [
        "序号",
        "行码",
        "工作要求",
        "工作要点",
        "计划措施",
        "本科室职责",
        "时限",
        "完成期限",
        "提醒",
    ]
    assert [c.header for c in form.answer_columns] == [
        "完成状态",
        "完成日期",
        "落实情况",
        "佐证材料",
        "未完成原因",
        "下一步措施",
        "责任人",
        "联系电话",
        "备注",
        "审签人",
        "审签日期",
    ]


def test_status_words_and_their_meanings(form: Form) -> None:
    """The five status words of the mission each mean one thing to the figures."""
    choices = form.get_choice_list(form.status_column)
    assert [(c.value, c.meaning) for c in choices.choices] == [
        ("未启动", StatusCategory.NOT_STARTED),
        ("推进中", StatusCategory.IN_PROGRESS),
        ("已完成", StatusCategory.COMPLETED),
        ("长期推进", StatusCategory.ONGOING),
        ("不涉及", StatusCategory.NOT_APPLICABLE),
    ]


def test_conditions_of_the_mission(form: Form) -> None:
    """已完成 asks for a date and a result; being overdue asks for a reason."""
    done = Condition(ConditionKind.EQUALS, "status", ("已完成",))
    assert form.get_column("done_on").required == (done,)
    assert "已完成" in form.get_column("result").required[0].values
    assert form.get_column("reason").required == (Condition(ConditionKind.OVERDUE),)


def test_what_excludes_what_in_the_mission(form: Form) -> None:
    """No date of completion before it is completed, no reason once it is, no result of nothing."""
    open_statuses = Condition(ConditionKind.EQUALS, "status", ("未启动", "推进中", "不涉及"))
    assert form.get_column("done_on").excluded == (open_statuses,)
    idle = Condition(ConditionKind.EQUALS, "status", ("未启动", "不涉及"))
    assert form.get_column("result").excluded == (idle,)
    closed = Condition(ConditionKind.EQUALS, "status", ("已完成", "不涉及"))
    assert form.get_column("reason").excluded == (closed,)


def test_records_round_trip(form: Form) -> None:
    """A form flattened to sheet rows and read again is the same form."""
    again, slips = forms.build_form(form.key, form.title, *records(form))
    assert (again, slips) == (form, ())


def test_version_changes_with_any_word(form: Form) -> None:
    """Changing one prompt makes another version, and nothing else does."""
    first, *rest = form.columns
    other = dataclasses.replace(first, prompt="请填。")
    changed = dataclasses.replace(form, columns=(other, *rest))
    assert forms.compute_form_version(changed) != forms.compute_form_version(form)
    assert forms.compute_form_version(dataclasses.replace(form)) == forms.compute_form_version(form)


def test_a_form_without_what_came_later_keeps_its_version(form: Form) -> None:
    """Workbooks issued before there was 何时不填, or a signature, are still recognized."""
    columns = tuple(
        dataclasses.replace(column, excluded=())
        for column in form.columns
        if column.key not in SIGNATURE_KEYS
    )
    old = set_first_widths(dataclasses.replace(form, columns=columns))
    assert forms.compute_form_version(old) == FIRST_VERSION
    assert forms.compute_form_version(form) != FIRST_VERSION


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("note", {"header": ""}, "header：不能空着，请填写。"),
        (
            "note",
            {"kind": "图片"},
            "kind：“图片”不在可选范围（文本、长文本、下拉选项、日期、数字、整数、电话）内，"
            "请改为其中一项。",
        ),
        ("note", {"width": "宽"}, "width：“宽”不是数字，请改为数字。"),
        ("note", {"width": "500"}, "width：列宽要在 3 到 120 之间。"),
        ("note", {"max_length": "0"}, "max_length：最多字数要在 1 到 32767 之间。"),
        (
            "note",
            {"key": "备注"},
            "key：“备注”只能用小写英文字母、数字和下划线，并以字母开头。",
        ),
        ("note", {"key": "phone"}, "key：“phone”重复了，每列要不同。"),
        ("note", {"header": "联系电话"}, "header：“联系电话”重复了，每列要不同。"),
        (
            "note",
            {"prompt": "长" * 256},
            "prompt：填写提示不能超过 255 个字，现在有 256 个，请缩短。",
        ),
        ("note", {"source": "序号"}, "source：科室填写的列不能再取自任务表，请清空。"),
        ("limit", {"source": ""}, "source：固定内容的列要写明取自任务表的哪一项。"),
        (
            "note",
            {"required": "有空就填"},
            "required：“有空就填”看不懂。请写“始终”“逾期”或“列名=选项”。",
        ),
        (
            "note",
            {"required": "完成状态=办好了"},
            "required：“完成状态=办好了”中的选项不在“完成状态”里，请核对。",
        ),
        ("note", {"excluded": "始终"}, "excluded：“始终”看不懂。请写“列名=选项”。"),
        (
            "note",
            {"excluded": "完成状态=办好了"},
            "excluded：“完成状态=办好了”中的选项不在“完成状态”里，请核对。",
        ),
        (
            "status",
            {"required": "", "excluded": "完成状态=已完成"},
            "excluded：“完成状态=已完成”说的是这一栏自己，请写另一栏的列名。",
        ),
        (
            "done_on",
            {"excluded": "完成状态=已完成/推进中"},
            "excluded：同样的情形在“何时必填”里要填，在这里又不要填，请改掉一处。",
        ),
        (
            "due",
            {"excluded": "完成状态=已完成"},
            "excluded：固定内容的列没有人填，请清空。",
        ),
        ("note", {"color": "red"}, "color：没有这一项设置，请核对拼写。"),
        (
            "row_code",
            {"source": "时限"},
            "source：表单里少了取自“行码”的列，不能认出每一行，请补上。",
        ),
    ],
)
def test_mistakes_are_told_in_words(
    form: Form, key: str, changes: dict[str, object], said: str
) -> None:
    """Each mistake in a column gets one sentence that says what to do."""
    assert said in slips_after(form, key, changes)


def test_unknown_choice_list(form: Form) -> None:
    """A drop-down whose list is missing is told, and so is the missing status."""
    assert slips_after(form, "status", {"choices": "状态"}) == [
        "choices：选项组“状态”在选项表中没有，请补上或改名。",
        "required：“完成状态=已完成”看不懂。请写“始终”“逾期”或“列名=选项”。",
        "excluded：“完成状态=未启动/推进中/不涉及”看不懂。请写“列名=选项”。",
        "required：“完成状态=已完成/推进中/长期推进”看不懂。请写“始终”“逾期”或“列名=选项”。",
        "excluded：“完成状态=未启动/不涉及”看不懂。请写“列名=选项”。",
        "excluded：“完成状态=已完成/不涉及”看不懂。请写“列名=选项”。",
        "choices：表单要有而且只有一列的选项带“含义”（完成状态），才能统计完成率。",
    ]


def test_choices_need_meanings_and_must_differ(form: Form) -> None:
    """A doubled choice, a nameless one and a missing meaning are each told."""
    columns, choices = records(form)
    choices[0] |= {"value": "推进中"}
    choices[2] |= {"meaning": ""}
    choices[4] |= {"value": ""}
    _, slips = forms.build_form(form.key, form.title, columns, choices)
    assert [(s.table, s.row, s.message) for s in slips][:2] == [
        ("choices", 1, "选项“推进中”重复了，请删去一个。"),
        ("choices", 4, "不能空着，请填写。"),
    ]
    assert "选项组“完成状态”的每个选项都要有含义，且要有“已完成”。" in [
        slip.message for slip in slips
    ]


def test_broken_toml_is_one_sentence() -> None:
    """A definition that is no TOML, or lacks its parts, is refused in words."""
    with pytest.raises(InputError, match=r"^表单定义不是正确的 TOML 文件"):
        forms.load_form("key = ")
    with pytest.raises(InputError, match=r"^表单定义要有 key、title、columns 三项"):
        forms.load_form("colour = 1")


def test_a_bad_template_names_every_mistake() -> None:
    """All mistakes of a definition come at once, each with its place."""
    text = """
    key = "x"
    title = "测试"
    [[columns]]
    key = "a"
    header = "甲"
    kind = "文本"
    filler = "科室填写"
    width = 1
    """
    with pytest.raises(InputError) as caught:
        forms.load_form(text)
    assert caught.value.slips[0] == "columns 第 1 项 width：列宽要在 3 到 120 之间。"
    assert len(caught.value.slips) == 4


def test_answer_columns_are_typed(form: Form) -> None:
    """Dates, telephone numbers and the status are checked as what they are."""
    kinds = {c.key: c.kind for c in form.columns if c.filler is Filler.SECTION}
    assert kinds["done_on"] is ColumnType.DATE
    assert kinds["phone"] is ColumnType.PHONE
    assert kinds["status"] is ColumnType.CHOICE
    assert kinds["result"] is ColumnType.LONG_TEXT
