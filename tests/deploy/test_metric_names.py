"""The names that rules and dashboard are held to are those of a live service."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
import yaml
from deployed import DEPLOY
from metric_names import HISTOGRAMS, PLAIN
from serving_process import ServiceProcess

LATER = {"sutra_cpu_usage_ratio"}
"""What is measured over a second at least."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What a service shows that has learned, was asked, and has tested itself."""
    service = ServiceProcess(tmp_path_factory.mktemp("service") / "knowledge").ready()
    headers = {"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"}

    def call(path: str, body: object = None) -> str:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(service.url + path, content, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read().decode()

    try:
        call("/v1/learn", {"text": "Priya Raman leads the Falcon project."})
        call("/v1/reason", {"question": "Who leads the Falcon project?"})
        call("/v1/monitoring/persistence", {})
        yield call("/metrics")
    finally:
        service.end()


def test_what_is_named_is_shown(shown: str) -> None:
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", shown, re.MULTILINE))
    assert kinds.keys() >= (PLAIN | HISTOGRAMS) - LATER
    assert {name for name in HISTOGRAMS if kinds[name] != "histogram"} == set()
    assert {name for name in PLAIN if name.endswith("_total") and kinds[name] != "counter"} == set()


def test_thresholds_of_time_are_bounds_of_buckets(shown: str) -> None:
    for name, bound in (("sutra_learning_duration_seconds", "0.2"), ("sutra_query_duration_seconds", "1.0")):
        assert f'{name}_bucket{{le="{bound}"}}' in shown


def test_labels_that_are_summed_by_are_there(shown: str) -> None:
    labels = set(re.findall(r'[{,](\w+)="', shown)) | {"job", "instance"}
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    board = json.loads((DEPLOY / "grafana" / "sutra.json").read_text(encoding="utf-8"))
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    expressions += [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    summed = {
        label
        for expression in expressions
        for words in re.findall(r"\bby \(([\w, ]+)\)", expression)
        for label in words.split(", ")
    }
    # Jobs and refusals have their labels once there are some.
    assert summed - {"state", "code"} <= labels


def test_what_was_learned_accounts_for_the_concepts(shown: str) -> None:
    """The rule on the count of concepts takes it that both count the same."""
    held = re.search(r'^sutra_concepts\{namespace="default"\} (\S+)$', shown, re.MULTILINE)
    learned = re.search(r'^sutra_concepts_learned_total\{namespace="default"\} (\S+)$', shown, re.MULTILINE)
    assert held and learned
    assert float(held[1]) == float(learned[1]) > 0
