"""What the command does with its options. Standard output gets the result alone, standard error the rest."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sutra_client.settings import is_address
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import InvalidValueError, StoreIOError, StoreMissingError, SutraError
from sutra_monitor.clock import SystemClock
from sutra_monitor.continuous import run_continuously, stopping
from sutra_monitor.database import Database
from sutra_monitor.log import MonitorLog
from sutra_monitor.monitor import Monitor, Report
from sutra_monitor.report import EXIT_CODES, as_json, as_text, json_text, unknown_text
from sutra_monitor.settings import Settings, load_settings
from sutra_monitor.target import FolderTarget, ServiceTarget, Target, read_key

if TYPE_CHECKING:
    from sutra_monitor.clock import Clock

__all__ = ["LOG_FOLDER", "Options", "run"]

LOG_FOLDER = "monitoring_logs"
"""Where log and history are, in the storage folder, unless another folder is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says."""

    storage: Path | None = None
    url: str | None = None
    api_key_file: Path | None = None
    thresholds: Path | None = None
    state: Path | None = None
    json: bool = False
    continuous: bool = False
    interval: float = 15.0
    live: bool = False


def run(options: Options) -> int:
    """Does what the options say; the exit code."""
    try:
        return _run(options)
    except SutraError as error:
        code, message = error.code, str(error)
    except BrokenPipeError:
        # Who reads has seen enough; what could not be written is not tried again when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return EXIT_CODES["unknown"]
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        code, message = StoreIOError.code, f"{what}{error.strerror or error}"
    if options.json:
        told = {"level": "unknown", "exit_code": EXIT_CODES["unknown"]}
        print(json_text(told | {"error": {"code": code, "message": message}}))
    else:
        print(unknown_text(code, message))
    return EXIT_CODES["unknown"]


def _run(options: Options) -> int:
    _check(options)
    settings = load_settings(options.thresholds)
    config = _configured(options.storage)
    target = _target(options, config)
    _notice(f"monitoring: {target.name}")
    folder = options.state.expanduser().absolute() if options.state else config.storage_path / LOG_FOLDER
    if not (options.state or options.url or options.continuous or config.storage_path.is_dir()):
        # A mistyped folder is not made.
        raise StoreMissingError(f"there is no folder {config.storage_path}; name another one with --storage")
    _notice(f"state: {folder}")
    clock = SystemClock()
    with Database(folder) as database, MonitorLog(folder, clock) as log:
        return _watch(Monitor(target, settings, database, log, clock), options, settings, clock)


def _watch(monitor: Monitor, options: Options, settings: Settings, clock: Clock) -> int:
    """Runs once, again and again, or on a terminal."""
    if options.live:
        from sutra_monitor.live import run_live

        with stopping(clock):
            run_live(monitor, clock)
        return EXIT_CODES["ok"]

    def show(report: Report) -> None:
        if options.json:
            print(json_text(as_json(report), indent=None if options.continuous else 2), flush=True)
        else:
            print(as_text(report, settings.rules), flush=True)

    if options.continuous:
        with stopping(clock):
            run_continuously(monitor, clock, options.interval, show)
        return EXIT_CODES["ok"]
    report = monitor.run()
    show(report)
    return EXIT_CODES[report.level]


def _check(options: Options) -> None:
    """Raises `InvalidValueError` for options that contradict each other."""
    if options.storage is not None and options.url is not None:
        raise InvalidValueError("--storage and --url are both given; name one of them")
    if options.url is not None and not is_address(options.url):
        raise InvalidValueError("--url is no address; give one such as https://sutra.example.org")
    if options.api_key_file is not None and options.url is None:
        raise InvalidValueError("--api-key-file is for --url; the service of a folder is asked with its key")
    if not 0.1 <= options.interval <= 1440:  # "nan" is a number to the command line
        raise InvalidValueError(f"--interval is {options.interval}; allowed: 0.1 to 1440 minutes")
    if options.live and (options.continuous or options.json):
        raise InvalidValueError("--live is for people to look at; leave out --continuous and --json")


def _configured(storage: Path | None) -> ReasoningEngineConfig:
    builder = ReasoningEngineConfig.builder()
    if storage is not None:
        builder = builder.with_storage(storage)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        config = builder.build()
    for each in told:
        _notice(f"warning: {each.message}")
    return config


def _target(options: Options, config: ReasoningEngineConfig) -> Target:
    if options.url is None:
        return FolderTarget(config)
    return ServiceTarget(options.url, read_key(options.api_key_file))


def _notice(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
