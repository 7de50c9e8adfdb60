"""`python production_monitor.py` as a user runs it: exit codes, output, the folder that it works in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from monitored import KEY, Monitored
from stand_in import StandIn
from typer.testing import CliRunner

from sutra_cli.main import app
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_monitor.program import LOG_FOLDER

PROGRAM = str(Path(__file__).parents[3] / "production_monitor.py")
CALM = '[critical]\ndisk_space_free_gb = "off"\nmemory_usage_percent = "off"\n'
"""Rules that hold on any machine that runs the tests."""


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROGRAM, *options], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def store(folder: Path) -> Path:
    path = folder / "knowledge"
    config = ReasoningEngineConfig.builder().with_storage(path).with_reader(enabled=False).build()
    with ReasoningEngine(config, embedder=StandIn()) as engine:
        engine.learn("The Aln rises at Alham.")
    (folder / "calm.toml").write_text(CALM)
    return path


def remote(service: Monitored, folder: Path) -> list[str]:
    (folder / "key").write_text(KEY)
    return ["--url", service.url, "--api-key-file", str(folder / "key"), "--state", str(folder / "state")]


def test_a_folder_with_a_store(store: Path, folder: Path) -> None:
    done = run("--thresholds", "calm.toml")  # in the current folder, ./knowledge
    assert (done.returncode, done.stdout.splitlines()[0][:11]) == (0, "SUTRA OK - "), done.stderr
    assert "learning_error_rate: not measured: it cannot be measured without a service" in done.stdout
    assert f"monitoring: {store}" in done.stderr.splitlines()
    files = {path.name.rpartition("_")[0] or path.name for path in (store / LOG_FOLDER).iterdir()}
    assert files == {"monitor.db", "production"}
    again = run("--storage", str(store), "--thresholds", "calm.toml", "--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["level"], told["exit_code"], told["origin"]) == (0, "ok", 0, "store")
    assert told["figures"]["concept_count_stability"] == 1


@pytest.mark.parametrize("command", [[PROGRAM], ["-c", "from sutra_cli.main import main; main()", "monitor"]])
def test_it_lets_others_go_first(service: Monitored, folder: Path, command: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, *command, *remote(service, folder), "--continuous", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
        process.send_signal(signal.SIGTERM)


def test_levels_are_exit_codes(store: Path, folder: Path) -> None:
    (folder / "strict.toml").write_text(CALM + '[warning]\nstorage_file_size_mb = "> 0"')
    done = run("--thresholds", "strict.toml")
    assert (done.returncode, "SUTRA WARNING - storage_file_size_mb" in done.stdout) == (1, True)
    assert "alert raised: storage_file_size_mb" in done.stdout
    (folder / "strict.toml").write_text(CALM + 'storage_file_size_mb = "> 0"')
    done = run("--thresholds", "strict.toml")
    assert (done.returncode, "alert changed: storage_file_size_mb (critical)" in done.stdout) == (2, True)


def test_nothing_to_measure_is_unknown(folder: Path) -> None:
    done = run()
    assert (done.returncode, done.stdout[:30]) == (3, "SUTRA UNKNOWN - store_missing:")
    assert list(folder.iterdir()) == []  # a folder that was mistyped is not made
    (folder / "knowledge").mkdir()
    done = run("--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (3, "store_missing")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--nonsense"], "No such option"),
        (["--interval", "0"], "--interval"),
        (["--interval", "1441"], "--interval"),
        (["--interval", "nan"], "--interval"),
        (["--storage", "a", "--url", "http://b"], "invalid_value: --storage and --url"),
        (["--api-key-file", "key"], "invalid_value: --api-key-file is for --url"),
        (["--live", "--json"], "--live is for people"),
        (["--url", "localhost"], "invalid_value: --url is no address"),
        (["--url", "http://["], "invalid_value: the URL"),
        (["--url", "http://"], "invalid_value: the URL"),
        (["--url", "http://b", "--api-key-file", "nowhere"], "invalid_config"),
        (["--thresholds", "nowhere.toml"], "invalid_config"),
    ],
)
def test_wrong_options_and_settings_are_unknown(folder: Path, options: list[str], told: str) -> None:
    """In this process, as the command of the command line; a wrong option would else mean CRITICAL."""
    done = CliRunner().invoke(app, ["monitor", *options])
    assert done.exit_code == 3
    assert told in done.output
    assert "Traceback" not in done.output


def test_the_program_ends_so_too_over_a_wrong_option(folder: Path) -> None:
    assert run("--nonsense").returncode == 3


def test_a_service_elsewhere(service: Monitored, folder: Path) -> None:
    options = remote(service, folder)
    assert CliRunner().invoke(app, ["monitor", *options]).exit_code == 0
    assert {path.name.rpartition("_")[0] or path.name for path in (folder / "state").iterdir()} == {
        "monitor.db",
        "production",
    }
    service.figures["disk_space_free_gb"] = 1.0
    done = CliRunner().invoke(app, ["monitor", *options, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["level"]) == (2, "critical")
    service.refusal = 403, "forbidden"
    done = CliRunner().invoke(app, ["monitor", *options])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (3, "SUTRA UNKNOWN - forbidden: told: forbidden")
    service.close()
    done = CliRunner().invoke(app, ["monitor", *options])
    assert done.exit_code == 2
    assert done.stdout.startswith("SUTRA CRITICAL - service_unreachable: ")
    assert KEY not in "".join(path.read_text() for path in (folder / "state").glob("*.log"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_goes_on_until_it_is_told_to_end(service: Monitored, folder: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, PROGRAM, *remote(service, folder), "--continuous", "--interval", "0.1", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["level"] == "ok"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in out + err
