"""Define the values that a draft of the annual report is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledgerbook.annual_report.table_layouts import TableLayout
from ledgerbook.model.problems import Place
from ledgerbook.text import make_storable


@dataclass(frozen=True, slots=True)
class SentenceSource:
    """The answer that a sentence comes from: its row (a row code) and column (a key).

    ``is_adopted``: the office's wording stands in place of the section's ``original``.
    """

    row: str
    column: str
    section: str
    number: int
    place: Place
    round: str = ""
    is_adopted: bool = False
    original: str = ""

    def __str__(self) -> str:
        parts = [self.section, f"第{self.number}项"]
        parts += [f"批次“{self.round}”"] if self.round else []
        reference = "，".join(parts)
        location = f"（{self.place}）" if self.place.file else ""
        if not self.is_adopted:
            return f"{reference}{location}。"
        original_text = f"科室原话：{self.original}" if self.original else "科室没有填写。"
        return f"采用口径：{reference}{location}。{original_text}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the report and its sources: several sections may have said the same."""

    text: str
    sources: tuple[SentenceSource, ...]

    @property
    def source_text(self) -> str:
        return make_storable("\n".join(map(str, self.sources)))


# What one task comes to: a paragraph of its sections' sentences.
Paragraph = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A second-level heading with its paragraphs; ``missing`` is shown where there are none."""

    heading: str
    paragraphs: tuple[Paragraph, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One of the six parts: ``lead``, passages, a table, or the text ``missing``."""

    heading: str
    lead: str = ""
    passages: tuple[Passage, ...] = ()
    table: TableLayout | None = None
    missing: str = ""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(
            sentence
            for passage in self.passages
            for paragraph in passage.paragraphs
            for sentence in paragraph
        )


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something to settle before the report is final; ``details`` are its cases.

    ``is_error``: the report cannot be published as it is.
    """

    text: str
    details: tuple[str, ...] = ()
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class AnnexItem:
    """One task on the annex; ``is_pending`` where its status is still unknown.

    ``added`` are the answers under :attr:`AnnexHeaders.added`; ``sections`` are those that
    ``result`` and ``added`` quote.
    """

    number: int
    requirement: str
    point: str
    measure: str
    units: str
    status: str
    result: str
    sections: tuple[str, ...] = ()
    is_pending: bool = False
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnexHeaders:
    """The headers of the annex; ``added`` are those of columns the office has added."""

    number: str
    task: str
    units: str
    status: str
    result: str
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """The whole report, and what is still open."""

    agency: str
    year: int
    as_of: date
    opening: str
    parts: tuple[ReportPart, ...]
    annex_headers: AnnexHeaders
    annex: tuple[AnnexItem, ...]
    open_points: tuple[OpenPoint, ...]

    @property
    def title_lines(self) -> tuple[str, str]:
        """The title as it is set, in two lines."""
        return self.agency, f"{self.year}年政府信息公开工作年度报告"

    @property
    def title(self) -> str:
        return "".join(self.title_lines)

    @property
    def annex_title(self) -> str:
        return f"{self.year}年政务公开工作要点落实情况表"

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for part in self.parts for sentence in part.sentences)

    @property
    def has_errors(self) -> bool:
        """Whether something must be settled before the report can be published."""
        return any(point.is_error for point in self.open_points)
