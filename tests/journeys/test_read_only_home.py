"""A home that this process can read, but not write."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_sqlite.file import make_url
from qdash_sqlite.store import SQLiteStore

from .command_line import PATIENCE_S, QDASH, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .command_line import CommandLine

UNPRIVILEGED = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner")
"""Command that makes root subject to permissions."""
READING = (
    ("chip", "list"),
    ("chip", "show", "bench"),
    ("metrics", "bench"),
    ("metrics", "bench", "--summary"),
    ("executions", "list"),
    ("executions", "show", "last"),
    ("executions", "follow", "last"),
    ("executions", "logs", "last"),
    ("executions", "timeline", "last"),
    ("export", "bench", "--format", "yaml"),
    ("schedule", "bench", "--kind", "qubit"),
    ("calibrate", "bench", "--flow", "check", "--dry-run"),
    ("queue", "list"),
    ("timetable", "list"),
    ("lock", "status"),
    ("note", "list", "bench"),
    ("user", "list"),
    ("flow", "list"),
    ("task", "list", "--chip", "bench"),
    ("twin", "list"),
)


READING_TWIN = tuple(one for one in READING if "last" not in one and "check" not in one)
"""Those that need neither a run nor a saved flow."""


@contextmanager
def without_write_permission(qdash: CommandLine) -> Iterator[Path]:
    """Take the write permission of a home, which is yielded, for the length of a block."""
    assert qdash.home is not None
    places = [qdash.home, *qdash.home.rglob("*")]
    for place in places:
        place.chmod(place.stat().st_mode & 0o555)
    try:
        yield qdash.home
    finally:
        for place in places:
            place.chmod(place.stat().st_mode | 0o200)


@pytest.fixture
def read_only(bench: CommandLine) -> Iterator[CommandLine]:
    """A calibrated home without write permission."""
    with without_write_permission(bench):
        yield bench


def run(qdash: CommandLine, *arguments: str) -> Outcome:
    """Run a command as a user to whom permissions apply."""
    return replace(qdash, obeys_permissions=True)(*arguments)


def run_in_new_process(qdash: CommandLine, *arguments: str) -> Outcome:
    """Run a command as a user to whom permissions apply, without the prepared process."""
    done = subprocess.run(
        [*(UNPRIVILEGED if os.geteuid() == 0 else ()), QDASH, *arguments],
        cwd=qdash.folder,
        env=qdash.environment,
        timeout=PATIENCE_S,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def list_files(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(one.relative_to(home)): (one.stat().st_size, one.stat().st_mtime_ns) for one in home.rglob("*")
    }


def get_chips(outcome: Outcome) -> list[str]:
    assert outcome.status == 0, outcome
    return [one["chip_id"] for one in outcome.document]


@pytest.mark.parametrize("commands", [READING[::3], pytest.param(READING, marks=pytest.mark.release)])
def test_a_home_without_write_permission_is_read_and_not_changed(
    read_only: CommandLine, commands: Sequence[tuple[str, ...]]
) -> None:
    assert read_only.home is not None
    before = list_files(read_only.home)
    for command in commands:
        outcome = run(read_only, *command)
        assert (outcome.status, "error" in outcome.err) == (0, False), (command, outcome)
    assert list_files(read_only.home) == before


@pytest.mark.parametrize("commands", [READING[:1], pytest.param(READING_TWIN, marks=pytest.mark.release)])
def test_a_home_with_a_simulated_clock_is_read_and_its_time_stands_still(
    qdash: CommandLine, commands: Sequence[tuple[str, ...]]
) -> None:
    qdash.does("init", "--simulated-clock", "2026-01-05T18:00")
    qdash.does("twin", "create", "bench", "--device", "jakarta")
    with without_write_permission(qdash) as home:
        before = (home / "simulated-clock").read_bytes()
        for command in commands:
            outcome = run(qdash, *command)
            assert (outcome.status, "error" in outcome.err) == (0, False), (command, outcome)
        assert (home / "simulated-clock").read_bytes() == before
        refused = run(qdash, "twin", "wait", "--hours", "1")
        assert (refused.status, "is not writable: change its permissions" in refused.err) == (2, True), (
            refused
        )


@pytest.mark.parametrize(
    "command",
    [
        ("calibrate", "bench", "--flow", "check", "--qids", "0"),
        ("chip", "exclude", "bench", "0", "--note", "open line"),
        ("chip", "delete", "bench", "--force"),
        ("note", "edit", "bench", "text"),
        ("store", "backup", "backup.tar"),
    ],
)
def test_a_command_that_writes_is_refused_in_one_line(
    read_only: CommandLine, command: tuple[str, ...]
) -> None:
    refused = run(read_only, *command)
    assert refused.status == 2
    assert refused.err == (
        f"error: {read_only.home}/qdash.db is not writable: change its permissions, or use another path\n"
    )
    assert not (read_only.folder / "backup.tar").exists()


def test_a_file_in_a_folder_without_write_permission_is_read(bench: CommandLine) -> None:
    assert bench.home is not None
    bench.home.chmod(0o555)
    try:
        assert get_chips(run(bench, "chip", "list", "--json")) == ["bench"]
        assert f"{bench.home} is not writable" in run(bench, "note", "edit", "bench", "text").err
    finally:
        bench.home.chmod(0o755)


def test_a_log_that_a_crash_left_is_read(bench: CommandLine, tmp_path: Path) -> None:
    """The index of the log is missing, as in a copy of a home, and SQLite cannot create it."""
    assert bench.home is not None
    store = SQLiteStore.open(make_url(bench.home / "qdash.db"))
    try:
        with store.transaction() as transaction:
            (chip,) = transaction.find("chip", {})
            transaction.insert("chip", {**chip, "chip_id": "newer"})
        copied = tmp_path / "copied"
        copied.mkdir()
        for name in ("qdash.db", "qdash.db-wal"):
            shutil.copy(bench.home / name, copied / name)
    finally:
        store.close()
    assert (copied / "qdash.db-wal").stat().st_size > 0
    copied.chmod(0o555)
    try:
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        found = bench.with_home(copied).with_settings(TMPDIR=str(temporary))
        # The copy is deleted when the process exits, which a prepared one does not do by itself.
        assert sorted(get_chips(run_in_new_process(found, "chip", "list", "--json"))) == ["bench", "newer"]
        assert list(temporary.iterdir()) == []  # the copy was deleted
        assert sorted(one.name for one in copied.iterdir()) == ["qdash.db", "qdash.db-wal"]
    finally:
        copied.chmod(0o755)


def test_what_another_process_writes_meanwhile_is_read(read_only: CommandLine) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root writes where others cannot")
    assert read_only.home is not None
    store = SQLiteStore.open(make_url(read_only.home / "qdash.db"))
    try:
        with store.transaction() as transaction:
            (chip,) = transaction.find("chip", {})
            transaction.insert("chip", {**chip, "chip_id": "newer"})
        assert sorted(get_chips(run(read_only, "chip", "list", "--json"))) == ["bench", "newer"]
    finally:
        store.close()


def test_a_store_of_an_older_version_is_read_from_a_migrated_copy(bench: CommandLine) -> None:
    assert bench.home is not None
    file = bench.home / "qdash.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    bench.home.chmod(0o555)
    try:
        assert get_chips(run(bench, "chip", "list", "--json")) == ["bench"]
        with closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION - 1,)
    finally:
        bench.home.chmod(0o755)


def test_a_new_store_is_not_created_where_nothing_can_be_written(qdash: CommandLine) -> None:
    assert qdash.home is not None
    qdash.home.mkdir(0o555)
    try:
        refused = run_in_new_process(qdash, "chip", "list")
        assert refused == run(qdash, "chip", "list")
        assert refused.status == 2
        assert f"{qdash.home} is not writable" in refused.err
    finally:
        qdash.home.chmod(0o755)
