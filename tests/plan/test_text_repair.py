"""Official wording from damaged text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.plan.text_repair import format_official

COMMA, COLON, OPEN, CLOSE = (chr(ord(c) + 0xFEE0) for c in ",:()")

WORDINGS = {
    "更 新,调\n整": f"更新{COMMA}调整",
    "通知(试行)": f"通知{OPEN}试行{CLOSE}",
    "中府办函(2020) 187号": "中府办函〔2020〕187号",
    "中府办函[2020]187号": "中府办函〔2020〕187号",
    "会议于10:30开始,共1,000人": f"会议于10:30开始{COMMA}共1,000人",
    "应用 Open Data 平台": "应用Open Data平台",
    "实行PPP(public)模式": "实行PPP(public)模式",
    "要求:“1+1+9” 工作": f"要求{COLON}“1+1+9”工作",
    "2022年": "2022年",
}


@pytest.mark.parametrize("text", WORDINGS)
def test_wordings(text: str) -> None:
    """Noise goes, punctuation widens, and numbers and Latin words stay as they are."""
    assert format_official(text) == WORDINGS[text]


@given(st.text(alphabet="综合科(),:2022号A \n。“”"))
def test_official_wording_is_final(text: str) -> None:
    """What is official already does not change."""
    assert format_official(format_official(text)) == format_official(text)
