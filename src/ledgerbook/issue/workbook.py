"""Book → the workbooks of one round: one a section, the whole, and the list of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ledgerbook import marks
from ledgerbook.issue import names
from ledgerbook.issue.canvas import Given, SheetJob
from ledgerbook.issue.dispatch import KIND as DISPATCH
from ledgerbook.issue.dispatch import Sent, dispatch_list
from ledgerbook.issue.guide import add_guide, add_register_guide
from ledgerbook.issue.identity import add_choices, add_marks
from ledgerbook.issue.register import add_workdays
from ledgerbook.issue.seal import sealed
from ledgerbook.issue.sheet import draw
from ledgerbook.model import Book, Round
from ledgerbook.sheets.xlsx import Maker

MASTER = "总台账"
RETURN = "报送表"


@dataclass(frozen=True, slots=True)
class Issued:
    """One file of the round's folder; ``section`` is blank for the office's own."""

    name: str
    data: bytes
    section: str = ""
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A workbook to be made: for whom, and the answers that it starts from."""

    kind: str
    sections: tuple[str, ...]
    given: Mapping[tuple[str, str], Given]


# Has each order made, in this process or in others; the results stand in their order.
Run = Callable[[Callable[[Order], bytes], Sequence[Order]], Iterable[bytes]]


def issue_round(
    book: Book,
    a_round: Round,
    issued_on: date,
    given: Mapping[tuple[str, str], Given] | None = None,
    run: Run = map,
) -> tuple[Issued, ...]:
    """Make every workbook of ``a_round``: sections first, then 总台账 and 签发清单.

    A section with neither task nor register gets no workbook. ``given`` are the
    answers to start from, by section and form key. Same book, day and answers, same
    bytes, however they are ``run``.
    """
    start = given or {}
    owing = tuple(name for name in book.section_names if book.tasks_of(name))
    sections = [s for s in book.sections if s.name in set(owing) or s.registers]
    stems = names.file_names([MASTER, DISPATCH, *(s.name for s in sections)])
    own: dict[str, dict[tuple[str, str], Given]] = {s.name: {} for s in sections}
    for (name, form), answers in start.items():
        own.setdefault(name, {})[name, form] = answers
    # The one that takes longest first: others are made meanwhile.
    orders = [Order(MASTER, owing, start)]
    orders += [Order(RETURN, (s.name,), own[s.name]) for s in sections]
    whole, *made = run(partial(_made, book, a_round, issued_on), orders)
    sent = [Sent(s, f"{stems[s.name]}.xlsx") for s in sections]
    issued = [
        Issued(one.file, data, one.section.name, len(book.tasks_of(one.section.name)))
        for one, data in zip(sent, made, strict=True)
    ]
    issued.append(Issued(f"{MASTER}.xlsx", whole, tasks=len(book.tasks)))
    listed = dispatch_list(book, a_round, sent, issued_on)
    issued.append(Issued(f"{DISPATCH}.xlsx", listed))
    return tuple(issued)


def _made(book: Book, a_round: Round, issued_on: date, order: Order) -> bytes:
    told = (issued_on, order.kind, order.given)
    return section_workbook(book, a_round, order.sections, *told)


def section_workbook(
    book: Book,
    a_round: Round,
    sections: Sequence[str],
    issued_on: date,
    kind: str = RETURN,
    given: Mapping[tuple[str, str], Given] | None = None,
) -> bytes:
    """Return a workbook with one sheet for each of ``sections``, marks and guide.

    The workbook of one section has its registers as well.
    """
    start = given or {}
    form = book.form
    registers = book.registers_of(sections[0]) if len(sections) == 1 else ()
    signs = [marks.sheet_mark(book, a_round.name, name, form.key) for name in sections]
    maker = Maker(
        title=f"{book.agency}{book.year}年{form.title}",
        created=issued_on,
        keywords=marks.keywords(kind, *(sign.line for sign in signs)),
    )
    titles = [one.title for one in registers]
    called = names.sheet_names([*sections, *titles])
    for name in (name for name in sections if book.tasks_of(name)):
        answers = start.get((name, form.key), {})
        job = SheetJob(book, a_round, name, form, called[name], issued_on, answers)
        draw(maker, job)
    for one in registers:
        (section,) = sections
        sheet_name = called[one.title]
        entered = start.get((section, one.key), {})
        job = SheetJob(book, a_round, section, one, sheet_name, issued_on, entered)
        draw(maker, job)
    add_guide(maker, book, form, a_round)
    if registers:
        add_register_guide(maker, book, registers)
        add_workdays(maker, book.year, registers)
    add_choices(maker, (form, *registers))
    add_marks(maker, book, a_round, sections, registers)
    return sealed(maker.finish())
