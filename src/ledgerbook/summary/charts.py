"""The charts of the overview: native, and told apart in a grey print by their shade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledgerbook.model import Meaning
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.pages import points
from ledgerbook.sheets.xlsx import done
from ledgerbook.summary.labels import StatusLabel
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Area

_GAP = 12
_TALLEST = 400.0
# So many bars have smaller names; of still more not each has its name beside it.
_MANY, _MOST_NAMES = 16, 32
_FONT = {"name": look.BODY_FONT, "size": 9}
_TITLE_FONT = {"name": look.HEAD_FONT, "size": 11, "bold": False}
_BORDER = {"color": look.INK, "width": 0.5}


@dataclass(frozen=True, slots=True)
class _Shade:
    """A fill, with the ink of the figure that stands in it."""

    fill: str
    ink: str = look.INK
    pattern: str = ""

    @property
    def look(self) -> dict[str, Any]:
        if not self.pattern:
            return {"fill": {"color": self.fill}, "border": _BORDER}
        pattern = {
            "pattern": self.pattern,
            "fg_color": self.fill,
            "bg_color": "#FFFFFF",
        }
        return {"pattern": pattern, "border": _BORDER}

    @property
    def labels(self) -> dict[str, Any]:
        """Figures in the bar: none for an empty piece, on white where it is hatched."""
        labels = {
            "value": True,
            "num_format": "0;;;",
            "font": {**_FONT, "color": self.ink},
        }
        return {**labels, "fill": {"color": "#FFFFFF"}} if self.pattern else labels


_SHADES: Mapping[Meaning, _Shade] = {
    Meaning.DONE: _Shade("#1F4E79", "#FFFFFF"),
    Meaning.DOING: _Shade("#8FAADC"),
    Meaning.ONGOING: _Shade("#DAE3F3"),
    Meaning.TODO: _Shade("#C55A11", pattern="wide_upward_diagonal"),
    Meaning.EXEMPT: _Shade("#FFFFFF"),
}
# For statuses without a meaning, or with one that is already on the chart.
_SPARE = (
    _Shade("#404040", pattern="light_vertical"),
    _Shade("#7F7F7F", pattern="small_grid"),
    _Shade("#404040", pattern="wide_downward_diagonal"),
    _Shade("#7F7F7F", pattern="light_horizontal"),
    _Shade("#7F7F7F", pattern="large_grid"),
)


def draw_charts(
    canvas: Canvas,
    by_section: tuple[Area, Mapping[int, StatusLabel]],
    by_requirement: tuple[Area, int],
) -> None:
    """Draw both charts side by side in one tall row: a row is never split by a page.

    Each is given its table, and the columns of it that it shows.
    """
    most = max(_lines(area) for area, _ in (by_section, by_requirement))
    height = min(_TALLEST, 70.0 + 22.0 * most)
    width = sum(points(w) for w in canvas.widths) / 0.75
    size = {"width": (width - _GAP) / 2, "height": height / 0.75 - 8}
    charts = (_stacked(canvas, *by_section), _rates(canvas, *by_requirement))
    for number, chart in enumerate(charts):
        chart.set_size(size)
        place = {"x_offset": number * (size["width"] + _GAP), "y_offset": 4}
        done(canvas.sheet.insert_chart(canvas.row, 0, chart, place))
    canvas.advance(height)


def _lines(area: Area) -> int:
    return area.last - area.first + 1


def _stacked(canvas: Canvas, area: Area, statuses: Mapping[int, StatusLabel]) -> Any:
    """Show how many rows of each section stand where."""
    chart = canvas.maker.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    shades = _shades(list(statuses.values()))
    for column, shade in zip(statuses, shades, strict=True):
        series = _series(area, column)
        chart.add_series(
            {**series, "gap": 45, "data_labels": shade.labels, **shade.look}
        )
    _furnish(chart, "各科室任务完成状态（件）", _lines(area))
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def _rates(canvas: Canvas, area: Area, column: int) -> Any:
    """Show how far each requirement is fulfilled."""
    chart = canvas.maker.workbook.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": "0.0%", "font": _FONT}
    shade = _SHADES[Meaning.DOING].look
    series = _series(area, column)
    chart.add_series({**series, "gap": 60, "data_labels": labels, **shade})
    # Beyond the whole there is room for its figure.
    _furnish(chart, "各项工作要求完成率", _lines(area), longest=1.15)
    chart.set_legend({"none": True})
    return chart


def _series(area: Area, column: int) -> dict[str, Any]:
    """Name a column of a table by its header, its values by the table's labels."""
    return {
        "name": [area.sheet, area.first - 1, column],
        "categories": [area.sheet, area.first, 0, area.last, 0],
        "values": [area.sheet, area.first, column, area.last, column],
    }


def _furnish(chart: Any, title: str, lines: int, longest: float | None = None) -> None:
    """Give ``chart`` its title, and its first label the place at the top."""
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    names = {"num_font": {**_FONT, "size": 9 if lines <= _MANY else 7}}
    every = {"interval_unit": 1} if lines <= _MOST_NAMES else {}
    chart.set_y_axis({"reverse": True, **names, **every})
    # The figures stand in the bars; a scale would only repeat them.
    scale = {"min": 0, "max": longest, "major_gridlines": {"visible": False}}
    chart.set_x_axis({"visible": False, **scale})
    chart.set_chartarea({"border": {"color": look.LINE}})


def _shades(statuses: Sequence[StatusLabel]) -> Iterator[_Shade]:
    """Give each status a shade of its own: by what it means, else the next spare."""
    free = dict(_SHADES)
    spare = 0
    for status in statuses:
        if status.meaning in free:
            yield free.pop(status.meaning)
        else:
            yield _SPARE[spare % len(_SPARE)]
            spare += 1
