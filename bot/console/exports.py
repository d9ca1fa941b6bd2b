"""Tables to take away, as CSV and XLSX; no cell of them is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

import xlsxwriter

from bot.console.sheets import Share, Sheet, Value

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet may take for a formula."""
LONGEST_CELL = 32_767
"""Characters that a cell of a spreadsheet can hold."""
_WIDTH = 18
"""Of a column, in characters; the first is twice as wide."""


def to_csv(sheet: Sheet) -> bytes:
    """The table as CSV, in UTF-8 with the mark by which spreadsheets know it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([_plain(column.title) for column in sheet.columns])
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return written.getvalue().encode("utf-8-sig")


def _plain(value: Value) -> str | int | float:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else float(value) if isinstance(value, Share) else value


def to_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """The tables as a workbook, each on a page of its own."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        head, percent = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "0%"})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.columns) - 1, _WIDTH)
            page.set_column(0, 0, 2 * _WIDTH)
            for across, column in enumerate(sheet.columns):
                page.write_string(0, across, column.title, head)
            for down, row in enumerate(sheet.rows, 1):
                for across, value in enumerate(row):
                    if isinstance(value, str):
                        page.write_string(down, across, value[:LONGEST_CELL])
                    elif isinstance(value, date):
                        page.write_datetime(down, across, value, day)
                    elif value is not None:
                        page.write_number(down, across, value, percent if isinstance(value, Share) else None)
    return written.getvalue()
