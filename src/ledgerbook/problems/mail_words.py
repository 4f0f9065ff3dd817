"""The words of what is told of saved mails; see catalogue.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.problems.wording import Words, must, note

_TAKE_OUT = "请在邮件程序中打开它，把附件另存到文件夹，移走这封邮件，再汇总一次。"

MAIL_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "file-mail-read": note(
            "邮件，带有 {count} 个附件，已逐个读取；邮件正文没有读取。",
            "无需处理。每个附件的情况另列。",
        ),
        "file-mail-empty": must(
            "邮件里没有附件，没有内容可汇入；邮件正文不读取。",
            "附件是“超大附件”链接的，请下载后放进文件夹；"
            "写在正文里的，请填报科室填进发出的表格后再报送；都不是的，请移走这封邮件。",
        ),
        "file-mail-formless": note(
            "邮件带有 {count} 个附件，但是没有一个是表格；邮件正文没有读取。",
            "如果附件或正文里有填报内容，请填报科室填进发出的表格后再报送。",
        ),
        "file-mail-pictures": must(
            "邮件里只有 {count} 张图片，没有表格，没有内容可汇入；邮件正文不读取。",
            "图片或正文里有填报内容的，请填报科室填进发出的表格后再报送；"
            "没有的，请移走这封邮件。",
        ),
        "file-mail-linked": must(
            "这里只有一个下载链接（如“超大附件”、网盘），文件没有随邮件存下来，没有读取。",
            "请打开邮件里的链接，把文件下载到文件夹，并把其他附件也另存出来、移走这封邮件，"
            "再汇总一次。",
        ),
        "file-mail-embedded": must(
            "这是嵌在邮件正文里的对象，不是附件，读不到里面的内容。",
            "请在 Outlook 中打开邮件、双击它，另存为 .xlsx 放进文件夹；"
            "与填报无关的，把其他附件另存出来、移走这封邮件，再汇总一次。",
        ),
        "file-mail-mailbox": must(
            "这是整个邮箱（或邮件文件夹），里面有许多邮件，没有读取。",
            "请在邮件程序中把科室报送的邮件逐封另存为 .eml 或 .msg，放进文件夹，"
            "移走这个文件，再汇总一次。",
        ),
        "file-mail-damaged": must("邮件已损坏，没有读取附件（{detail}）。", _TAKE_OUT),
        "file-mail-locked": must(
            "邮件（或其中的附件）加密或整封签名了，读不到里面的内容。",
            "请在能解密的邮件程序中打开它，把附件另存到文件夹，移走这封邮件，再汇总一次。",
        ),
        "file-mail-deep": must(
            "邮件里又套了邮件（或压缩包），超过 {detail} 层，没有再往里读取。",
            _TAKE_OUT,
        ),
        "file-mail-winmail": must(
            "这是 Outlook 专用的附件包（winmail.dat），没有读取里面的内容。",
            "请在 Outlook 中打开邮件、另存附件；或请发件人改用“HTML”格式重新发来。",
        ),
    }
)
