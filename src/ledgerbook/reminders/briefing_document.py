"""Write 通报.docx, the briefing on one page of A4.

The bars are paragraphs with a fill, as long as the rate is high: plain WordprocessingML, without
a chart part or a picture, and dark enough for a print in grey. Heights are exact, so that the
page is filled and never overrun: texts are said in fewer words, and rows of the ranking left
out, until all has room.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledgerbook import identity
from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.excel.styles import measure_ems, wrap_line
from ledgerbook.reminders.briefing import Briefing, KeyFigure, RankedSection
from ledgerbook.summary.labels import format_rate
from ledgerbook.text import format_chinese_date
from ledgerbook.word import styles
from ledgerbook.word.styles import ParagraphStyle, WordDocument
from ledgerbook.word.tables import WordCell, add_row, create_table, draw_bar

# --- the page, in mm; its text, in points ---

_TOP_MARGIN, _BOTTOM_MARGIN, _TEXT_WIDTH = 30, 25, 156.0
_POINTS_PER_MM = 72 / 25.4
_TEXT_HEIGHT = (297 - _TOP_MARGIN - _BOTTOM_MARGIN) * _POINTS_PER_MM
# Word and LibreOffice may break a line a character early, and need a little room at the end.
_SPARE_HEIGHT, _SPARE_EMS = 10.0, 1.5

_TITLE, _LEAD, _HEADING, _BODY = "通报标题", "通报开头", "通报小标题", "通报正文"
_TABLE_HEADING, _TABLE_BODY = "通报表下小标题", "通报表下正文"
_SOURCES, _SENDER, _DAY = "通报来源", "通报落款", "通报日期"
_LABEL, _FIGURE, _CELL, _NAME, _BAR = "通报栏目", "通报数字", "通报表格", "通报科室", "通报条形"
# In a justified line LibreOffice may drop the stop at its end.
_TEXT = ParagraphStyle(size=12, align="left", line_height=19, first_indent=2)
_HEAD = replace(_TEXT, font=styles.HEAD_FONT, outline_level=0)
_SIGNATURE = ParagraphStyle(size=12, align="right", line_height=19, right_indent=48)
_STYLES = {
    _TITLE: ParagraphStyle(styles.TITLE_FONT, 22, "center", 34, space_after=8),
    _LEAD: replace(_TEXT, space_after=4),
    _HEADING: _HEAD,
    _BODY: _TEXT,
    # Below a table, which they are not to touch.
    _TABLE_HEADING: replace(_HEAD, space_before=5),
    _TABLE_BODY: replace(_TEXT, space_before=5),
    _SOURCES: ParagraphStyle(size=9, align="left", line_height=12, space_before=4),
    _SENDER: replace(_SIGNATURE, space_before=10),
    _DAY: _SIGNATURE,
    _LABEL: ParagraphStyle(styles.HEAD_FONT, 9, "center", 13),
    _FIGURE: ParagraphStyle(styles.HEAD_FONT, 15, "center", 22),
    _CELL: ParagraphStyle(size=10.5, align="center", line_height=13),
    _NAME: ParagraphStyle(size=10.5, align="left", line_height=13),
    _BAR: ParagraphStyle(size=6, align="left", line_height=8),
}

# --- the tables ---

_FIGURES_PER_ROW = 5
_LABEL_HEIGHT, _FIGURE_HEIGHT = 5.2, 8.2
_LABEL_FILL = "#F2F2F2"
_ROW_HEIGHT = 5.4
# Rank, section, bar, rate, completed, total, overdue.
_RANKING_WIDTHS = (11.0, 44.0, 48.0, 18.0, 12.0, 12.0, 11.0)
_RANKING_HEADERS = ("名次", "科室", "完成率", "已完成", "总数", "逾期")
_BAR_COLUMN, _MAX_BAR, _MIN_BAR = 2, 46.8, 0.7
_BAR_FILL, _TRACK_FILL = "#1F4E79", "#EDEDED"
_MAX_NAME_EMS = 11
_LINES = ("top", "bottom")
# So many sections are shown before a text is shortened, if there are so many.
_WANTED_ROWS = 12
# With fewer rows, what is left out cannot be told.
_MIN_ROWS = 3


def write_briefing(briefing: Briefing) -> bytes:
    """Return the briefing as a document of one page; the same one gives the same bytes."""
    texts = _fit_texts(briefing)
    ranking = choose_rows(briefing.ranking, _count_rows(briefing, texts))
    document = styles.create_document()
    for name, definition in _STYLES.items():
        styles.define_style(document, name, definition)
    (section,) = document.sections
    styles.set_page_layout(section, _TOP_MARGIN, _BOTTOM_MARGIN)
    for style, text in _list_paragraphs(briefing, texts):
        if style == _TABLE_HEADING:
            _draw_figures(document, briefing.figures)
        elif style == _TABLE_BODY and ranking:
            _draw_ranking(document, ranking)
        document.add_paragraph(text, style)
    book, day = briefing.book, briefing.day
    keywords = identity.format_keywords(identity.OutputKind.BRIEFING, f"book={book.book_id}")
    return styles.finish_document(document, briefing.title, book.agency, day, keywords)


def _list_paragraphs(briefing: Briefing, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield style and text of each paragraph; ``texts`` are those of :func:`_fit_texts`."""
    comparison, *risks, pushed = texts
    yield _TITLE, briefing.title
    yield _HEADING, "一、总体情况"
    yield _LEAD, briefing.lead
    yield _TABLE_HEADING, "二、各科室完成情况"
    yield _TABLE_BODY, comparison
    yield _HEADING, "三、突出问题"
    for number, text in enumerate(risks, 1):
        yield _BODY, f"（{format_numeral(number)}）{text}"
    if not risks:
        yield _BODY, "没有超过法定期限、没有报送、逾期或需要改正的事项。"
    yield _HEADING, "四、催办情况"
    yield _BODY, pushed
    yield _SOURCES, briefing.sources
    yield _SENDER, f"{briefing.book.agency}{briefing.book.office}"
    yield _DAY, format_chinese_date(briefing.day)


# --- what has room ---


def _fit_texts(briefing: Briefing) -> list[str]:
    """Return the sentences of ranking, risks and reminding, in as many words as have room."""
    texts = [list(v) for v in (briefing.comparison, *briefing.risks, briefing.pushed)]
    wanted = min(len(briefing.ranking), _WANTED_ROWS)
    while True:
        current = [versions[0] for versions in texts]
        if _count_rows(briefing, current) >= wanted:
            return current
        longest = max(texts, key=lambda versions: (len(versions) > 1, measure_ems(versions[0])))
        if len(longest) == 1:
            return current
        del longest[0]


def _count_rows(briefing: Briefing, texts: Sequence[str]) -> int:
    """Return how many rows of the ranking have room beside ``texts``; below 0 if not all have."""
    figure_rows = math.ceil(len(briefing.figures) / _FIGURES_PER_ROW)
    tables = figure_rows * (_LABEL_HEIGHT + _FIGURE_HEIGHT) + _ROW_HEIGHT
    room = _TEXT_HEIGHT - _SPARE_HEIGHT - tables * _POINTS_PER_MM
    room -= sum(_measure_height(*paragraph) for paragraph in _list_paragraphs(briefing, texts))
    return math.floor(room / (_ROW_HEIGHT * _POINTS_PER_MM))


def _measure_height(style: str, text: str) -> float:
    """Return the height of a paragraph in points."""
    definition = _STYLES[style]
    width = _TEXT_WIDTH * _POINTS_PER_MM - definition.right_indent
    ems = width / definition.size - _SPARE_EMS
    lines = math.ceil((definition.first_indent + measure_ems(text)) / ems)
    return definition.space_before + max(1, lines) * definition.line_height + definition.space_after


def choose_rows(ranking: Sequence[RankedSection], count: int) -> tuple[RankedSection | int, ...]:
    """Return ``count`` rows: all sections, or the best and the worst.

    Between these stands how many are left out.
    """
    if len(ranking) <= count:
        return tuple(ranking)
    if count < _MIN_ROWS:
        return ()
    first = count // 2
    last = count - 1 - first
    left_out = len(ranking) - first - last
    return (*ranking[:first], left_out, *ranking[len(ranking) - last :])


# --- drawing ---


def _draw_figures(document: WordDocument, figures: Sequence[KeyFigure]) -> None:
    """Draw the figures in large type, their labels above them."""
    widths = [_TEXT_WIDTH / _FIGURES_PER_ROW] * _FIGURES_PER_ROW
    table = create_table(document, widths)
    for start in range(0, len(figures), _FIGURES_PER_ROW):
        row = figures[start : start + _FIGURES_PER_ROW]
        labels = [WordCell(figure.label, _LABEL, fill=_LABEL_FILL) for figure in row]
        add_row(document, table, widths, labels, _LABEL_HEIGHT, is_exact=True)
        texts = [WordCell(figure.text, _FIGURE) for figure in row]
        add_row(document, table, widths, texts, _FIGURE_HEIGHT, is_exact=True)


def _draw_ranking(document: WordDocument, rows: Sequence[RankedSection | int]) -> None:
    """Draw the sections with a bar for each rate."""
    widths = _RANKING_WIDTHS
    table = create_table(document, widths, _LINES)
    spans = {_BAR_COLUMN: 2}
    headers = [
        WordCell(text, _LABEL, spans.get(position, 1), fill=_LABEL_FILL)
        for position, text in enumerate(_RANKING_HEADERS)
    ]
    add_row(document, table, widths, headers, _ROW_HEIGHT, is_exact=True, is_header=True)
    for row in rows:
        cells = list(_list_cells(row))
        paragraphs = add_row(document, table, widths, cells, _ROW_HEIGHT, is_exact=True)
        if isinstance(row, RankedSection) and row.rate:
            length = max(_MIN_BAR, _MAX_BAR * min(row.rate, 1.0))
            draw_bar(paragraphs[_BAR_COLUMN], length, _MAX_BAR, _BAR_FILL)


def _list_cells(row: RankedSection | int) -> Iterator[WordCell]:
    if isinstance(row, int):
        yield WordCell(f"……（其余 {row} 个科室略）", _CELL, len(_RANKING_WIDTHS))
        return
    yield WordCell(str(row.rank or "—"), _CELL)
    yield WordCell(_cut_name(row.section), _NAME)
    yield WordCell("", _BAR, fill=_TRACK_FILL)
    for text in (format_rate(row.rate), row.completed, row.total, row.overdue):
        yield WordCell(str(text), _CELL)


def _cut_name(name: str) -> str:
    """Return a name that has room in a line of its column."""
    if measure_ems(name) <= _MAX_NAME_EMS:
        return name
    return f"{next(wrap_line(name, _MAX_NAME_EMS - 1))}…"
