"""Upgrade of a database with an older schema: only by the command, and only while no other program uses it."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_cli.main import run
from qdash_core.errors import LockedError, StoreError
from qdash_core.models.queue import PresenceModel
from qdash_core.process.clock import machine_now
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_mongo.database import REGISTER
from qdash_mongo.store import MongoStore

from ..case_tables import keep_quick
from ..user_settings import remove_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pymongo.database import Database

OLDER = SCHEMA_VERSION - 1


@pytest.fixture
def database(
    new_mongo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database[dict[str, Any]]]:
    """The store of a home, as an older version left it, without the index of a collection."""
    remove_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QDASH_STORE_URL", new_mongo_url)
    MongoStore.open(new_mongo_url).close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database["issue"].drop()
        database[REGISTER].update_one({}, {"$set": {"schema_version": OLDER}})
        yield database


def read_contents(database: Database[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    return sorted(database.list_collection_names()), list(database[REGISTER].find())


def test_until_the_command_every_program_says_so_and_changes_nothing(
    database: Database[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_contents(database)
    for command, status in ((["chip", "list"], 2), (["store", "upgrade", "--check"], 1)):
        assert run(command) == status
        said = capsys.readouterr()
        assert f"has schema {OLDER}, and this QDash uses {SCHEMA_VERSION}" in " ".join(
            (said.out + said.err).split()
        )
        assert "qdash store upgrade" in " ".join((said.out + said.err).split())
    assert read_contents(database) == before


def test_the_command_upgrades_it(
    database: Database[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["store", "upgrade", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert (document["before"], document["after"], document["upgraded"]) == (OLDER, SCHEMA_VERSION, True)
    assert "copied_to" not in document
    assert "issue" in database.list_collection_names()
    assert run(["store", "upgrade", "--check"]) == 0
    assert run(["chip", "list"]) == 0


def test_a_connected_program_prevents_it(new_mongo_url: str, database: Database[dict[str, Any]]) -> None:
    """A program of any version: all give their connections the same name."""
    database[REGISTER].update_one({}, {"$set": {"schema_version": SCHEMA_VERSION}})
    with closing(MongoStore.open(new_mongo_url)):
        database[REGISTER].update_one({}, {"$set": {"schema_version": OLDER}})
        assert MongoStore.list_users(new_mongo_url) == ["a program on 127.0.0.1"]
        with pytest.raises(LockedError, match=r"in use by a program on 127.0.0.1; nothing was changed"):
            MongoStore.upgrade(new_mongo_url)
    assert database[REGISTER].find_one({})["schema_version"] == OLDER  # type: ignore[index]


@pytest.mark.parametrize(("age_s", "ttl_s", "alive"), keep_quick([(0, 30, True), (60, 0.5, False)], 0))
def test_a_registered_process_of_another_machine_prevents_it_while_it_may_live(
    new_mongo_url: str, database: Database[dict[str, Any]], age_s: float, ttl_s: float, alive: bool
) -> None:
    then = machine_now() - timedelta(seconds=age_s)
    registration = PresenceModel(
        owner="o", kind="worker", username="", host=f"not-{socket.gethostname()}", pid=7, process_start=1.0, acquired_at=then,
        expires_at=then + timedelta(seconds=ttl_s), ttl_s=ttl_s, created_at=then, updated_at=then,
    )  # fmt: skip
    database["presence"].insert_one(registration.to_document())
    database["execution_lock"].insert_one({"project_id": "p", "owner": "of an older schema"})

    assert MongoStore.list_users(new_mongo_url) == alive * [f"process 7 on {registration.host}"]


def test_another_database_is_not_upgraded(new_mongo_url: str) -> None:
    assert MongoStore.read_schema_version(new_mongo_url) is None
    with pytest.raises(StoreError, match="is no store of QDash"):
        MongoStore.upgrade(new_mongo_url)
