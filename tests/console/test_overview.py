"""The overview: its figures for any period beside the one before, and its tables to take away."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from html import unescape
from xml.etree import ElementTree

import pytest

from bot.console.exports import FORMULA, to_csv, to_xlsx
from bot.console.permissions import Role
from bot.console.sheets import Column, Share, Sheet, Value
from bot.log.rollups import count_changed
from bot.store.database import writing
from tests.console.conftest import Browser, Console, Page
from tests.console.test_record import HOSTILE
from tests.log.conftest import NOON, Shelf

MARCH = "since=2026-03-01&until=2026-03-31"


@pytest.fixture
async def browser(console: Console) -> Browser:
    return await console.signed_in(Role.READER)


async def fill(console: Console) -> None:
    """Turns of March, and two of the month before."""
    shelf = Shelf(console.store)
    await shelf.put("What is a TISC?", helpful=True, milliseconds=90)
    await shelf.put("Qu'est-ce qu'un CATI ?", language="fr", helpful=False)
    await shelf.put(
        "أين المركز؟", language="ar", outcome="refer", request="innovation_support/inn_tisc_cost", entries=()
    )
    await shelf.put("Un PCT ?", language="fr", outcome="refer", area=None, request="open_question/x", entries=())
    for days in (20, 21):
        await shelf.put("before", at=NOON - timedelta(days=days), entries=("inn_ardi_what",))
    async with writing(console.store) as session:
        await count_changed(session, 0)


def table(page: Page, name: str) -> list[list[str]]:
    """The rows of a table as they are read."""
    found = re.search(rf'<tbody id="table-{name}">(.*?)</tbody>', page.text, flags=re.S)
    assert found, f"no table {name}"
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.S) for row in found[1].split("</tr>")[:-1])
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


async def test_a_period_stands_beside_the_one_before(console: Console, browser: Browser) -> None:
    await fill(console)
    page = await browser.get(f"/console/overview?{MARCH}")
    assert "2026-03-01 to 2026-03-31 (31 days, UTC), beside 2026-01-29 to 2026-02-28." in page.said()
    figures = {row[0]: row[1:] for row in table(page, "key-figures")}
    assert figures["Turns"] == ["4", "2"]
    assert figures["Answered"] == ["50%", "100%"]
    assert figures["Found helpful, of those judged"] == ["50%", ""]
    assert table(page, "volume")[1] == ["2026-03-02", "4", "0", "4", "0"]
    assert len(table(page, "volume")) == 31
    assert sorted(table(page, "outcomes")) == [
        ["answered", "2", "50%", "2", "100%"],
        ["no answer", "2", "50%", "0", "0%"],
    ]
    assert table(page, "languages")[0] == ["French", "2", "50%", "0", "0%", "50%", ""]
    assert table(page, "areas")[1] == ["no area", "1", "25%", "0", "0%", "0%", ""]
    assert table(page, "entries") == [["What a TISC is", "inn_tisc_what", "2", "0"]]


async def test_what_got_no_answer_is_grouped_by_area_and_nearest_entry(console: Console, browser: Browser) -> None:
    await fill(console)
    rows = table(await browser.get(f"/console/overview?{MARCH}"), "unanswered")
    assert rows == [
        ["open question: x", "no area", "1", "0", "Un PCT ?"],
        ["innovation support: inn tisc cost", "Innovation support", "1", "0", "أين المركز؟"],
    ]


async def test_what_was_taken_for_nothing_is_named_too(console: Console, browser: Browser) -> None:
    await Shelf(console.store).put("?", outcome="refer", area=None, request=None, entries=())
    async with writing(console.store) as session:
        await count_changed(session, 0)
    rows = table(await browser.get(f"/console/overview?{MARCH}"), "unanswered")
    assert rows == [["nothing that is known", "no area", "1", "0", ""]]


async def test_rows_lead_to_their_turns(console: Console, browser: Browser) -> None:
    await fill(console)
    page = await browser.get(f"/console/overview?{MARCH}")
    leads = {unescape(one) for one in re.findall(r'href="(/console/record\?[^"]+)"', page.text)}
    for lead, turns in (
        ("/console/record?outcome=refer&since=2026-03-01&until=2026-03-31", 2),
        ("/console/record?entry=inn_tisc_what&since=2026-03-01&until=2026-03-31", 2),
        ("/console/record?feedback=unhelpful&since=2026-03-01&until=2026-03-31", 1),
    ):
        assert lead in leads
        assert (await browser.get(lead)).text.count("data-line") == turns


@pytest.mark.parametrize(
    "query",
    [
        *("since=yesterday", "since=2026-02-01&until=2026-01-01", "since=2001-01-01&until=2026-01-01"),
        *("until=9999-12-31", "since=0001-01-01", "until=2000-01-01", "since=2999-12-31"),
    ],
)
async def test_a_period_that_cannot_be_is_said_to_be_none(browser: Browser, query: str) -> None:
    page = await browser.get(f"/console/overview?{query}")
    assert page.status in (200, 422)
    assert (page.status == 422) == ("choose days that follow each other" in page.said())
    assert (await browser.get(f"/console/overview/volume.csv?{query}")).status == page.status


async def test_without_turns_there_is_a_page_all_the_same(browser: Browser) -> None:
    page = await browser.get("/console/overview")
    assert page.status == 200
    assert "Nothing was asked in this time." in page.said()


async def test_hostile_names_and_texts_are_shown_as_text(console: Console, browser: Browser) -> None:
    shelf = Shelf(console.store)
    await shelf.put(HOSTILE, outcome="refer", area=HOSTILE, request=HOSTILE, entries=(HOSTILE,))
    async with writing(console.store) as session:
        await count_changed(session, 0)
    page = await browser.get(f"/console/overview?{MARCH}")
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert(1)") >= 4


async def test_every_table_can_be_taken_away(console: Console, browser: Browser) -> None:
    await fill(console)
    page = await browser.get(f"/console/overview?{MARCH}")
    names = re.findall(r'<tbody id="table-([\w-]+)">', page.text)
    assert len(names) == 12
    for name in names:
        response = await browser.client.get(f"/console/overview/{name}.csv?{MARCH}")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        rows = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))
        assert [row[0].lstrip("'") for row in rows[1:]] == [row[0] for row in table(page, name)]
        book = await (await browser.client.get(f"/console/overview/{name}.xlsx?{MARCH}")).read()
        assert [row[0] for row in cells(book)[1:]] == [row[0] for row in rows[1:]] or name == "volume"
    whole = await (await browser.client.get(f"/console/overview/all.xlsx?{MARCH}")).read()
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        assert sum(one.startswith("xl/worksheets/sheet") for one in parts.namelist()) == len(names)
    assert (await browser.get("/console/overview/nothing.csv")).status == 404
    assert (await browser.get("/console/overview/all.csv")).status == 404


DANGEROUS = [f"{start}cmd|' /C calc'!A0" for start in FORMULA]


def sheet(*rows: tuple[Value, ...]) -> Sheet:
    return Sheet("x", "X", tuple(Column(f"=column {n}") for n in range(len(rows[0]))), rows)


SPACE = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells(book: bytes) -> list[list[str]]:
    """What the first page of a workbook has in its cells, formulas as FORMULA."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        strings: Sequence[str] = ()
        if "xl/sharedStrings.xml" in parts.namelist():
            kept = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            strings = ["".join(one.itertext()) for one in kept.findall("si", SPACE)]
        page = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    found = []
    for row in page.findall(".//row", SPACE):
        line = []
        for cell in row.findall("c", SPACE):
            value = cell.findtext("v", "", SPACE)
            line.append(strings[int(value)] if cell.get("t") == "s" else value)
            assert cell.find("f", SPACE) is None, f"a formula: {value}"
        found.append(line)
    return found


def test_no_cell_of_a_csv_file_is_taken_for_a_formula() -> None:
    made = to_csv(sheet(*((text, -1) for text in DANGEROUS))).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(made, newline="")))
    assert [row[0] for row in rows[1:]] == [f"'{text}" for text in DANGEROUS]
    assert [row[1] for row in rows[1:]] == ["-1"] * len(DANGEROUS)
    assert rows[0] == ["'=column 0", "'=column 1"]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link() -> None:
    texts = [*DANGEROUS, "https://example.org", "0012", "x" * 40_000]
    book = to_xlsx([sheet(*((text,) for text in texts))])
    written = [row[0] for row in cells(book)[1:]]
    assert [one.replace("_x000D_", "\r") for one in written] == [text[:32_767] for text in texts]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any("_rels/sheet" in name for name in parts.namelist())


def test_days_shares_and_numbers_stay_what_they_are() -> None:
    one = sheet((date(2026, 3, 2), Share(0.5), 1.5, None))
    assert to_csv(one).decode("utf-8-sig").splitlines()[1] == "2026-03-02,0.5,1.5,"
    assert cells(to_xlsx([one]))[1] == ["46083", "0.5", "1.5"]
