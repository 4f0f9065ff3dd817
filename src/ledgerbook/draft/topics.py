"""Which of the five topics of part one a task belongs to, told by its words.

The topics are those that part one must cover (国办公开办函〔2021〕30号). The words are
those of published plans. What is more special stands first: a task on 保密审查 of a
website is one of 政府信息管理, and one on decisions that names the website of 主动公开.
The annual report itself is under 监督保障, as in chapter five of 政府信息公开条例.
"""

from __future__ import annotations

from ledgerbook.model import Task
from ledgerbook.text import squash

DISCLOSURE, REQUESTS, MANAGEMENT = "主动公开", "依申请公开", "政府信息管理"
PLATFORM, SUPERVISION = "平台建设", "监督保障"
TOPICS = (DISCLOSURE, REQUESTS, MANAGEMENT, PLATFORM, SUPERVISION)

_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (REQUESTS, ("依申请公开", "信息公开申请", "申请公开政府信息")),
    (
        SUPERVISION,
        (
            "年度报告",
            "听取",
            "工作力量",
            "工作经费",
            "重点任务台账",
            "工作台账",
            "考核",
            "培训",
            "社会评议",
            "责任追究",
            "督促检查",
            "组织领导",
            "工作要点落实",
        ),
    ),
    (PLATFORM, ("政府公报",)),
    (
        MANAGEMENT,
        (
            "保密审查",
            "三审三校",
            "先审后发",
            "公开方式",
            "规范性文件底数",
            "规范性文件清理",
            "行政法规",
            "行政规章",
            "规范性文件集中公开",
            "公开属性",
            "源头管理",
            "政府信息管理",
            "信息资源",
        ),
    ),
    (
        DISCLOSURE,
        (
            "主动公开",
            "重大行政决策",
            "征求意见",
            "解读",
            "舆情",
            "留言",
            "回应",
            "政策咨询",
            "惠企",
            "公开力度",
            "新闻发布",
            "公开目录",
            "标准化规范化",
        ),
    ),
    (
        PLATFORM,
        (
            "政府网站",
            "门户网站",
            "政务新媒体",
            "公众号",
            "平台建设",
            "公开平台",
            "公开专区",
            "公开专栏",
        ),
    ),
    (MANAGEMENT, ("规范性文件",)),
    (DISCLOSURE, ("信息公开",)),
    (SUPERVISION, ("指导监督", "监督保障", "监督", "保障")),
)


def topic_of(task: Task) -> str | None:
    """Return the topic that a task's words decide, its measure before its headings.

    None where no word does.
    """
    for words in (task.measure, task.point, task.requirement):
        plain = squash(words)
        for topic, told in _WORDS:
            if any(word in plain for word in told):
                return topic
    return None
