"""The service's own file: durable, whole, refused where it is of a later version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sutra_api.job import job_of
from sutra_api.state import STATE_FILE, State
from sutra_core.errors import StoreIOError, UnsupportedFormatError


def test_what_fails_half_way_is_undone(folder: Path) -> None:
    state = State(folder)
    with pytest.raises(ValueError, match="half way"), state.transaction() as connection:
        connection.execute("INSERT INTO keys VALUES ('a', 'a', x'', 'reader', '*', 0, NULL, NULL)")
        raise ValueError("half way")
    assert state.read("SELECT * FROM keys") == []


def test_a_change_by_another_process_changes_the_version(folder: Path) -> None:
    state, other = State(folder), State(folder)
    before = state.version()
    assert state.version() == before
    with other.transaction() as connection:
        connection.execute("INSERT INTO keys VALUES ('a', 'a', x'', 'reader', '*', 0, NULL, NULL)")
    assert state.version() != before


def test_a_table_that_an_earlier_version_did_not_have_is_made(folder: Path) -> None:
    state = State(folder)
    with state.transaction() as connection:
        connection.execute("DROP TABLE verifications")
    state.close()
    assert State(folder).read("SELECT * FROM verifications") == []


def test_a_file_of_a_later_version_is_refused(folder: Path) -> None:
    State(folder).close()
    with sqlite3.connect(folder / STATE_FILE) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(UnsupportedFormatError, match="version 999"):
        State(folder)


def test_a_file_that_is_none_is_an_error_with_its_path(folder: Path) -> None:
    (folder / STATE_FILE).write_bytes(b"not a database, and long enough to be looked at as one" * 100)
    with pytest.raises(StoreIOError, match=STATE_FILE):
        State(folder)


COLUMNS = {
    2: ("format", "map", "template"),
    3: ("kind", "prune", "retired", "backup", "sources_total", "reindex"),
    4: ("wait", "learned"),
    5: ("embedder", "statements", "statements_total", "reembed"),
}


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_jobs_of_earlier_versions_are_kept(folder: Path, version: int) -> None:
    State(folder).close()
    with sqlite3.connect(folder / STATE_FILE) as connection:
        for column in (each for since in COLUMNS if since > version for each in COLUMNS[since]):
            connection.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
        connection.execute(
            "INSERT INTO jobs (id, namespace, prefix, state, created, bytes_total)"
            " VALUES ('a', 'default', 'upload', 'waiting', 0, 5)"
        )
        connection.execute(f"PRAGMA user_version = {version}")
    for _ in range(2):
        state = State(folder)
        (job,) = map(job_of, state.read("SELECT * FROM jobs"))
        assert (job.id, job.bytes_total, job.format, job.map, job.template) == ("a", 5, "", "", "")
        assert (job.kind, job.prune, job.retired, job.backup) == ("learning", False, 0, None)
        assert (job.sources_total, job.reindex, job.wait, job.learned) == (0, None, "indexed", 0)
        assert (job.embedder, job.statements, job.statements_total, job.reembed) == ("", 0, 0, None)
        state.close()
