"""The operators' guide: its commands run, and what it names is what there is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import stand_in
import stand_in_service
import yaml
from deployed import DEPLOY, ROOT, checked, free_ports, tool
from metric_names import HISTOGRAMS, PLAIN, unknown_series

from sutra_monitor.figures import NAMES
from sutra_monitor.monitor import MEASUREMENT_FAILED, SERVICE_UNREACHABLE
from sutra_monitor.settings import load_settings

GUIDE = (ROOT / "docs" / "guide" / "operations.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
RUN_SECONDS = 150


def blocks(kind: str) -> str:
    return "\n".join(re.findall(rf"^```{kind}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))


def section(heading: str) -> str:
    return GUIDE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def programs(folder: Path) -> Path:
    """`sutra` and `python -m sutra_api.main`, with an embedder that needs no model."""
    folder.mkdir()
    tests = Path(stand_in.PROGRAM).parent
    start = f'#!/bin/sh\nexport PYTHONPATH="{tests}"\n'
    (folder / "sutra").write_text(f'{start}exec "{sys.executable}" "{stand_in.PROGRAM}" "$@"\n')
    served = f'exec "{sys.executable}" "{stand_in_service.PROGRAM}"\n'
    (folder / "python").write_text(f'{start}test "$*" = "-m sutra_api.main" || exit 64\n{served}')
    for each in folder.iterdir():
        each.chmod(0o755)
    return folder


def test_every_command_runs_as_it_stands_there(tmp_path: Path) -> None:
    tool("curl", "curl")
    (port,) = free_ports(1)
    work = tmp_path / "work"
    work.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")} | {
        "PATH": f"{programs(tmp_path / 'programs')}{os.pathsep}{os.environ['PATH']}",
        "URL": f"http://127.0.0.1:{port}",
        "STORAGE": str(tmp_path / "knowledge"),
        "KEY_FILE": str(tmp_path / "knowledge" / "admin.key"),
        "BACKUP": str(tmp_path / "backup"),
        "SUTRA_API_PORT": str(port),
        "SUTRA_READER": "off",
        "SUTRA_RATE_LIMIT_LEARN": "0",
        "SUTRA_RATE_LIMIT_REASON": "0",
    }
    told = tmp_path / "told.txt"
    with told.open("w") as out:
        process = subprocess.Popen(
            ["bash", "-eux", "-o", "pipefail", "-c", blocks("sh")],
            cwd=work,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(RUN_SECONDS)
        finally:
            # The service, where a command before its end has failed.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    said = told.read_text()
    assert code == 0, said[-6000:]
    assert "alert raised: storage_file_size_mb (critical)" in said
    assert "alert cleared: storage_file_size_mb" in said


def test_what_it_names_of_the_tree_is_there() -> None:
    named = set(re.findall(r"(?<![\w/])(deploy/[\w./-]+\w)", GUIDE))
    assert {"deploy/sutra.env", "deploy/prometheus/alerts.yml"} <= named
    for path in named:
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\(([\w./-]+\.md)\)", GUIDE):
        assert (ROOT / "docs" / "guide" / path).exists(), path


CONSOLE = [line[2:] for line in blocks("console").splitlines() if line]
VERBS = {
    "systemctl": {"daemon-reload", "enable", "start", "stop", "restart", "reload", "list-timers"},
    "kubectl": {"apply", "rollout", "exec"},
    "docker": {"compose"},
    "podman": {"build"},
    "promtool": {"check"},
}


@pytest.mark.parametrize("line", CONSOLE)
def test_what_needs_more_than_a_shell_names_what_there_is(line: str) -> None:
    program, *words = line.split()
    if program in VERBS:
        rest = words[2:] if words[0] == "-n" else words
        assert rest[0] in VERBS[program]
    else:
        assert program in {"useradd", "install", "runuser", "journalctl", "cp"}
    for unit in re.findall(r"(?<![\w/.-])(sutra[\w-]*\.(?:service|timer))\b", line):
        assert (DEPLOY / "systemd" / unit).exists(), unit
    settings = (DEPLOY / "systemd" / "sutra.service").read_text(encoding="utf-8")
    if program in {"useradd", "runuser"} or line.startswith("install -d"):
        assert line in settings
    for kind, name in re.findall(r"(statefulset)/(\w+)", line):
        manifest = yaml.safe_load((DEPLOY / "kubernetes" / f"{kind}.yaml").read_text(encoding="utf-8"))
        assert manifest["metadata"]["name"] == name == manifest["metadata"]["namespace"]
    for container in re.findall(r"exec sutra-0 -c (\w+)", line):
        manifest = yaml.safe_load((DEPLOY / "kubernetes" / "statefulset.yaml").read_text(encoding="utf-8"))
        assert container in {each["name"] for each in manifest["spec"]["template"]["spec"]["containers"]}


def test_every_alert_is_told_and_no_other() -> None:
    prometheus, monitor = section("Alerts").split("\nOf the monitor:\n")
    alerts = {rule["alert"] for rule in RULES if "alert" in rule}
    assert {row[0].strip("`") for row in rows(prometheus)} == alerts
    own = {rule.figure for rule in load_settings().rules} | {MEASUREMENT_FAILED, SERVICE_UNREACHABLE}
    assert {row[0].strip("`") for row in rows(monitor)} == own
    assert all(len(row) == 3 and all(row) for row in rows(section("Alerts")))


def mapped() -> dict[str, str]:
    """The expression of each name of the contract."""
    return {row[0].strip("`"): row[1].strip("`") for row in rows(section("Metrics")) if len(row) == 3}


def test_every_name_is_mapped_to_what_is_measured(tmp_path: Path) -> None:
    assert mapped().keys() == set(NAMES)
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    for name, expression in mapped().items():
        assert not unknown_series(expression, recorded), name


def test_every_expression_is_promql(tmp_path: Path) -> None:
    promtool = tool("promtool", "prometheus")
    rules = [{"record": name, "expr": expression} for name, expression in mapped().items()]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "guide", "rules": rules}]}))
    assert f"{len(NAMES)} rules found" in checked(promtool, "check", "rules", "rules.yml", folder=tmp_path)


def test_every_series_is_listed() -> None:
    """`tests/deploy/test_metric_names.py` compares the names with those of a live service."""
    listed = section("Metrics").split("\nEvery series")[1].split("\nPrometheus reads")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == PLAIN | HISTOGRAMS


def test_every_setting_is_one() -> None:
    known = (ROOT / "docs" / "guide" / "configuration.md").read_text(encoding="utf-8")
    for name in re.findall(r"\bSUTRA_[A-Z_]+[A-Z]\b(?!_…)", GUIDE):
        assert f"`{name}`" in known, name
