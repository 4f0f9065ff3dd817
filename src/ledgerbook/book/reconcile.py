"""待确认 after an update: what the office has settled stays settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ledgerbook.book.task_merge import Clash
from ledgerbook.model import Book, HandMade, Question, Task
from ledgerbook.plan import Matching, SimilarTask, Suspicion, TaskMatch, UnmatchedReason
from ledgerbook.text import squash

_BLANK = "空白"
# How what an update asks begins; such a question stays until it is answered.
_MARK = "修订："
_AGAIN = "再更新一次"


@dataclass(frozen=True, slots=True)
class Revised:
    """All that the questions depend on: the book before and after, and between.

    ``fresh`` is what the plan alone would give; its tasks come first in ``after``.
    ``known`` are those that ``matching`` calls old.
    """

    before: Book
    after: Book
    fresh: Book
    known: tuple[Task, ...]
    matching: Matching
    clashes: tuple[Clash, ...]


def questions_of(one: Revised) -> tuple[Question, ...]:
    """Ask what the update leaves open, then what the plan does.

    Answers given before go with the questions they answer, and stay even where the
    plan does not ask any more.
    """
    asked = [*_about_update(one), *_about_plan(one)]
    live = {task.code for task in one.after.tasks}
    old = [
        question
        for question in one.before.questions
        if set(question.tasks) <= live and (question.decision or _is_ours(question))
    ]
    answered = {_key(question): question for question in old}
    taken = [
        replace(question, decision=answered[_key(question)].decision)
        if _key(question) in answered
        else question
        for question in asked
    ]
    again = {_key(question) for question in taken}
    kept = [question for question in old if _key(question) not in again]
    # What an update asks comes first, however long ago that was.
    return tuple(sorted((*kept, *taken), key=lambda one: not _is_ours(one)))


def _is_ours(question: Question) -> bool:
    return question.reason.startswith(_MARK)


def _key(question: Question) -> tuple[str, frozenset[str], bool]:
    return question.field, frozenset(question.tasks), _is_ours(question)


# ── what the plan leaves open ────────────────────────────────────────────────────


def _about_plan(one: Revised) -> Iterator[Question]:
    """Ask the plan's questions, but not for what the office has filled in."""
    pairs = {
        fresh.code: (fresh, task)
        for fresh, task in zip(one.fresh.tasks, one.after.tasks, strict=False)
    }
    rounds_due = all(a_round.due for a_round in one.after.rounds)
    for question in one.fresh.questions:
        about = [pairs[code] for code in question.tasks]
        left = [task.code for new, task in about if not _is_filled(question, new, task)]
        if about and not left:
            continue
        if question.field == "报送截止日期" and rounds_due:
            continue
        yield replace(question, tasks=tuple(left))


def _is_filled(question: Question, fresh: Task, task: Task) -> bool:
    """Whether the office has filled in what ``question`` asks of a blank cell."""
    return any(
        getattr(task, name) and (question.found == _BLANK or not getattr(fresh, name))
        for name in _FILLED.get(question.field, ())
    )


# Header of a cell that may be blank → attributes of the task, each of which answers.
_FILLED = {
    "工作要求": ("requirement",),
    "工作要点": ("point",),
    "责任单位": ("units",),
    "时限": ("limit",),
    "完成期限": ("due", "limit"),
}

# ── what the update leaves open ──────────────────────────────────────────────────


def _about_update(one: Revised) -> Iterator[Question]:
    live = {task.code: task for task in one.before.tasks}
    for pair in one.matching.pairs:
        if pair.kin is SimilarTask.LIKELY:
            yield _likely(one, pair)
    for suspicion in one.matching.suspicions:
        yield _ASK[suspicion.doubt](one, suspicion)
    for clash in one.clashes:
        yield _clash(one, clash)
    for task in one.after.tasks:
        if old := live.get(task.code):
            yield from _about_hand_made(old, task)


def _likely(one: Revised, pair: TaskMatch) -> Question:
    old, new = one.known[pair.old], one.after.tasks[pair.new]
    equal = squash(old.measure) == squash(one.fresh.tasks[pair.new].measure)
    why = (
        "原来有几项文字相同，项数变了，这一项"
        if equal
        else f"文字改动较大（相似 {pair.likeness:.0f}%），"
    )
    return Question(
        tasks=(new.code,),
        field="计划措施",
        found=old.measure,
        reason=f"{_MARK}{why}看作原来的第 {old.number} 项，"
        "编码、分工和已报的内容都接着用。",
        advice=f"请对照原文；不是同一项的，加上 --new {new.number} {_AGAIN}。",
    )


def _maybe(one: Revised, doubt: Suspicion) -> Question:
    old, new = one.known[doubt.old], one.after.tasks[doubt.new]
    return Question(
        tasks=(new.code,),
        field="计划措施",
        found=old.measure,
        reason=f"{_MARK}这一项作为新增，原来的第 {old.number} 项（编码 {old.code}）"
        f"作为删去；两者文字有些相像（{doubt.likeness:.0f}%），可能是同一项。",
        advice=f"是同一项的，加上 --same {new.number}={old.code} {_AGAIN}，"
        "编码、分工和已报的内容就接上了。",
    )


def _split(one: Revised, doubt: Suspicion) -> Question:
    old, new = one.known[doubt.old], one.after.tasks[doubt.new]
    main = next(task for task in one.after.tasks if task.code == old.code)
    return Question(
        tasks=(new.code,),
        field="计划措施",
        found=old.measure,
        reason=f"{_MARK}这一项看来是从原来的第 {old.number} 项（编码 {old.code}）"
        f"拆出来的，作为新增；原来的编码和已报的内容跟着现在的第 {main.number} 项。",
        advice="请核对已报的内容属于哪一项；要跟着这一项的，"
        f"加上 --same {new.number}={old.code} {_AGAIN}。",
    )


def _merged(one: Revised, doubt: Suspicion) -> Question:
    old, new = one.known[doubt.old], one.after.tasks[doubt.new]
    return Question(
        tasks=(new.code,),
        field="计划措施",
        found=old.measure,
        reason=f"{_MARK}原来的第 {old.number} 项（编码 {old.code}）看来并入了这一项，"
        "作为删去；科室已报的那一行不计入汇总，列在“问题清单”。",
        advice="请核对；那一行的内容还要用的，请科室补到这一项里。",
    )


_ASK = {
    UnmatchedReason.MAYBE: _maybe,
    UnmatchedReason.SPLIT: _split,
    UnmatchedReason.MERGED: _merged,
}


def _clash(one: Revised, clash: Clash) -> Question:
    task = next(t for t in one.after.tasks if t.number == clash.number)
    reason, advice = _CLASHES[clash.kept]
    return Question(
        tasks=(task.code,),
        field=clash.field,
        found=clash.mine,
        reason=f"{_MARK}{reason.format(clash.field)}",
        advice=advice,
    )


_CLASHES: Mapping[bool, tuple[str, str]] = {
    True: (
        "新方案的“{}”是空白，台账里原有的内容没有动。",
        "请核对；方案确已取消的，请在“任务”表中清空。",
    ),
    False: (
        "“{}”您改过，新方案也改了，已按新方案；您原来写的列在“现状”里。",
        "请核对；要用您写的，请在“任务”表中改回。",
    ),
}


def _about_hand_made(old: Task, new: Task) -> Iterator[Question]:
    """Ask whether what the office decided still holds where its ground has changed."""
    if new.by_hand and squash(old.units) != squash(new.units):
        yield Question(
            tasks=(new.code,),
            field="责任单位",
            found=new.units or _BLANK,
            reason=f"{_MARK}责任单位改了（原来是“{old.units or _BLANK}”），"
            f"您手工定的分工没有动：{'；'.join(map(_made, new.by_hand))}。",
            advice="请核对；不再适用的，请在“分工”表中改正。",
        )
    if new.due and squash(old.limit) != squash(new.limit):
        yield Question(
            tasks=(new.code,),
            field="完成期限",
            found=f"{new.due:%Y-%m-%d}",
            reason=f"{_MARK}时限改了（原来是“{old.limit or _BLANK}”，"
            f"现在是“{new.limit or _BLANK}”），您填的完成期限没有动。",
            advice="请核对，需要时在“任务”表中改正“完成期限”。",
        )


def _made(mine: HandMade) -> str:
    return f"{mine.section} {'、'.join(mine.roles) or '不承担'}"
