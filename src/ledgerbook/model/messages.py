"""Define the Chinese messages of all problems, by their codes.

``MESSAGE_CATALOGUE`` at the end contains every code. The placeholders in braces are
filled with the values of the :class:`ledgerbook.model.problems.Problem`; a missing
value raises KeyError. Codes are stable: they appear in the JSON output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """Whether somebody must act, or only be informed."""

    ERROR = "须处理"
    NOTICE = "提示"


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The texts of one code: what happened (``message``) and what to do (``advice``).

    ``office_matter`` names in a few words what the coordinating office itself has to verify;
    blank where the matter is a section's, or nobody's.
    """

    severity: Severity
    message: str
    advice: str
    office_matter: str = ""


def error(message: str, advice: str) -> MessageTemplate:
    """Return the template of a problem that somebody must correct."""
    return MessageTemplate(Severity.ERROR, message, advice)


def notice(message: str, advice: str, office_matter: str = "") -> MessageTemplate:
    """Return the template of a problem that somebody should know of."""
    return MessageTemplate(Severity.NOTICE, message, advice, office_matter)


# --- saved mails ---

_SAVE_ATTACHMENTS_ADVICE = "请在邮件程序中打开它，把附件另存到文件夹，移走这封邮件，再汇总一次。"

_MAIL_MESSAGES: Mapping[str, MessageTemplate] = MappingProxyType(
    {
        "file-mail-read": notice(
            "邮件，带有 {count} 个附件，已逐个读取；邮件正文没有读取。",
            "无需处理。每个附件的情况另列。",
        ),
        "file-mail-empty": error(
            "邮件里没有附件，没有内容可汇入；邮件正文不读取。",
            "附件是“超大附件”链接的，请下载后放进文件夹；"
            "写在正文里的，请填报科室填进发出的表格后再报送；都不是的，请移走这封邮件。",
        ),
        "file-mail-formless": notice(
            "邮件带有 {count} 个附件，但是没有一个是表格；邮件正文没有读取。",
            "如果附件或正文里有填报内容，请填报科室填进发出的表格后再报送。",
        ),
        "file-mail-pictures": error(
            "邮件里只有 {count} 张图片，没有表格，没有内容可汇入；邮件正文不读取。",
            "图片或正文里有填报内容的，请填报科室填进发出的表格后再报送；没有的，请移走这封邮件。",
        ),
        "file-mail-linked": error(
            "这里只有一个下载链接（如“超大附件”、网盘），文件没有随邮件存下来，没有读取。",
            "请打开邮件里的链接，把文件下载到文件夹，并把其他附件也另存出来、移走这封邮件，"
            "再汇总一次。",
        ),
        "file-mail-embedded": error(
            "这是嵌在邮件正文里的对象，不是附件，读不到里面的内容。",
            "请在 Outlook 中打开邮件、双击它，另存为 .xlsx 放进文件夹；"
            "与填报无关的，把其他附件另存出来、移走这封邮件，再汇总一次。",
        ),
        "file-mail-mailbox": error(
            "这是整个邮箱（或邮件文件夹），里面有许多邮件，没有读取。",
            "请在邮件程序中把科室报送的邮件逐封另存为 .eml 或 .msg，放进文件夹，"
            "移走这个文件，再汇总一次。",
        ),
        "file-mail-damaged": error(
            "邮件已损坏，没有读取附件（{detail}）。", _SAVE_ATTACHMENTS_ADVICE
        ),
        "file-mail-locked": error(
            "邮件（或其中的附件）加密或整封签名了，读不到里面的内容。",
            "请在能解密的邮件程序中打开它，把附件另存到文件夹，移走这封邮件，再汇总一次。",
        ),
        "file-mail-deep": error(
            "邮件里又套了邮件（或压缩包），超过 {detail} 层，没有再往里读取。",
            _SAVE_ATTACHMENTS_ADVICE,
        ),
        "file-mail-winmail": error(
            "这是 Outlook 专用的附件包（winmail.dat），没有读取里面的内容。",
            "请在 Outlook 中打开邮件、另存附件；或请发件人改用“HTML”格式重新发来。",
        ),
    }
)

# --- summaries that are rolled up ---

_REGENERATE_ADVICE = "请该单位用“ledgerbook collect”重新汇总，把新的年度汇总报来。"
_VERIFY_ADVICE = "请打开该单位的年度汇总核对；要紧的，请该单位改正后重新报来。"

_SUMMARY_MESSAGES: Mapping[str, MessageTemplate] = MappingProxyType(
    {
        "summary-unread": error("{what}", "请该单位重新汇总或另存为 .xlsx 后再报来。"),
        "summary-skipped": notice(
            "{what}", "如果其中有要汇总的内容，请该单位报来年度汇总（.xlsx）。"
        ),
        "summary-export": notice("这是本工具导出的数据表，年度汇总里都有，已跳过。", "无需处理。"),
        "summary-none": error(
            "这个工作簿不是本工具生成的年度汇总，没有并入。",
            "请核对是否放错了文件夹；应当报来的是“ledgerbook collect”生成的年度汇总。",
        ),
        "summary-correction": notice(
            "这是退回科室修改的表，没有并入。",
            "无需处理。",
        ),
        "summary-newer": error(
            "这份汇总是更新版本的本工具生成的（{found}），这个版本读不懂，没有并入。",
            "请把本工具升级后再运行。",
        ),
        "summary-older": notice(
            "这份年度汇总是旧版本生成的，或者里面隐藏的“_汇总”表不见了，已按看得见的各张表读取。",
            "请核对单位、年度和各项数字；不放心的，请该单位重新汇总后再报来。",
        ),
        "summary-unnamed": error(
            "这份年度汇总里读不出单位、年度或汇总日期（旧版本生成的，或“总览”改动过），"
            "其中 {count} 行没有并入。",
            _REGENERATE_ADVICE,
        ),
        "summary-no-detail": error(
            "这份汇总里找不到“{sheet}”表，或者表头里没有“{headers}”这几栏，"
            "应有的 {count} 行没有并入。",
            "请该单位把工作表和列名改回原样，或重新汇总后再报来。",
        ),
        "summary-column": error(
            "表头里找不到“{header}”这一栏，这一栏的内容没有并入。",
            "请该单位把列名改回原样后再报来。",
        ),
        "summary-row": error("这一行没有{lack}，认不出是哪项任务，没有并入：{raw}", _VERIFY_ADVICE),
        "summary-row-twice": error(
            "行码“{row_code}”在明细里出现了 {times} 次，内容不同，都没有并入：{raw}",
            "请该单位只留正确的一行后再报来。",
        ),
        "summary-row-again": notice(
            "行码“{row_code}”在明细里出现了不止一次，内容相同，只并入一次：{raw}",
            "无需处理。",
        ),
        "summary-row-error": error(
            "这一行的“{header}”是错误值（{raw}），整行没有并入。",
            "请该单位改正后再报来。",
        ),
        "summary-cell": error(
            "“{header}”里的公式没有算出可用的内容（{raw}），这一格没有并入。",
            "请该单位直接填写内容后再报来。",
        ),
        "summary-date": error(
            "“{header}”填的是“{raw}”，不是能确定的日期，这一格没有并入。",
            "请该单位改填完整的年月日后再报来。",
        ),
        "summary-number": notice("“{header}”是“{raw}”，不是数字，这一格没有并入。", "请核对。"),
        "summary-status": error(
            "“{header}”填的是“{raw}”，不知道算哪一类，统计时归入“其他”。",
            "请该单位从原有的几种状态里选一种后再报来。",
        ),
        "summary-rows": error(
            "这份汇总生成时明细有 {made} 行，现在读到 {found} 行。",
            "请核对是否有人增删过行、改过工作表的表头；请该单位重新汇总后再报来。",
        ),
        "summary-edited": notice(
            "汇总生成以后，明细里的{header}有改动（{detail}），以现在看到的为准。",
            "请核对改动是否恰当。",
        ),
        "summary-adopted-changed": notice(
            "{unit}的任务 {number}（{section}，{row}）：单位写好采用口径以后，科室又改了填报内容，"
            "“{header}”用的是原来的口径。",
            "请向该单位核实；口径改好的，请重新汇总后再报来。",
        ),
        "summary-unbalanced": error(
            "这份汇总自己的填报内容核对就不一致（应有 {found} 格，实有 {accounted} 格）。",
            _REGENERATE_ADVICE,
        ),
        "summary-year": error(
            "这是 {found} 年的汇总，这次汇总的是 {year} 年，其中 {count} 行没有并入。",
            "请核对是否放错了文件；要汇总那一年，请加上“--year {found}”。",
        ),
        "summary-superseded": notice(
            "“{unit}”另有汇总日期更新的一份（{newer}），这一份的 {count} 行没有并入。",
            "无需处理；要用这一份，请把另一份移走，再汇总一次。",
        ),
        "summary-again": notice(
            "“{unit}”的这一份与“{newer}”内容相同，这一份的 {count} 行没有重复并入。",
            "无需处理。",
        ),
        "summary-twice": error(
            "“{unit}”同一汇总日期有两份内容不同的汇总，已采用“{newer}”，"
            "这一份的 {count} 行没有并入。",
            "请核对应当以哪一份为准，把另一份移走，再汇总一次。",
        ),
        "summary-namesake": error(
            "“{unit}”有两份汇总，出自两本不同的台账，已采用较新的“{newer}”，"
            "这一份的 {count} 行没有并入。",
            "请核对：是两个单位的，请让其中一个改写台账里的单位名称后重新汇总；"
            "是一个单位的，把不要的一份移走，再汇总一次。",
        ),
        "summary-same-book": error(
            "“{unit}”和“{other}”的汇总出自同一本台账，两份都已并入。",
            "请核对是不是一个单位改了名称；是的，请把旧的一份移走，再汇总一次。",
        ),
        "summary-unlisted": notice(
            "“{unit}”不在应报单位名单里，已照样并入。",
            "请核对名单，或单位名称的写法。",
        ),
    }
)

# --- all problems ---

_RESEND_ADVICE = "请填报科室用发出的原表重新填写、另存为 .xlsx 后再报送。"
# The person whom a clerk asks for help with the program itself.
INSTALLER = "给您装本工具的人（本单位的电脑维护人员）"
# Command → what is diagnosed, and what is done again once the program is mended.
_FAULT_WORDS = {
    "collect": ("台账.xlsx 收回", "汇总"),
    "check": ("文件", "检查"),
    "report": ("台账.xlsx 收回", "起草"),
    "remind": ("台账.xlsx 收回", "催办"),
    "generate": ("台账.xlsx 收回", "生成"),
    "rollup": ("各单位的年度汇总", "汇总"),
}


def advise_on_program_fault(command: str = "collect", file_count: int = 1) -> str:
    """Return what to do about files on which the program itself failed in ``command``."""
    subject, verb = _FAULT_WORDS[command]
    return (
        f"请保留{'这份文件' if file_count == 1 else '这些文件'}，不要让科室重新报送。"
        f"请运行“ledgerbook diagnose {subject}”"
        "（换成真实的文件名；Windows 上也可以双击“程序出错时写诊断.bat”），"
        f"把生成的“诊断.zip”发给{INSTALLER}；程序修好后再{verb}一次。"
    )


_UNPACK_ADVICE = "请解压后把里面的报送表放进文件夹，删去压缩包，再汇总一次。"

_OTHER_NAMES_MESSAGE = "这份表的识别信息是“{section}”的，已算作“{section}”报的；但是{names}。"
_OTHER_NAMES_ADVICE = (
    "请核对是不是拿错了表。核对以后，由综合科在台账“收件登记”里写上这个文件和它算的科室、"
    "批次，再汇总一次，就不再提示（对整个文件起作用；里面有几个科室的表的，请先拆成几个文件）。"
)

# Code of an output of ours that somebody has changed and that lies among the returns.
OWN_CHANGED_CODE = "file-own-changed"

# What is not ours is named so, whatever it is here for; none of its contents are.
_FOREIGN_WORKBOOK = (
    "里面的工作表：{sheets}；文件 {size} 字节，SHA-256：{sha256}；看样子是{looks}。"
    "里面的内容一格也没有抄进来，也不算作填报。"
)
_FOREIGN_MESSAGE = (
    "这不是本工具发出的表：没有识别信息和行码，也没有台账的表头和任务文字。" + _FOREIGN_WORKBOOK
)
_FOREIGN_ADVICE = (
    "应当是报送表的，请填报科室把内容填进发出的原表再报；"
    "是佐证材料的，请科室在报送表的“{evidence}”里写上这个文件名；放错了的，请移走。"
)

MESSAGE_CATALOGUE: Mapping[str, MessageTemplate] = MappingProxyType(
    {
        # The file as a whole.
        "file-skipped": notice(
            "这是办公软件打开文件时留下的临时文件，已跳过。",
            "无需处理。如果对应的表格还在编辑，请保存关闭后再汇总一次。",
        ),
        "file-not-return": notice(
            "这是本工具生成的“{what}”，不是科室报回的表，已跳过。",
            "无需处理。",
        ),
        OWN_CHANGED_CODE: error(
            "这是本工具生成的“{what}”，和本台账发出的原件不一样：有人改过，或者出自别的台账。"
            "改动没有汇入{cells}。{read}",
            "请打开核对改了什么：是填报内容的，请科室填在发出的报送表里再报；是要改台账的，"
            "请综合科在台账里改。核对以后，把这个文件从收回的文件里移走。",
        ),
        "file-as-sent": notice(
            "这是发出的原表，发出以后没有人填写保存过，不算报送，已跳过。",
            "如果这就是科室报回来的，请科室打开填写；没有变化的，也请核对后保存再报送。",
        ),
        "file-other-type": notice(
            "这不是表格文件，没有读取。",
            "如果其中有填报内容，请填报科室改填发出的表格后再报送。",
        ),
        "file-document": error(
            "文件内容是文字文档（Word、WPS 文字一类），不是 Excel 表格。",
            "如果其中有填报内容，请填报科室填进发出的原表、另存为 .xlsx 后再报送；"
            "只是佐证材料的，请移出收回的文件夹，再汇总一次。",
        ),
        "file-empty": error("文件是空的（0 字节），没有任何内容。", _RESEND_ADVICE),
        "file-password": error(
            "文件设了打开密码，没有给出密码或密码不对，无法读取。",
            "请填报科室取消密码（文件-信息-保护工作簿）、另存后再报送；"
            "如果知道密码，也可以在汇总命令后面加上“--password 密码”，再汇总一次。",
        ),
        "file-locked": error(
            "文件设了打开密码，而且用的是本工具打不开的加密方式。",
            "请填报科室取消密码、另存后再报送。",
        ),
        "file-old-format": error(
            "文件是 .xlsb、旧版 .et、XML 电子表格等本工具不读的表格格式，没有读取。",
            "请填报科室在 Excel 或 WPS 中另存为 .xlsx 格式后再报送。",
        ),
        "file-archive": error("文件是压缩包，没有读取里面的内容。", _UNPACK_ADVICE),
        "file-archive-read": notice(
            "压缩包，里面有 {count} 个文件，已逐个读取。",
            "无需处理。里面每个文件的情况另列。",
        ),
        "file-archive-deep": error(
            "压缩包里又套了压缩包（或邮件），超过 {detail} 层，没有再往里读取。",
            _UNPACK_ADVICE,
        ),
        **_MAIL_MESSAGES,
        "file-archive-method": error(
            "压缩包用了本工具解不开的压缩或加密方式，没有读取里面的内容。",
            _UNPACK_ADVICE,
        ),
        "file-ofd": error("文件内容是 OFD 版式文件，不是 Excel 表格。", _RESEND_ADVICE),
        "file-html": error("文件内容是网页，不是 Excel 表格。", _RESEND_ADVICE),
        "file-text": error("文件内容是纯文本（如 CSV），不是 Excel 表格。", _RESEND_ADVICE),
        "file-pdf": error("文件内容是 PDF，不是 Excel 表格。", _RESEND_ADVICE),
        "file-damaged": error("文件已损坏，打不开（{detail}）。", _RESEND_ADVICE),
        "file-cut": error(
            "文件不完整，打不开（多半是没有传完）。",
            "请科室把原来的文件再发一次；原来的也打不开，再用发出的原表重填。",
        ),
        "file-picture": error(
            "这是一张图片，只是文件名像表格，里面的内容读不到。",
            "请填报科室把图片里的内容填进发出的原表后再报送。",
        ),
        "file-too-large": error(
            "文件太大（{detail}），超出一份报送表应有的大小，没有读取。",
            "请填报科室删去与填报无关的内容（如大图片、几十万行空白格的边框），另存后再报送。",
        ),
        "file-suspect": error("文件内部结构异常（{detail}），为安全起见没有读取。", _RESEND_ADVICE),
        "file-link": error(
            "这是指向别处的链接（快捷方式一类），没有跟着去读。",
            "请把真正的文件复制到文件夹里、移走链接，再汇总一次；"
            "不知道它指向哪里、是谁放的，请先核对。",
        ),
        "file-unreadable": error(
            "文件读不出来（{detail}）。",
            "请关闭正在打开它的程序，看看能不能在本机打开，再汇总一次；"
            "打不开的，请填报科室重新发来。",
        ),
        "program-fault": error(
            "程序有错，不是表的问题：读这份文件时程序自己出了错"
            "（错误代号 {detail}），内容没有汇入。",
            advise_on_program_fault(),
        ),
        # Whose it is.
        "not-ours": error(
            "文件里有台账的表头、行码或任务文字，但是找不到本工具发出的识别信息，"
            "不能确定是哪个科室的哪张表，没有汇入。",
            "请确认是否为发出的台账；如果是另建的表，请把内容填回发出的原表后再报送。",
        ),
        # What is not ours.
        "foreign-workbook": error(_FOREIGN_MESSAGE, _FOREIGN_ADVICE),
        "foreign-unnamed": notice(
            _FOREIGN_MESSAGE, _FOREIGN_ADVICE, office_matter="不是本工具发出的表"
        ),
        "foreign-evidence": notice(
            "{sections}的佐证材料（{source}），不是报送表。" + _FOREIGN_WORKBOOK,
            "一般无需处理，要看的请打开原文件；应当是报送表的，请填报科室填进发出的原表再报。",
        ),
        "foreign-sheet": error(
            "这张工作表是另加的，不是发出的表（{extent}，看样子是{looks}），"
            "里面的内容没有抄进来，也不算作填报。{pictures}",
            "请打开原文件看一下：有填报内容的，请科室填进发出的表再报；"
            "只是佐证材料的，请科室另存成单独的文件，再从报送表里删去。",
        ),
        "form-missing": error(
            "文件里有本工具的识别信息，但是找不到填报的工作表，没有内容可汇入。",
            _RESEND_ADVICE,
        ),
        "not-carried": error(
            "文件里隐藏的填表说明数据不见了，没法单独检查。",
            "请用发出的原表填写；或由综合科加上 --book 台账.xlsx 来检查。",
        ),
        "not-issued": error(
            "这不是本工具发出的表（或识别信息被删了），没法检查。",
            "请用发出的原表填写。",
        ),
        "other-book": error(
            "这是另一本台账（{found}）发出的表，不属于本台账，没有汇入。",
            "请核对是否放错了文件夹，或报错了年度、单位。",
        ),
        "unknown-section": error(
            "表上的科室“{found}”不在本台账的“科室”表中，没有汇入。",
            "请核对科室名称。科室改了名的，请在台账“科室”表新名称那一行的“简称”里写上“{found}”，"
            "再汇总一次；确有此科室的，请先在台账“科室”表中补上再发表。",
        ),
        "unknown-round": error(
            "表上的批次“{found}”不在本台账的“批次”表中，没有汇入。",
            "请核对批次名称，或请填报科室改用本次发出的表；"
            "知道是哪一批次的，也可以在台账“收件登记”里写上这个文件和它算的批次，再汇总一次。",
        ),
        "marks-disagree": error(
            "这张表的各处识别信息互相对不上，不能确定是哪个科室、哪一批次的，没有汇入：{detail}。",
            "请核对是不是拿错了表，或者由几张表拼成。弄清了的，由综合科在台账“收件登记”里写上"
            "这个文件和它算的科室、批次，再汇总一次（对整个文件起作用）；"
            "弄不清的，请填报科室用发给自己的原表重报；只是留作参考的旧表，请科室删去以后再报。",
        ),
        "name-differs": notice(_OTHER_NAMES_MESSAGE, _OTHER_NAMES_ADVICE),
        "names-differ": error(_OTHER_NAMES_MESSAGE, _OTHER_NAMES_ADVICE),
        "sheet-repeated": notice(
            "这个文件里{section}的{title}不止一张，以“{sheet}”为准，"
            "“{other}”{state}当作较早填的一份。",
            "请看一下“{other}”里的内容要不要；与“{sheet}”不同的，列在“冲突”或“历次填报”里。",
        ),
        # When it was saved.
        "saved-later": notice(
            "这份表是 {saved} 保存的，晚于汇总日期 {today}，其中填写的 {count} 个单元格没有汇入。",
            "要汇入它，请把汇总日期（--as-of）改成那一天或以后，再汇总一次。",
        ),
        "saved-time-doubtful": notice(
            "这份表里记的保存时间是 {saved}，{why}，多半是那台电脑的时钟不准，"
            "不能用来判断先后：同一批次里另有说法的，以别的文件为准。",
            "请核对；要以这份为准的，请在汇总命令后面加上“--prefer 文件名”，再汇总一次。",
        ),
        "round-passed": error(
            "这是“{round}”的表，应报日期是 {due}，{saved} 才保存；"
            "那时“{later}”的表已经发给{section}，看不出是补报“{round}”，"
            "还是误用旧表报“{later}”。现在先按补报“{round}”汇入。",
            "请问清{section}，再在台账“收件登记”里写上这个文件和它算哪一批次，重新汇总一次；"
            "科室改用“{later}”的表重报的，也可以。",
        ),
        "receipt-day-unknown": notice(
            "这份表是哪天收到的没有可靠的记录，“{round}”的应报日期是 {due}，现在按按时报送算。",
            "请核对；不是那天以前收到的，请在台账“收件登记”里写一行（文件名和收到日期），"
            "保存后再汇总一次。",
            office_matter="收到日期没有可靠的记录",
        ),
        # Rows and columns.
        "row-unknown": error(
            "这一行认不出是哪项任务，其中填写的 {count} 个单元格没有汇入：{raw}",
            "请核对该行的行码；如为自行增加的行，请把内容填到对应任务的行内。",
        ),
        "row-unplanned": notice(
            "科室在表里加了 {count} 行，方案里没有（计划外工作：第 {rows} 行），"
            "已照原样列在汇总的“计划外工作”里，没有算进任务的统计。",
            "请综合科看一下：要纳入台账的，请加到台账“任务”表里再发表；"
            "本来是某项任务的内容的，请科室填到那一行。",
            office_matter="科室报来计划外工作",
        ),
        "row-elsewhere": error(
            "这一行的行码属于“{owner}”，不是“{section}”的任务，"
            "其中填写的 {count} 个单元格没有汇入：{raw}",
            "请核对该行是否从别的科室的表粘贴而来。",
        ),
        "row-repeated": error(
            "第 {number} 项任务在同一张表中出现了 {times} 行且内容不同，"
            "不能确定以哪一行为准，这些行都没有汇入：{raw}",
            "请填报科室只保留正确的一行，删去其余各行后再报送。",
        ),
        "row-votes": error(
            "这一行的行码、隐藏标识和任务文字互相对不上（{detail}），"
            "其中填写的 {count} 个单元格没有汇入：{raw}",
            "表格可能被排序或错位粘贴过。请填报科室核对后用原表重填。",
        ),
        "row-retired": notice(
            "这一行是台账里已经删去的任务（{detail}），其中填写的 {count} 个单元格没有汇入：{raw}",
            "一般无需处理；内容还要用的，请综合科从“原填内容”中摘出。",
        ),
        "older-plan": notice(
            "这份表是方案修订以前发出的，第 {numbers} 项的固定内容与现在的台账不同，"
            "科室是按原来的文字填的。汇总以台账为准。",
            "请核对这几项填的内容是否仍然合适；不合适的，请科室改用最近发出的表。",
        ),
        "row-by-text": notice(
            "这一行的行码和隐藏标识都没有了，已按任务文字认作第 {number} 项。",
            "请核对是否如此；下次请用发出的原表填写。",
        ),
        "official-changed": notice(
            "“{header}”是固定内容，但与台账不一致。汇总仍以台账为准。表上的文字：{raw}",
            "发表以后在台账中改过的，不用处理；任务内容确需调整的，请在台账中修改后重新发表。",
        ),
        "official-filled": error(
            "“{header}”是固定内容，这一格里{how}，没有汇入：{raw}",
            "请看一下是不是填报的内容：是的，请填报科室填到对应的栏目内（如“落实情况”）再报送；"
            "发表以后在台账中改过的，不用处理。",
        ),
        "row-missing": error(
            "第 {number} 项任务在报来的表中没有这一行，没有内容可汇入。",
            "请核对该行是否被删除，或是否发表以后才增加的任务；请填报科室补报该项。",
        ),
        "column-missing": error(
            "表中找不到“{header}”这一列，该列没有内容可汇入。",
            "请核对该列是否被删除或改名，请填报科室用原表补报。",
        ),
        "column-repeated": error(
            "“{header}”这一列出现了两次，或者列名与隐藏标识对不上，"
            "不能确定内容属于哪一栏，没有汇入：{raw}",
            "请填报科室恢复原来的列名、删去多余的列后再报送。",
        ),
        "stray": error(
            "表格以外的位置写了内容，没有对应的任务和栏目：{raw}",
            "请人工看一下这些文字要不要；需要的，请填到对应任务的栏目内。",
        ),
        "stray-column": error(
            "“{header}”是台账里没有的一列，其中填写的 {count} 个单元格没有对应的栏目，"
            "没有汇入：{raw}",
            "请人工看一下这一列要不要；需要的，请填报科室填到原有的栏目内（如备注），"
            "或由综合科在台账“字段”表里加上这一栏、重新发表。",
        ),
        # Registers.
        "entry-incomplete": error("{title}的这一行没有填“{header}”。", "请补上这一格后再报送。"),
        "entry-excluded": notice(
            "{title}的这一行，“{other}”是“{value}”，“{header}”应当空着，却填了“{raw}”。",
            "请与填报科室核实这两格哪一格填错了。",
        ),
        "entry-order": error(
            "“{header}”填的是“{raw}”，早于“{other}”的“{value}”。",
            "请核对这两格，改正填错的一格。",
        ),
        "entry-repeated": error(
            "{title}里有两行登记的是同一件（{raw}）。",
            "是同一件的，请合成一行；不是的，请把编号或文号改得不同。",
        ),
        "entry-shared": notice(
            "{title}里的“{raw}”，“{other}”也登记了。",
            "请核对由哪个科室登记；确是同一件的，请其中一个科室删去。",
        ),
        "entry-similar": notice(
            "{title}里的这一行（{raw}）与“{file}”里的一行（{other}）疑似重复，两行都保留了。",
            "请与填报科室核实：是同一件改过的，请把不要的一行所在的旧文件移走，或请科室只留一行再报。",
        ),
        "closed-changed": notice(
            "任务 {number} 在 {day} 已经销号，之后填报的内容又有改动（销号后改动）。",
            "请综合科核实；仍然同意的，在“科室明细”里清空“销号”汇总一次，再重新选“是”。",
            office_matter="销号后改动",
        ),
        "signed-changed": notice(
            "任务 {number} 由{signer}审签（{day}）以后，{columns}又有改动，{signature}没有重新填"
            "（审签后改动）。",
            "请科室负责人重新审签，改填新的审签日期（同一天重签的，在姓名后面注明“重签”）；"
            "不该改的，请综合科在台账“更正代填”里改回审签时的内容。",
            office_matter="审签后改动",
        ),
        "adopted-changed": notice(
            "任务 {number} 的采用口径是 {day} 写的，之后科室又改了填报内容，"
            "汇总里用的还是原来的口径。",
            "请综合科核实：口径要改的，在“科室明细”的“采用口径”里改；"
            "仍然合适的，清空它汇总一次，再重新写上。",
            office_matter="写好采用口径以后改动",
        ),
        "choice-overtaken": notice(
            "{row}的“{header}”，{day} 在“冲突”里选定的是“{text}”；"
            "后来“{file}”又填报了这一栏，现在采用的是“{now}”，原来选定的不再起作用。",
            "请综合科核实：仍用选定的，请写在台账的“更正代填”里；用现在的，"
            "请在“冲突”里选“采用的”，“冲突”里没有列出的，请在台账“办理记录”里清空这一行。",
            office_matter="选定的内容已被后来的填报取代",
        ),
        "choice-unused": notice(
            "{row}的“{header}”，{day} 在“冲突”里选定的是“{text}”；"
            "收到的表里已经找不到这一行、这一栏或者这样的内容，选定的没有起作用。",
            "可能是移走了文件，或者改了台账。请综合科核实现在采用的内容，要改的写在台账的“更正代填”里；"
            "选定的不要了，请在台账“办理记录”里清空这一行。",
            office_matter="选定的内容没有起作用",
        ),
        "office-entry-unused": notice(
            "台账“更正代填”里给行码“{row}”写的“{header}”没有起作用：这项任务已经不在“任务”表里。",
            "任务仍然要办的，请恢复到“任务”表；不要了的，请清空“更正代填”的这一行。",
            office_matter="更正代填没有起作用",
        ),
        "note-overruled": notice(
            "上次的汇总“{sheet}”里，{row}的“{header}”写的是“{typed}”；"
            "台账里已经有另一份汇总后来写的“{held}”，现在采用台账里的。",
            "没有采用的留存在“{copy}”里；要改用它的，请在新的汇总里再写一次。",
        ),
        "note-unread": notice(
            "上次的汇总“冲突”里，{row}的“{header}”写的是“{typed}”，看不懂，没有起作用，还照原来的办。",
            "请在新的汇总里从下拉框选“采用的”或“未采用的”；不选的，空着。",
        ),
        "note-item-unknown": notice(
            "台账“办理记录”里有一行的项目写的是“{item}”，没有这个项目，这一行没有起作用。",
            "项目只能是“采用口径”“审核意见”“销号”，或“采用哪个：”加栏目名。请改正，或清空这一行。",
        ),
        "office-words-later": notice(
            "台账里有 {count} 行（{sheets}）是汇总日期 {today} 以后写的，这次没有算。",
            "要算上它们，请把汇总日期（--as-of）改成那一天或以后，再汇总一次；"
            "日期写错的，请在台账里改正。",
        ),
        "registration-later": notice(
            "台账“收件登记”里“{file}”的收到日期 {day} 晚于汇总日期 {today}，这次没有照这个日期算。",
            "日期写错的，请改正；确实是那天收到的，请把汇总日期（--as-of）改成那一天或以后，再汇总一次。",
        ),
        "registration-repeated": notice(
            "台账“收件登记”里“{file}”登记了不止一行（{cells}），写的不一样，"
            "现在以最后一行（{last}）为准。",
            "请核对，只留下对的那一行。",
        ),
        "registration-unused": notice(
            "台账“收件登记”里登记的“{file}”不在这次收到的文件里，没有起作用。",
            "请核对文件名（照“报送情况”表里的写）；文件已经移走的，这一行可以清空。",
            office_matter="收件登记没有起作用",
        ),
        "entry-left-out": notice(
            "{title}里以前登记过这一件（{raw}），照它改的“{newer}”里没有，已照以前的保留。",
            "如果确实要删去，请在台账“更正代填”里写一行：科室写“{section}”，批次写现在的批次，"
            "表写“{title}”，行码写“{row}”，栏目写“{header}”，内容写“清空”，依据和日期照实写，"
            "再汇总一次。登记它的旧文件不要移走。",
        ),
        "entry-left-out-unnamed": notice(
            "{title}里以前登记过这一件（{raw}），照它改的“{newer}”里没有，已照以前的保留。",
            "如果确实要删去：这一件没有单独的编号或文号，不能在台账“更正代填”里删去。请填报科室在“{file}”里"
            "只删去这一行，重新报来替换原来的文件，并在台账“收件登记”里写上原来的收到日期。"
            "不要移走整个文件。",
        ),
        "office-strike-unused": notice(
            "台账“更正代填”里要清空的“{raw}”没有起作用：科室报来的{title}里没有这一件。",
            "请核对“科室”“表”和“行码”，照汇总表里的写；不用了的，请清空这一行。",
        ),
        "office-strike-overtaken": notice(
            "{title}里的“{raw}”，台账“更正代填”在 {day} 已经清空；后来“{file}”又填报了这一件，"
            "现在又算一件。",
            "请与填报科室核实：仍要删去的，把“更正代填”里这一行的日期改成今天；"
            "确实要登记的，请清空“更正代填”的这一行。",
        ),
        "entry-overdue": notice(
            "{title}里的“{raw}”已经过了“{header}”（{value}），还没有办结。",
            "请填报科室抓紧办理；已经办结的，请补填日期。",
        ),
        "entry-limit-unknown": notice(
            "{title}里的“{raw}”算不出“{header}”：{detail}。",
            "请按放假通知自行计算；公布了新的放假安排，软件更新以后会自动算出。",
        ),
        "entry-limit-mistaken": error(
            "{title}里的“{raw}”算不出“{header}”：“{first}”至“{last}”的起止日期缺了前一个，"
            "或者前后颠倒。",
            "请核对这两格，改正后再报送。",
        ),
        # Values.
        "cell-error": error(
            "“{header}”里的公式没有算出可用的内容（{raw}）。",
            "请填报科室直接填写内容，不要使用公式。",
        ),
        "cell-struck": error(
            "“{header}”里的内容整格划了删除线（{raw}），不能确定还算不算数，没有汇入。",
            "请填报科室：不要的，清空这一格；还要的，去掉删除线。然后重新报送。",
        ),
        "text-struck": notice(
            "“{header}”里有划了删除线的文字，已略去，按“{value}”汇入。",
            "如有不符，请填报科室删去不要的文字后重新报送。",
        ),
        "hidden-answers": notice(
            "这张表里{places}是隐藏的（或者被筛选掉了），里面填有内容，已照常汇入。",
            "请与填报科室核实：隐藏的内容如果是不要的，请取消隐藏、清空后重新报送。",
        ),
        "ditto": error(
            "“{header}”填的是“{raw}”，看汇总的人不知道上面是什么。{above}",
            "请填报科室把内容写在这一格里，重新报送。",
        ),
        "empty-answer": error(
            "“{header}”填的是“{raw}”，没有写出内容，不算填了。",
            "请填报科室在这一格里写明具体内容，重新报送；确实算内容的词，"
            "可以在台账“选项”的“不算内容的词”里删去。",
        ),
        "picture-missing": error(
            "“{header}”里放的是一张图片，但图片没有随文件保存下来，读不到。",
            "请填报科室重新插入图片，用 WPS 或 Excel 另存为 .xlsx 后再报送。",
        ),
        "merged-cells": error(
            "“{header}”等 {count} 个格子合并成了一个，合并格里的内容只算在左上角的"
            "那一格，其余各格没有算作填报。",
            "请填报科室取消合并单元格，逐格填写。",
        ),
        "attachment-unread": notice(
            "表上附带的内容有一部分没有读出来：{detail}。填写的文字不受影响。",
            "如有需要，请打开原表查看，或请填报科室另行发来。",
        ),
        "sheet-unread": notice(
            "这不是普通的工作表（{detail}），里面的内容没有读，也没有运行。",
            "其他工作表照常读取，无需处理；里面如有要报的内容，请填报科室填到发出的表里再报送。",
        ),
        "choice-unknown": error(
            "“{header}”填的是“{raw}”，不在可选范围（{options}）内。",
            "请从下拉框中选择一项。",
        ),
        "choice-read-as": notice(
            "“{header}”填的是“{raw}”，已按“{value}”处理。", "如有不符，请改正后再报送。"
        ),
        "date-unclear": error(
            "“{header}”填的是“{raw}”，不是能确定的日期{reason}。",
            "请改填完整的年月日，例如 {example}。",
        ),
        "date-read-as": notice(
            "“{header}”填的是文字“{raw}”，已按日期 {value} 处理。",
            "如有不符，请改正后再报送。",
        ),
        "date-outside": error(
            "“{header}”填的是 {raw}，不在 {first} 至 {last} 之间。",
            "请核对年份是否填错，改正后再报送。",
        ),
        "date-future": error(
            "“{header}”填的是 {raw}，晚于汇总日期 {today}。",
            "“{header}”要填已经发生的日期，请核对。",
        ),
        "number-unclear": error(
            "“{header}”填的是“{raw}”，不是数字。", "请只填数字，不带单位和文字。"
        ),
        "number-outside": error(
            "“{header}”填的是“{raw}”，这一栏要填{allowed}。", "请核对后改正，再报送。"
        ),
        "phone-doubtful": notice(
            "“{header}”填的是“{raw}”，不像电话号码，已照原样汇入。",
            "请核对是否填错了列。",
        ),
        "too-long": error(
            "“{header}”有 {length} 个字，超过 {limit} 个字的上限。"
            "内容已全部汇入（超出一个单元格容量的除外）。",
            "请填报科室精简后再报送。",
        ),
        "text-cut": notice(
            "“{header}”正好是 {length} 个字，可能在另存为旧格式时被截断了，已照原样汇入。",
            "请核对最后一句是否完整；不完整的，请填报科室用 .xlsx 格式重新报送。",
        ),
        "odd-characters": notice(
            "“{header}”中有 {count} 个看不见的控制字符（或改变文字方向的符号），已去掉。",
            "一般由复制粘贴带入，不影响文字内容。",
        ),
        "unseen-characters": notice(
            "“{header}”的“{raw}”里夹着看不见的字符（{names}），已去掉，按看得见的读取。",
            "一般由复制粘贴带入，不影响看得见的内容，无需处理。",
        ),
        "number-in-text": notice(
            "“{header}”要填文字，这一格里存的却是{kind}“{stored}”，{reading}。",
            "请核对是不是原来要填的：编号开头的 0 会被表格程序去掉，“1-2”“3/4”会被改成日期。"
            "不对的，请把格子设成“文本”格式再填。",
        ),
        # A row as a whole.
        "required-missing": error(
            "任务 {number}：{gaps}，但没有填。",
            "请补填{headers}。",
        ),
        "excluded-filled": notice(
            "任务 {number}：{why}，“{header}”应当空着，却填了“{raw}”。",
            "请与填报科室核实这两格哪一格填错了。",
        ),
        "nothing-filled": error(
            "“{section}”报来的表是空的，一格也没有填。",
            "请填报科室至少填好每项任务的“{status}”后再报送。",
        ),
        "nil-denied": notice(
            "“{section}”在表上选了无内容可报，但“{round}”这一批的表里有内容（可能是发出时带上的），"
            "已按表里的内容汇入。",
            "请与该科室核实究竟有没有内容可报。",
        ),
        "older-form": notice(
            "这份表是用较早发出的表样填的，已按当时的表样读取。{new}",
            "无需处理；需要补充新增栏目的，请填报科室改用最近发出的表。",
        ),
        "column-gone": error(
            "“{header}”这一栏后来取消或改了类型，填写的内容没有汇入：{raw}",
            "请综合科看一下这些内容要不要，需要的请科室填到现在的栏目内。",
        ),
        "ongoing-past-due": notice(
            "任务 {number}：{due_header} {due} 已过，但{header}填的是“{value}”。",
            "有明确期限的任务请核实是否确属长期工作。",
        ),
        # A summary that is rolled up.
        **_SUMMARY_MESSAGES,
    }
)
