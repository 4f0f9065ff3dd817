"""What is told on the screen once a draft is written."""

from __future__ import annotations

from collections.abc import Iterator

from ledgerbook.draft.pieces import Draft


def sentences(draft: Draft) -> Iterator[str]:
    """Tell what was written, and how much of it is still open."""
    sources = sum(len(sentence.traces) for sentence in draft.sentences)
    grids = [part.table for part in draft.parts if part.table]
    figures, asked = sum(g.figures for g in grids), sum(g.asked for g in grids)
    yield (
        f"{draft.title}初稿：{len(draft.sentences)} 句话出自 {sources} 处填报，"
        f"表二至表四的 {figures} 格填了 {figures - asked} 格，"
        f"附件列了 {len(draft.annex)} 项工作要点。"
    )
    grave = sum(question.grave for question in draft.questions)
    if not draft.questions:
        yield "没有需要处理的事项。"
        return
    yield (
        f"需要处理的事项 {len(draft.questions)} 件，列在初稿最前面的“起草说明”页"
        + (f"，其中 {grave} 件不处理不能定稿：" if grave else "。")
    )
    yield from (f"  · {one.text}" for one in draft.questions if one.grave)
