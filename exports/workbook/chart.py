"""A native bar chart over the rows of a table that are no sums."""

from __future__ import annotations

from typing import Any

from openpyxl.chart import BarChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.utils import get_column_letter, quote_sheetname

WIDTH, ROW, AROUND = 16, 1.1, 2  # centimetres
PAST = "D3D4D6"


def bars(sheet: Any, columns: list[int], head: int, rows: list[int], colour: str) -> BarChart:
    """A group of bars for each of `rows`, a series for each of `columns` (counted from 1); the
    labels stand in the first column, the names of the series in row `head`. `colour`: of the last one."""
    chart = BarChart()
    chart.type = "bar"
    chart.dataLabels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    chart.width, chart.height = WIDTH, AROUND + round(ROW * len(rows))
    chart.legend.position = "b"
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.y_axis.majorGridlines = None
    chart.y_axis.scaling.min = 0
    name = quote_sheetname(sheet.title)
    labels = AxDataSource(strRef=StrRef(f=_cells(name, 1, rows)))
    for order, column in enumerate(columns):
        series = Series(
            idx=order,
            order=order,
            cat=labels,
            val=NumDataSource(numRef=NumRef(f=_cells(name, column, rows))),
            tx=SeriesLabel(strRef=StrRef(f=f"{name}!${get_column_letter(column)}${head}")),
        )
        series.graphicalProperties.solidFill = colour if column == columns[-1] else PAST
        series.graphicalProperties.line.noFill = True
        chart.series.append(series)
    return chart


def _cells(sheet: str, column: int, rows: list[int]) -> str:
    """Headings and sums stand between them: a reference to each cell."""
    letter = get_column_letter(column)
    cells = ",".join(f"{sheet}!${letter}${row}" for row in rows)
    return f"({cells})" if len(rows) > 1 else cells
