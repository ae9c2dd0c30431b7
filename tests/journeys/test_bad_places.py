"""Invalid homes, stores and settings: status 2 and one line with the place; nothing is damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine

SETTINGS = {
    "an unknown time zone": ({"QDASH_TIMEZONE": "Asia/Tokio"}, "did you mean 'Asia/Tokyo'?"),
    "a time zone that is a path": ({"QDASH_TIMEZONE": "../../etc/passwd"}, "not a known time zone"),
    "a lock that is no number": ({"QDASH_LEASE_TTL_S": "long"}, "environment variable QDASH_LEASE_TTL_S"),
    "a lock of no time": ({"QDASH_LEASE_TTL_S": "0"}, "greater than 0"),
    "a store that nobody opens": (
        {"QDASH_STORE_URL": "ftp://x"},
        "of the scheme 'ftp'; known are memory, ",
    ),
    "a store that is no URL": ({"QDASH_STORE_URL": "here"}, "a URL begins with a scheme"),
    "a store without a file": ({"QDASH_STORE_URL": "sqlite:///"}, "it names no file"),
    "artifacts that nobody opens": (
        {"QDASH_ARTIFACTS_URL": "ftp://x"},
        "of the scheme 'ftp'; known are file",
    ),
    "a log level": ({"QDASH_LOG_LEVEL": "loud"}, "'LOUD' is not a level"),
}

FILES = {
    "not TOML": ("timezone =", "qdash.toml in"),
    "an unknown key": ('timezon = "UTC"', "did you mean 'timezone'?"),
    "a wrong type": ("timezone = 3", "setting timezone (qdash.toml in"),
    "not text": (b"\xff\xfe\x00", "qdash.toml in"),
}


@pytest.mark.parametrize(("settings", "message"), SETTINGS.values(), ids=SETTINGS)
def test_an_impossible_setting_is_refused_before_anything_is_written(
    qdash: CommandLine, settings: dict[str, str], message: str
) -> None:
    assert message in qdash.with_settings(**settings).run_refused("chip", "list")

    assert [path for path in qdash.folder.rglob("*") if path.is_file()] == []


def test_a_lock_longer_than_time_is_refused(bench: CommandLine) -> None:
    before = bench.read_everything()

    line = bench.with_settings(QDASH_LEASE_TTL_S="1e300").run_refused("calibrate", "bench", "--flow", "check")

    assert "QDASH_LEASE_TTL_S" in line
    assert bench.read_everything() == before


@pytest.mark.parametrize(("text", "message"), FILES.values(), ids=FILES)
def test_a_broken_settings_file_is_refused_with_its_place(
    qdash: CommandLine, text: str | bytes, message: str
) -> None:
    (qdash.folder / "qdash.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    assert message in qdash.run_refused("chip", "list")
    qdash.does("--help")


@pytest.mark.parametrize(
    "command", [("init",), ("demo", "--qubits", "1"), ("twin", "create", "a", "--device", "jakarta")]
)
def test_a_home_that_cannot_be_made_is_refused(homeless: CommandLine, command: tuple[str, ...]) -> None:
    file = homeless.folder / "file"
    file.touch()

    assert f"home {file / 'home'} cannot be created" in homeless.with_home(file / "home").run_refused(
        *command
    )

    assert list(homeless.folder.iterdir()) == [file]


@pytest.mark.parametrize("command", [("init",), ("calibrate", "bench", "--flow", "check"), ("chip", "list")])
def test_a_store_of_a_newer_version_is_left_as_it_is(bench: CommandLine, command: tuple[str, ...]) -> None:
    assert bench.home is not None
    with closing(sqlite3.connect(bench.home / "qdash.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (bench.home / "qdash.db").read_bytes()

    assert "written by a newer QDash (schema 99" in bench.run_refused(*command)

    assert (bench.home / "qdash.db").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Dear diary, today we cooled down. " * 40, "is not an SQLite database"),
        (b"SQLite format 3\x00" + b"\x00" * 5000, "qdash.db"),
    ],
    ids=["a diary", "only the beginning of one"],
)
def test_a_store_file_that_is_no_database_is_left_as_it_is(
    qdash: CommandLine, content: bytes, message: str
) -> None:
    assert qdash.home is not None
    qdash.home.mkdir()
    (qdash.home / "qdash.db").write_bytes(content)

    assert message in qdash.run_refused("init")

    assert (qdash.home / "qdash.db").read_bytes() == content


def test_raw_data_that_are_gone_are_missed_by_name(bench: CommandLine) -> None:
    assert bench.home is not None
    task_id = bench.read_json("metrics", "bench")["qubits"]["0"]["t1"]["task_id"]
    (raw,) = bench.home.glob(f"artifacts/**/{task_id}*")
    raw.unlink()
    before = bench.read_everything()

    assert task_id in bench.run_refused("task", "refit", task_id)

    assert bench.read_everything() == before


def test_raw_data_that_are_broken_are_named(bench: CommandLine) -> None:
    assert bench.home is not None
    task_id = bench.read_json("metrics", "bench")["qubits"]["0"]["t1"]["task_id"]
    (raw,) = bench.home.glob(f"artifacts/**/{task_id}*")
    raw.write_bytes(raw.read_bytes()[:100])
    before = bench.read_everything()

    assert task_id in bench.run_refused("task", "refit", task_id)

    assert bench.read_everything() == before
