"""The table of docs/security.md has every item of ASVS 5.0 of levels 1 and 2, and every test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from bot.settings import ROOT

ITEMS = """
    1.1: 1 2
    1.2: 1 2 3 4 5 6 7 8 9
    1.3: 1 2 3 4 5 6 7 8 9 10 11
    1.4: 1 2 3
    1.5: 1 2
    2.1: 1 2 3
    2.2: 1 2 3
    2.3: 1 2 3 4
    2.4: 1
    3.2: 1 2
    3.3: 1 2 3 4
    3.4: 1 2 3 4 5 6
    3.5: 1 2 3 4 5
    3.7: 1 2
    4.1: 1 2 3
    4.2: 1
    4.3: 1 2
    4.4: 1 2 3 4
    5.1: 1
    5.2: 1 2 3
    5.3: 1 2
    5.4: 1 2 3
    6.1: 1 2 3
    6.2: 1 2 3 4 5 6 7 8 9 10 11 12
    6.3: 1 2 3 4
    6.4: 1 2 3 4
    6.5: 1 2 3 4 5
    6.6: 1 2 3
    6.8: 1 2 3 4
    7.1: 1 2 3
    7.2: 1 2 3 4
    7.3: 1 2
    7.4: 1 2 3 4 5
    7.5: 1 2
    7.6: 1 2
    8.1: 1 2
    8.2: 1 2 3
    8.3: 1
    8.4: 1
    9.1: 1 2 3
    9.2: 1 2 3 4
    10.1: 1 2
    10.2: 1 2
    10.3: 1 2 3 4
    10.4: 1 2 3 4 5 6 7 8 9 10 11
    10.5: 1 2 3 4 5
    10.6: 1 2
    10.7: 1 2 3
    11.1: 1 2
    11.2: 1 2 3
    11.3: 1 2 3
    11.4: 1 2 3 4
    11.5: 1
    11.6: 1
    12.1: 1 2 3
    12.2: 1 2
    12.3: 1 2 3 4
    13.1: 1
    13.2: 1 2 3 4 5
    13.3: 1 2
    13.4: 1 2 3 4 5
    14.1: 1 2
    14.2: 1 2 3 4
    14.3: 1 2 3
    15.1: 1 2 3
    15.2: 1 2 3
    15.3: 1 2 3 4 5 6 7
    16.1: 1
    16.2: 1 2 3 4 5
    16.3: 1 2 3 4
    16.4: 1 2 3
    16.5: 1 2 3
    17.1: 1
    17.2: 1 2 3 4
    17.3: 1 2
"""
"""The numbers of levels 1 and 2 by section, from OWASP_Application_Security_Verification_Standard_5.0.0_en.csv."""
TABLE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.*?) \| (.*?) ?\|$", TABLE, re.MULTILINE)


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_item_stands_in_the_table_once() -> None:
    wanted = [f"{section}.{one}" for section, numbers in re.findall(r"(\S+): (.+)", ITEMS) for one in numbers.split()]
    assert len(wanted) == 253
    assert [number for number, _, _ in ROWS] == wanted


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)
    assert len(named) > 150
    assert [f"{path}::{test}" for path, test in named if test not in names_in(path)] == []


def test_an_item_without_a_test_says_why() -> None:
    for number, held, why in ROWS:
        assert "::" in held or (held in {"does not apply", "no test"} and why), number
