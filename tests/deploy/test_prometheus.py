"""Prometheus' configuration and alerts, by its own tool: they are read, every alert fires and clears."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployed import DEPLOY, checked, deployed, tool
from metric_names import unknown_series

FOLDER = DEPLOY / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
LEVELS = {
    "SutraLearningErrors": "critical",
    "SutraQuerySlow": "critical",
    "SutraDiskFull": "critical",
    "SutraMemoryFull": "critical",
    "SutraLearningSlow": "warning",
    "SutraConfidenceLow": "warning",
    "SutraConceptCountUnstable": "warning",
    "SutraStorageLarge": "warning",
}
"""The table of what alarms, and how loudly."""


@pytest.fixture
def promtool() -> str:
    return tool("promtool", "prometheus")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_every_rule_is_one(promtool: str, folder: Path) -> None:
    assert f"{len(RULES)} rules found" in checked(promtool, "check", "rules", "alerts.yml", folder=folder)


def test_the_configuration_is_one(promtool: str, folder: Path) -> None:
    key = folder / "sutra.key"
    key.write_text("sutra_a_key")
    text = deployed("prometheus/prometheus.yml", {"/etc/prometheus/sutra.key": str(key)})
    (folder / "prometheus.yml").write_text(text)
    assert "alerts.yml" in checked(promtool, "check", "config", "prometheus.yml", folder=folder)


def test_every_alert_fires_and_clears(promtool: str, folder: Path) -> None:
    assert "SUCCESS" in checked(promtool, "test", "rules", "alerts_test.yml", folder=folder)
    fired: set[str] = set()
    cleared: set[str] = set()
    for case in yaml.safe_load((folder / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]:
        moments = sorted(case.get("promql_expr_test", []), key=lambda moment: int(moment["eval_time"][:-1]))
        firing = [any(case["name"] in each["labels"] for each in moment["exp_samples"]) for moment in moments]
        if True in firing:
            fired.add(case["name"])
            if not firing[0] and not firing[-1]:
                cleared.add(case["name"])
    assert fired == cleared == ALERTS.keys()


def test_an_alert_that_does_not_fire_is_seen(promtool: str, folder: Path) -> None:
    rules = (folder / "alerts.yml").read_text(encoding="utf-8")
    (folder / "alerts.yml").write_text(rules.replace("ratio15m > 0.05", "ratio15m > 0.5"))
    with pytest.raises(AssertionError, match="SutraLearningErrors"):
        checked(promtool, "test", "rules", "alerts_test.yml", folder=folder)


def test_what_is_promised_alarms() -> None:
    assert {name: ALERTS[name]["labels"]["severity"] for name in LEVELS} == LEVELS


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_and_what_to_do(name: str) -> None:
    told = ALERTS[name]["annotations"]
    assert set(told) == {"summary", "action"}
    assert all(text.endswith(".") for text in told.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_what_a_rule_reads_is_measured(rule: dict[str, Any]) -> None:
    assert not unknown_series(rule["expr"], RECORDED)


def test_what_nobody_measures_is_seen() -> None:
    assert unknown_series('rate(sutra_nothing_total{job="sutra_x"}[5m]) / up') == {"sutra_nothing_total"}
    assert unknown_series("sutra:nothing:ratio15m > 1", {"sutra:something"}) == {"sutra:nothing:ratio15m"}
