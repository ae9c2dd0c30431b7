"""Migration to MongoDB and back: the same documents, and the same export of a chip to the byte."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_cli.main import run
from qdash_mongo.store import MongoStore
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_mongo.server import MongoServer

KILLED = """
import os, signal, sys
from qdash_builtin.home.migration.transfer import Migration
from qdash_sqlite.store import SQLiteStore
from qdash_mongo.store import MongoStore

def kill(stage, done, total):
    if stage == "copying task_result_history" and done > 1_500:
        os.kill(os.getpid(), signal.SIGKILL)

Migration(SQLiteStore.open(sys.argv[1]), MongoStore.open(sys.argv[2]), kill).run()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.delenv("QDASH_STORE_URL", raising=False)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_migration_there_and_back_keeps_exports_and_checksums(
    home: Path, new_mongo_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = printed(capsys, "demo", "--device", "jakarta", "--qubits", "1", "--seed", "1", "--json")
    commands = [
        ["export", demo["chip"], "--format", "json"],
        ["metrics", demo["chip"], "--all", "--json"],
        *(["executions", "show", execution_id, "--json"] for execution_id in demo["execution_ids"]),
    ]
    urls = [f"sqlite:///{home}/qdash.db", new_mongo_url, f"sqlite:///{home}/back.db"]

    there = printed(capsys, "store", "migrate", *urls[:2], "--json")
    back = printed(capsys, "store", "migrate", *urls[1:], "--json")
    exports = []
    for url in urls:
        monkeypatch.setenv("QDASH_STORE_URL", url)
        exports.append([printed(capsys, *command) for command in commands])

    assert exports[0] == exports[1] == exports[2]
    checksums = [{name: one["checksum"] for name, one in way["collections"].items()} for way in (there, back)]
    assert checksums[0] == checksums[1]
    assert there["collections"]["task_result_history"]["copied"] > 0
    assert all(one["verified"] for way in (there, back) for one in way["collections"].values())


@pytest.mark.slow
def test_a_killed_migration_can_be_continued(
    home: Path, new_mongo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, many = f"sqlite:///{home}/from.db", 2_500
    store = SQLiteStore.open(source)
    with store.transaction() as transaction:
        for number in range(many):
            key = {"project_id": "p", "task_id": f"{number:05}"}
            transaction.put("task_result_history", key | {"quality": {"r2": 1.0, "n": 1}, "$odd.name": None})
        transaction.append("event", {"project_id": "p"})
    store.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, source, new_mongo_url], check=False)
    assert killed.returncode == -signal.SIGKILL

    document = printed(capsys, "store", "migrate", source, new_mongo_url, "--json")

    results = document["collections"]["task_result_history"]
    assert 0 < results["already_there"] < many
    assert results["copied"] + results["already_there"] == many
    assert all(one["verified"] for one in document["collections"].values())
    target = MongoStore.open(new_mongo_url)
    with target.transaction() as transaction:
        assert transaction.append("event", {"project_id": "p"}) == 2
    target.close()


def test_migration_to_the_same_database_is_refused(
    home: Path, new_mongo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["store", "migrate", new_mongo_url, f"{new_mongo_url}&appname=other"]) == 2
    assert "are the same store" in capsys.readouterr().err


def test_a_missing_database_is_refused_and_not_created(
    home: Path, mongo_server: MongoServer, new_mongo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["store", "migrate", new_mongo_url, f"sqlite:///{home}/to.db"]) == 2

    assert "there is no store mongodb://127.0.0.1" in capsys.readouterr().err
    with MongoClient[dict[str, Any]](new_mongo_url, serverMonitoringMode="poll") as client:
        assert client.get_default_database().list_collection_names() == []
    assert not (home / "to.db").exists()
