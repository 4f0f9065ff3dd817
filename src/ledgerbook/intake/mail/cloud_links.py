"""Find links in the text of a mail to attachments that are stored on a server.

Mail services store attachments that are too large to send (超大附件, 云附件); net disks store
any file. The name of a service alone proves nothing: footers of mails advertise it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote

_LINK_PREFIXES = (
    # Mail services; the host of QQ Mail also serves 腾讯企业邮箱.
    "mail.qq.com/cgi-bin/ftnexs",
    "mail.qq.com/ftn/",
    "163.com/large-attachment",
    "126.com/large-attachment",
    "yeah.net/large-attachment",
    "163.com/html/cloud-attachment",
    "fs.163.com/fs/",
    # Net disks: the address of a share, not of the front page.
    "pan.baidu.com/s/",
    "pan.baidu.com/share/",
    "share.weiyun.com/",
    "cloud.189.cn/t/",
    "cloud.189.cn/web/share",
    "alipan.com/s/",
    "aliyundrive.com/s/",
    "1drv.ms/",
    "sharepoint.com/:x:/",
)
# For any other service: a word for such an attachment and, within _SEARCH_RANGE characters
# after it, a file name, a link and a word about downloading.
_CLOUD_ATTACHMENT_WORD = re.compile("超大附件|云附件|大附件|中转站")
_SEARCH_RANGE = 2_000
# A limit on the time for a hostile mail; no real one has as many of these words.
_MAX_WORDS = 1_000
_LINK_SIGNS = (
    re.compile(r"\w\.(xlsx?|et|ods|docx?|wps|pdf|zip|rar|7z)\b", re.IGNORECASE),
    re.compile("https?://", re.IGNORECASE),
    re.compile("下载|到期|有效期|过期"),
)


def has_cloud_link(texts: Iterable[str]) -> bool:
    """Return whether one of the texts of a mail links to an attachment on a server."""
    return any(_contains_cloud_link(unquote(text)) for text in texts)


def _contains_cloud_link(text: str) -> bool:
    lowercase = text.lower()
    return any(prefix in lowercase for prefix in _LINK_PREFIXES) or any(
        all(sign.search(text, match.end(), match.end() + _SEARCH_RANGE) for sign in _LINK_SIGNS)
        for match in islice(_CLOUD_ATTACHMENT_WORD.finditer(text), _MAX_WORDS)
    )
