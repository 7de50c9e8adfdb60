"""The dashboard: as Grafana has dashboards, and every expression is one over what is measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployed import DEPLOY, checked, tool
from metric_names import unknown_series

BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "sutra.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = BOARD["panels"]
DRAWN = [panel for panel in PANELS if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in DRAWN for target in panel["targets"]]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


def test_it_is_of_a_form_that_grafana_reads() -> None:
    assert BOARD["schemaVersion"] == 39
    assert BOARD["uid"] and BOARD["title"] and BOARD["time"].keys() == {"from", "to"}
    assert "id" not in BOARD, "an id is given by the Grafana that takes the board"
    assert {panel["type"] for panel in PANELS} == {"row", "timeseries", "stat"}
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_it_has_a_row_for_each_part() -> None:
    rows = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert rows == ["Asking", "Learning", "System", "Integrity", "HTTP"]


def test_no_panel_lies_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["w"] > 0 and at["x"] + at["w"] <= COLUMNS
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_asks_the_source_that_is_chosen() -> None:
    for panel in DRAWN:
        assert panel["datasource"] == SOURCE
        assert panel["targets"], panel["title"]
        assert [target["datasource"] for target in panel["targets"]] == [SOURCE] * len(panel["targets"])
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
        assert panel["fieldConfig"]["defaults"]["unit"]


def test_every_variable_is_declared() -> None:
    declared = {variable["name"] for variable in BOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(BOARD)))
    assert used - {"__rate_interval"} == declared


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_it_shows_is_measured(expression: str) -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    recorded = {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
    assert not unknown_series(expression, recorded)


def test_every_expression_is_one(tmp_path: Path) -> None:
    rules = [
        {"record": f"board:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(EXPRESSIONS)
    ]
    (tmp_path / "board.yml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}))
    said = checked(tool("promtool", "prometheus"), "check", "rules", "board.yml", folder=tmp_path)
    assert f"{len(EXPRESSIONS)} rules found" in said
