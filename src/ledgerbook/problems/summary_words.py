"""The words of what is wrong with a summary that is rolled up; see catalogue.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.problems.wording import Words, must, note

_REMAKE = "请该单位用“ledgerbook collect”重新汇总，把新的年度汇总报来。"
_LOOK = "请打开该单位的年度汇总核对；要紧的，请该单位改正后重新报来。"

SUMMARY_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "summary-unread": must("{what}", "请该单位重新汇总或另存为 .xlsx 后再报来。"),
        "summary-skipped": note(
            "{what}", "如果其中有要汇总的内容，请该单位报来年度汇总（.xlsx）。"
        ),
        "summary-export": note(
            "这是本工具导出的明细，年度汇总里都有，已跳过。", "无需处理。"
        ),
        "summary-none": must(
            "这个工作簿不是本工具生成的年度汇总，没有并入。",
            "请核对是否放错了文件夹；应当报来的是“ledgerbook collect”生成的年度汇总。",
        ),
        "summary-newer": must(
            "这份汇总是更新版本的本工具生成的（{found}），这个版本读不懂，没有并入。",
            "请把本工具升级后再运行。",
        ),
        "summary-older": note(
            "这份年度汇总是旧版本生成的，或者里面隐藏的“_汇总”表不见了，"
            "已按看得见的各张表读取。",
            "请核对单位、年度和各项数字；不放心的，请该单位重新汇总后再报来。",
        ),
        "summary-unnamed": must(
            "这份年度汇总里读不出单位、年度或汇总日期（旧版本生成的，或“总览”改动过），"
            "其中 {count} 行没有并入。",
            _REMAKE,
        ),
        "summary-no-detail": must(
            "这份汇总里找不到“{sheet}”表，或者表头里没有“{headers}”这几栏，"
            "应有的 {count} 行没有并入。",
            "请该单位把工作表和列名改回原样，或重新汇总后再报来。",
        ),
        "summary-column": must(
            "表头里找不到“{header}”这一栏，这一栏的内容没有并入。",
            "请该单位把列名改回原样后再报来。",
        ),
        "summary-row": must(
            "这一行没有{lack}，认不出是哪项任务，没有并入：{raw}", _LOOK
        ),
        "summary-row-twice": must(
            "行码“{row_code}”在明细里出现了 {times} 次，内容不同，都没有并入：{raw}",
            "请该单位只留正确的一行后再报来。",
        ),
        "summary-row-again": note(
            "行码“{row_code}”在明细里出现了不止一次，内容相同，只并入一次：{raw}",
            "无需处理。",
        ),
        "summary-row-error": must(
            "这一行的“{header}”是错误值（{raw}），整行没有并入。",
            "请该单位改正后再报来。",
        ),
        "summary-cell": must(
            "“{header}”里的公式没有算出可用的内容（{raw}），这一格没有并入。",
            "请该单位直接填写内容后再报来。",
        ),
        "summary-date": must(
            "“{header}”填的是“{raw}”，不是能确定的日期，这一格没有并入。",
            "请该单位改填完整的年月日后再报来。",
        ),
        "summary-number": note(
            "“{header}”是“{raw}”，不是数字，这一格没有并入。", "请核对。"
        ),
        "summary-status": must(
            "“{header}”填的是“{raw}”，不知道算哪一类，统计时归入“其他”。",
            "请该单位从原有的几种状态里选一种后再报来。",
        ),
        "summary-rows": must(
            "这份汇总生成时明细有 {made} 行，现在读到 {found} 行。",
            "请核对是否有人增删过行、改过工作表的表头；请该单位重新汇总后再报来。",
        ),
        "summary-edited": note(
            "汇总生成以后，明细里的完成状态有改动（{detail}），以现在看到的为准。",
            "请核对改动是否恰当。",
        ),
        "summary-unbalanced": must(
            "这份汇总自己的填报内容核对就不一致"
            "（应有 {found} 格，实有 {accounted} 格）。",
            _REMAKE,
        ),
        "summary-year": must(
            "这是 {found} 年的汇总，这次汇总的是 {year} 年，其中 {count} 行没有并入。",
            "请核对是否放错了文件；要汇总那一年，请加上“--year {found}”。",
        ),
        "summary-superseded": note(
            "“{unit}”另有汇总日期更新的一份（{newer}），这一份的 {count} 行没有并入。",
            "无需处理；要用这一份，请把另一份移走，再汇总一次。",
        ),
        "summary-again": note(
            "“{unit}”的这一份与“{newer}”内容相同，这一份的 {count} 行没有重复并入。",
            "无需处理。",
        ),
        "summary-twice": must(
            "“{unit}”同一汇总日期有两份内容不同的汇总，已采用“{newer}”，"
            "这一份的 {count} 行没有并入。",
            "请核对应当以哪一份为准，把另一份移走，再汇总一次。",
        ),
        "summary-namesake": must(
            "“{unit}”有两份汇总，出自两本不同的台账，已采用较新的“{newer}”，"
            "这一份的 {count} 行没有并入。",
            "请核对：是两个单位的，请让其中一个改写台账里的单位名称后重新汇总；"
            "是一个单位的，把不要的一份移走，再汇总一次。",
        ),
        "summary-same-book": must(
            "“{unit}”和“{other}”的汇总出自同一本台账，两份都已并入。",
            "请核对是不是一个单位改了名称；是的，请把旧的一份移走，再汇总一次。",
        ),
        "summary-unlisted": note(
            "“{unit}”不在应报单位名单里，已照样并入。",
            "请核对名单，或单位名称的写法。",
        ),
    }
)
