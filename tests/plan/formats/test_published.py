"""Plans in the formats in which they are published: the same tasks as in the .docx."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.errors import InputError
from ledgerbook.plan import Plan
from ledgerbook.plan.formats import word_binary
from ledgerbook.plan.formats.docx import read_docx_document
from tests.plan.layouts import docx, read, rows_of

TITLES = ("东湖区财政局2023年政务公开工作分工方案",)
TABLE = rows_of(
    (
        "序号 | 工作要点 | 工作任务 | 责任科室 | 完成时限",
        "一、加强公开 | < | < | < | <",
        "1 | （一）财政信息 | 公开预算，\\n并解读。 | 预算科\\n办公室 | 3月底前",
        "2 | ^ | 公开决算。 | 国库科牵头，各科室配合 | 9月底前",
        "3 | （二）政策信息 | 公开规范性文件。 | ^ | 长期",
    )
)
# What LibreOffice 7.4 saved of ``docx(TITLES, [TABLE])``.
DOC = (Path(__file__).parent / "plan.doc").read_bytes()


def _summarize(plan: Plan) -> tuple[object, ...]:
    """Return all that a book takes of a plan."""
    return plan.title, plan.items, plan.questions, str(plan.cell_count)


def test_an_old_document_gives_the_tasks_of_the_docx() -> None:
    plan = read(docx(TITLES, [TABLE]))
    assert [item.units for item in plan.items] == [
        "预算科 办公室",
        "国库科牵头，各科室配合",
        "国库科牵头，各科室配合",
    ]
    assert _summarize(read(DOC)) == _summarize(plan)


# The beginning of the stream WordDocument: its mark, and the word with the flag of a
# password ([MS-DOC] 2.5.2).
FIB = DOC.index(b"\xec\xa5")
FLAGS = FIB + 10


def _change(position: int, replacement: bytes) -> bytes:
    return DOC[:position] + replacement + DOC[position + len(replacement) :]


LOCKED = _change(FLAGS + 1, bytes([DOC[FLAGS + 1] | 0x01]))


def test_what_cannot_be_converted_is_one_message() -> None:
    with pytest.raises(InputError) as caught:
        read(LOCKED)
    assert str(caught.value) == (
        "“方案”：文件设了打开密码，读不了。请用 Word 或 WPS 打开，去掉密码，另存为 .docx 后重试。"
    )


@pytest.mark.parametrize(
    "data",
    [_change(FIB, b"\xdc\xa5"), _change(FIB + 64, bytes(400)), DOC[:9_000], b""],
    ids=["as Word 6 and 95 begin", "damaged", "cut", "empty"],
)
def test_what_is_damaged_or_older_is_refused(data: bytes, tmp_path: Path) -> None:
    assert _convert(data, tmp_path) == (
        "这个旧格式的文件（.doc、.wps）已经损坏，或者格式太老，读不出来。"
        "请用 Word 或 WPS 打开确认，另存为 .docx 后重试。"
    )


def _convert(data: bytes, folder: Path) -> str | None:
    """Convert a document in this process, to folder/a.docx; return why it could not be."""
    (folder / "a.doc").write_bytes(data)
    return word_binary._convert_file(folder / "a.doc", folder / "a.docx")


def test_without_the_component_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "doc2docx", None)
    with pytest.raises(InputError) as caught:
        read(DOC)
    assert str(caught.value) == (
        "“方案”：读旧格式的文件（.doc、.wps）要用的组件没有安装。"
        "请用 Word 或 WPS 把方案另存为 .docx 后重试；"
        "或者请给您装本工具的人在程序源码的文件夹里运行“pip install .[plans]”装上。"
    )
    assert caught.value.values == {"component": "doc2docx"}


@pytest.mark.slow
@given(
    spoilt=st.dictionaries(st.integers(0, len(DOC) - 1), st.integers(0, 255), max_size=5),
    length=st.just(len(DOC)) | st.integers(0, len(DOC)),
)
def test_old_documents_cut_or_garbled_anywhere(spoilt: dict[int, int], length: int) -> None:
    """Damaged at any place, a document is converted or refused, and no exception leaves."""
    data = bytearray(DOC)
    for place, byte in spoilt.items():
        data[place] = byte
    with TemporaryDirectory() as folder:
        if _convert(bytes(data[:length]), Path(folder)) is None:
            assert read_docx_document((Path(folder) / "a.docx").read_bytes())
