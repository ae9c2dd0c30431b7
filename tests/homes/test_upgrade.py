"""Upgrade of homes that older revisions recorded: nothing is lost, and there is a way back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION

from . import command_output
from .home_archives import unpack_home

SCHEMAS = {"2026-11": 3, "2026-11-26": 11}
"""Schema of each recorded home; the first one is of 22 November."""


@pytest.fixture(params=SCHEMAS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(name: str, tmp_path: Path) -> Path:
    """The recorded home."""
    return unpack_home(name, tmp_path / "home")


def read_store(file: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return the schema of a store, and its documents by collection."""
    with closing(sqlite3.connect(file)) as connection:
        [(version,)] = connection.execute("PRAGMA user_version")
        tables = {
            table for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        documents = {
            table: [
                json.loads(text) for (text,) in connection.execute(f'SELECT doc FROM "{table}" ORDER BY doc')
            ]
            for table in sorted(tables & COLLECTIONS.keys())
        }
    return version, {table: found for table, found in documents.items() if found}


def hash_raw_data(home: Path) -> dict[str, str]:
    files = (
        path for folder in ("artifacts", "twins") for path in (home / folder).rglob("*") if path.is_file()
    )
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_upgrade_keeps_every_document_and_a_copy(name: str, home: Path) -> None:
    schema, documents = read_store(home / "qdash.db")
    raw_data = hash_raw_data(home)
    assert schema == SCHEMAS[name]
    assert {"chip", "execution_history", "task_result_history", "calibration_note"} <= documents.keys()

    checked = command_output.asked(home, "store", "upgrade", "--check")
    assert (checked["before"], checked["after"], checked["due"]) == (schema, SCHEMA_VERSION, True)
    assert read_store(home / "qdash.db") == (schema, documents)
    upgraded = command_output.asked(home, "store", "upgrade")

    copy = home / f"qdash-schema-{schema}.db"
    assert upgraded["copied_to"] == str(copy)
    assert read_store(copy) == (schema, documents)
    version, now = read_store(home / "qdash.db")
    assert version == SCHEMA_VERSION
    assert {table: now[table] for table in documents} == documents
    assert hash_raw_data(home) == raw_data


def test_the_copy_is_the_way_back(name: str, home: Path) -> None:
    listed = command_output.asked(home, "executions", "list")
    copy = home / f"qdash-schema-{SCHEMAS[name]}.db"
    schema, documents = read_store(copy)

    copy.replace(home / "qdash.db")

    assert read_store(home / "qdash.db") == (schema, documents)
    assert command_output.asked(home, "executions", "list") == listed
    assert read_store(copy) == (schema, documents)


def test_what_the_home_of_26_november_said_it_says_after_the_upgrade(tmp_path: Path) -> None:
    home = unpack_home("2026-11-26", tmp_path / "home")
    recorded = json.loads(Path(__file__).with_name("2026-11-26").joinpath("expected.json").read_text("utf-8"))

    command_output.require_as_recorded(recorded, command_output.documents(home, chips=("old",)))
    checks = command_output.asked(home, "doctor")["checks"]
    others = {check["name"] for check in checks if check["status"] != "ok"}
    assert others <= {"permissions"}, "the archive may be unpacked for everybody"
