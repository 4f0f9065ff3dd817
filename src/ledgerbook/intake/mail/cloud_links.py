"""Links in the text of a mail to files that did not come with it, but lie elsewhere.

Mail services keep what is too large to be sent (超大附件, 云附件), net disks whatever
people put there. Their names alone say nothing: footers advertise them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote

_LINK_PREFIXES = (
    # Mail services; what QQ's stand under holds for its 企业邮箱 as well.
    "mail.qq.com/cgi-bin/ftnexs",
    "mail.qq.com/ftn/",
    "163.com/large-attachment",
    "126.com/large-attachment",
    "yeah.net/large-attachment",
    "163.com/html/cloud-attachment",
    "fs.163.com/fs/",
    # Net disks: a share, not their front page.
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
# Any other service's: a word for it, and soon after it a file, a link, what to do.
_CLOUD_ATTACHMENT_WORD = re.compile("超大附件|云附件|大附件|中转站")
_SEARCH_RANGE = 2_000
# No mail has more; looking around each would take its time.
_MAX_WORDS = 1_000
_LINK_SIGNS = (
    re.compile(r"\w\.(xlsx?|et|ods|docx?|wps|pdf|zip|rar|7z)\b", re.IGNORECASE),
    re.compile("https?://", re.IGNORECASE),
    re.compile("下载|到期|有效期|过期"),
)


def has_cloud_link(texts: Iterable[str]) -> bool:
    """Whether the texts of a mail link to a file that did not come with it."""
    return any(_contains_cloud_link(unquote(text)) for text in texts)


def _contains_cloud_link(text: str) -> bool:
    lowercase = text.lower()
    return any(prefix in lowercase for prefix in _LINK_PREFIXES) or any(
        all(sign.search(text, match.end(), match.end() + _SEARCH_RANGE) for sign in _LINK_SIGNS)
        for match in islice(_CLOUD_ATTACHMENT_WORD.finditer(text), _MAX_WORDS)
    )
