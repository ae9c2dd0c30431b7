"""Upgrade of a store with an older schema: a copy first, only while nobody uses it, and one line that says so."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_cli.main import run
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_sqlite.store import SQLiteStore

from ...case_tables import keep_quick

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDER = SCHEMA_VERSION - 1
OPEN_ELSEWHERE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA user_version").fetchall()
print("open", flush=True)
sys.stdin.read()
"""
"""A program of any version: SQLite itself locks the file that it has open."""

KILLED = """
import os, signal, sys
from qdash_sqlite import upgrade as sqlite_upgrade
from qdash_sqlite.store import SQLiteStore

migrate_file = sqlite_upgrade.migrate_file

def kill(connection):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM user")
    os.kill(os.getpid(), signal.SIGKILL)

sqlite_upgrade.migrate_file = kill
SQLiteStore.open(sys.argv[1])
"""


CHIP_LIST = "from qdash_cli.main import main; main(['chip', 'list', '--json'])"


@pytest.fixture
def file(no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of a home, with a user, as an older version left it."""
    home = tmp_path / "home"
    monkeypatch.setenv("QDASH_HOME", str(home))
    home.mkdir(0o700)
    file = home / "qdash.db"
    with closing(SQLiteStore.open(f"sqlite:///{file}")) as store, store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    make_older(file)
    return file


def make_older(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {OLDER}")


def read_version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        assert ("ann",) in connection.execute("SELECT username FROM user").fetchall()
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def list_files(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir())


@pytest.fixture
def other_program(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that has the store open."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", OPEN_ELSEWHERE, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield process
        process.kill()


def upgrade(capsys: pytest.CaptureFixture[str], *options: str, status: int = 0) -> Any:
    assert run(["store", "upgrade", *options, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_the_check_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = upgrade(capsys, "--check", status=1)

    assert (document["before"], document["after"]) == (OLDER, SCHEMA_VERSION)
    assert (document["due"], document["upgraded"], document["users"]) == (True, False, [])
    assert (read_version(file), list_files(file)) == (OLDER, ["qdash.db"])


def test_the_store_is_copied_and_upgraded(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = upgrade(capsys)

    copy = file.with_name(f"qdash-schema-{OLDER}.db")
    assert (document["due"], document["upgraded"], document["copied_to"]) == (False, True, str(copy))
    assert (read_version(file), read_version(copy)) == (SCHEMA_VERSION, OLDER)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not upgrade(capsys, "--check")["due"]
    assert not upgrade(capsys)["upgraded"]
    assert list_files(file) == sorted([copy.name, "qdash.db"])


def test_the_text_names_versions_and_copy(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "upgrade", "--check"]) == 1
    assert f"has schema {OLDER}, and this QDash uses {SCHEMA_VERSION}" in capsys.readouterr().out
    assert run(["store", "upgrade"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"was upgraded from schema {OLDER} to {SCHEMA_VERSION}" in said
    assert f"its copy from before is {file.with_name(f'qdash-schema-{OLDER}.db')}" in said
    assert run(["store", "upgrade"]) == 0
    assert "that of this QDash" in capsys.readouterr().out


def test_a_temporary_file_such_as_that_of_a_restore_is_migrated_without_copy_and_message(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    SQLiteStore.open_file(file, temporary=True).close()

    assert (read_version(file), list_files(file)) == (SCHEMA_VERSION, ["qdash.db"])
    assert not caplog.records


def test_the_first_command_upgrades_and_says_so_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert run(["chip", "list", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == []

    [line] = caplog.messages
    copy = file.with_name(f"qdash-schema-{OLDER}.db")
    assert f"{file} was upgraded from schema {OLDER} to {SCHEMA_VERSION}" in line
    assert line.endswith(str(copy))
    assert (read_version(file), read_version(copy)) == (SCHEMA_VERSION, OLDER)


def test_no_copy_replaces_another(file: Path) -> None:
    """As after going back to the older version."""
    for _ in range(2):
        SQLiteStore.open(f"sqlite:///{file}").close()
        make_older(file)

    assert list_files(file) == [f"qdash-schema-{OLDER}-2.db", f"qdash-schema-{OLDER}.db", "qdash.db"]


@pytest.mark.usefixtures("other_program")
@pytest.mark.parametrize("command", keep_quick(["store upgrade", "chip list"], 1))
def test_a_store_that_another_program_uses_is_not_upgraded(
    file: Path, other_program: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(command.split()) == 1

    said = " ".join(capsys.readouterr().err.split())
    assert f"has an older schema and is in use by process {other_program.pid} (python" in said
    assert "nothing was changed" in said
    assert read_version(file) == OLDER
    assert not list(file.parent.glob("*schema*"))


def test_the_check_names_the_programs_that_use_the_store(
    other_program: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    [user] = upgrade(capsys, "--check", status=1)["users"]
    assert user.startswith(f"process {other_program.pid} (")


def test_a_program_that_just_ends_is_waited_for(file: Path, other_program: subprocess.Popen[bytes]) -> None:
    assert other_program.stdin is not None
    other_program.stdin.close()

    assert SQLiteStore.upgrade(f"sqlite:///{file}").before == OLDER


def test_without_room_for_the_copy_nothing_is_changed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.with_name(f".qdash-schema-{OLDER}.db").mkdir()  # cannot be written, like a full disk

    assert run(["store", "upgrade"]) == 1

    assert f"cannot be upgraded from schema {OLDER}" in " ".join(capsys.readouterr().err.split())
    assert read_version(file) == OLDER


@pytest.mark.slow
def test_a_killed_upgrade_starts_again(file: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, f"sqlite:///{file}"], check=False)
    assert killed.returncode == -signal.SIGKILL

    done = SQLiteStore.upgrade(f"sqlite:///{file}")

    assert (done.before, done.copy) == (OLDER, str(file.with_name(f"qdash-schema-{OLDER}-2.db")))
    assert (read_version(file), read_version(Path(done.copy))) == (SCHEMA_VERSION, OLDER)


@pytest.mark.slow
def test_of_several_first_commands_one_upgrades(file: Path) -> None:
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", CHIP_LIST],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ.copy(),
        )
        for _ in range(3)
    ]  # fmt: skip
    said = [command.communicate(timeout=60) for command in commands]

    assert [json.loads(out) for out, _ in said] == [[], [], []]
    assert sum(b"was upgraded from schema" in err for _, err in said) == 1
    assert list_files(file).count(f"qdash-schema-{OLDER}.db") == 1


def test_without_a_store_there_is_nothing_to_upgrade(
    no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "nowhere"))

    assert run(["store", "upgrade"]) == 2

    assert "there is no store sqlite:///" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
