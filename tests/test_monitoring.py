"""The dashboard and the alerts ask for metrics that the desk has, and name runbook sections that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ruamel.yaml import YAML

from bot.settings import ROOT, Settings
from bot.web.health import Metrics

ALERTS = ROOT / "deploy/alerts.yml"
NAMES = re.compile(r"\bdesk_[a-z_]+")


def names_of(path: Path) -> set[str]:
    metrics = Metrics(Settings(data_dir=path))
    metrics.answered("answer", 1.0)
    return (
        {sample.name for family in metrics.registry.collect() for sample in family.samples}
        | {family.name for family in metrics.registry.collect()}
        | {f"{family.name}_total" for family in metrics.registry.collect()}
        | {f"{family.name}_bucket" for family in metrics.registry.collect()}
    )


def test_every_alert_can_fire_and_says_what_to_do(tmp_path: Path) -> None:
    rules = [rule for group in YAML(typ="safe").load(ALERTS)["groups"] for rule in group["rules"]]
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {f"docs/runbook.md#{re.sub(r'[^a-z0-9 -]', '', one.lower()).replace(' ', '-')}" for one in headings}
    assert len({rule["alert"] for rule in rules}) == len(rules) > 8
    for rule in rules:
        assert set(NAMES.findall(rule["expr"])) <= names_of(tmp_path), rule["alert"]
        assert rule["annotations"]["runbook"] in anchors, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_dashboard_shows_all_there_is_and_the_runbook_explains_it(tmp_path: Path) -> None:
    panels = json.loads((ROOT / "deploy/dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in NAMES.findall(target["expr"])}
    assert asked <= names_of(tmp_path)
    explained = set(NAMES.findall((ROOT / "docs/runbook.md").read_text(encoding="utf-8")))
    for family in Metrics(Settings(data_dir=tmp_path)).registry.collect():
        names = {family.name, f"{family.name}_total", f"{family.name}_bucket"}
        assert names & asked, family.name
        assert names & explained, family.name


def test_a_server_s_backups_are_none_of_ours() -> None:
    shared = Metrics(Settings(database_url="postgresql://localhost/help")).registry
    assert "desk_backup_timestamp_seconds" not in {family.name for family in shared.collect()}
