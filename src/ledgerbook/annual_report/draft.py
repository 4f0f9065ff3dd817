"""What a draft of the annual report is made of. Plain values; nothing of Word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledgerbook.annual_report.grids import TableLayout
from ledgerbook.model.problems import Place
from ledgerbook.text import storable


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a sentence comes from.

    ``adopted`` where the office's own wording stands in place of the section's
    ``said``.
    """

    section: str
    number: int
    place: Place
    round: str = ""
    adopted: bool = False
    said: str = ""

    def __str__(self) -> str:
        parts = [self.section, f"第{self.number}项"]
        parts += [f"批次“{self.round}”"] if self.round else []
        told = "，".join(parts)
        where = f"（{self.place}）" if self.place.file else ""
        if not self.adopted:
            return f"{told}{where}。"
        said = f"科室原话：{self.said}" if self.said else "科室没有填写。"
        return f"采用口径：{told}{where}。{said}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words of the report; several sections may have said the same."""

    text: str
    traces: tuple[Trace, ...]

    @property
    def source(self) -> str:
        return storable("\n".join(map(str, self.traces)))


# What one task comes to: a paragraph of its sections' sentences.
Paragraph = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading of the second level; ``missing`` stands where nothing was said."""

    heading: str
    paragraphs: tuple[Paragraph, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One of the six parts: ``lead``, passages, a table, or what is ``missing``."""

    heading: str
    lead: str = ""
    passages: tuple[Passage, ...] = ()
    table: TableLayout | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something to settle before the report is final; ``details`` are its cases.

    ``grave`` where the report cannot go out as it is.
    """

    text: str
    details: tuple[str, ...] = ()
    grave: bool = True


@dataclass(frozen=True, slots=True)
class AnnexItem:
    """One task of the plan on the annex; ``pending`` where its status is to come."""

    number: int
    requirement: str
    point: str
    measure: str
    units: str
    status: str
    result: str
    pending: bool = False


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """The whole report, and what is still open."""

    agency: str
    year: int
    as_of: date
    opening: str
    parts: tuple[ReportPart, ...]
    annex: tuple[AnnexItem, ...]
    questions: tuple[OpenPoint, ...]

    @property
    def titles(self) -> tuple[str, str]:
        """The title as it is set, in two lines."""
        return self.agency, f"{self.year}年政府信息公开工作年度报告"

    @property
    def title(self) -> str:
        return "".join(self.titles)

    @property
    def annex_title(self) -> str:
        return f"{self.year}年政务公开工作要点落实情况表"

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(
            sentence
            for part in self.parts
            for passage in part.passages
            for paragraph in passage.paragraphs
            for sentence in paragraph
        )

    @property
    def grave(self) -> bool:
        """Whether the report cannot go out before somebody has settled something."""
        return any(question.grave for question in self.questions)
