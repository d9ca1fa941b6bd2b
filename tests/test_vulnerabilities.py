"""Every locked package is looked up; what nobody accepted, or accepted too long ago, is told and fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.vulnerabilities import ACCEPTED, known, locked, main, report

JINJA = ("jinja2", "2.0")
TODAY = date(2026, 12, 1)


async def database(request: web.Request) -> web.Response:
    """Speaks as OSV does; knows of two weaknesses in one version."""
    queries = (await request.json())["queries"]
    weak = {"vulns": [{"id": "PYSEC-2", "modified": "x"}, {"id": "PYSEC-1", "modified": "x"}]}
    results = [weak if (q["package"]["name"], q["version"]) == JINJA else {} for q in queries]
    return web.json_response({"results": results})


async def test_all_packages_are_asked_for_and_the_weak_ones_found() -> None:
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/querybatch", database)
    async with TestServer(app) as server:
        found = await known([*locked(), JINJA], str(server.make_url("")).rstrip("/"))
    assert found == {JINJA: ["PYSEC-1", "PYSEC-2"]}


def test_every_package_of_the_lock_files_is_known_by_its_version() -> None:
    packages = locked()
    assert {"rasa", "aiohttp", "pydantic"} <= {name for name, _ in packages}
    assert {world for worlds in packages.values() for world in worlds} == {"engine", "desk", "window"}
    assert len(packages) > 150


def test_what_nobody_accepted_is_to_be_decided(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.yml"
    accepted.write_text(
        "accepted:\n"
        "- {id: PYSEC-1, package: jinja2, why: not reached, until: 2027-01-01}\n"
        "- {id: PYSEC-2, package: jinja2, why: not reached, until: 2026-01-01}\n"
        "- {id: PYSEC-9, package: gone, why: not reached, until: 2027-01-01}\n",
        encoding="utf-8",
    )
    lines, open_ones = report({JINJA: ["PYSEC-1", "PYSEC-2", "PYSEC-3"]}, {JINJA: ["desk"]}, accepted, TODAY)
    assert open_ones == 2
    assert "PYSEC-1: accepted until 2027-01-01: not reached" in lines[0]
    assert "which is over" in lines[1]
    assert "NOT ACCEPTED" in lines[2]
    assert "no longer there" in lines[3]


def test_our_own_file_can_be_read() -> None:
    assert report({}, {}, ACCEPTED, TODAY)[1] == 0


def test_a_database_that_is_not_there_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--osv", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
