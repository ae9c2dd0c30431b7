"""Import of a database of the original system, on a real MongoDB server, into any store."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo import MongoClient

from qdash_cli.main import run

from .original_sample import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_mongo.server import MongoServer

DATABASE = "original"


@pytest.fixture(scope="module")
def original(mongo_server: MongoServer) -> Iterator[str]:
    """URL of a database with the sample, with types that only BSON has."""
    with MongoClient[dict[str, Any]](mongo_server.url(DATABASE), serverMonitoringMode="poll") as client:
        for name, documents in sample().items():
            client[DATABASE][name].insert_many(
                [{**as_bson(document), "_id": ObjectId(document["_id"])} for document in documents]
            )
    yield mongo_server.url(DATABASE)
    mongo_server.drop(DATABASE)


def as_bson(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_bson(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_bson(part) for part in value]
    if isinstance(value, Decimal):
        return Decimal128(value)
    return Int64(value) if type(value) is int else value


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.slow)])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    url = (
        f"sqlite:///{tmp_path}/qdash.db"
        if request.param == "sqlite"
        else request.getfixturevalue("new_mongo_url")
    )
    monkeypatch.setenv("QDASH_STORE_URL", url)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments]) == 0
    return json.loads(capsys.readouterr().out)


def contents(url: str) -> dict[str, list[Any]]:
    with MongoClient[dict[str, Any]](url, serverMonitoringMode="poll") as client:
        database = client[DATABASE]
        return {name: list(map(str, database[name].find())) for name in database.list_collection_names()}


@pytest.mark.usefixtures("home")
class TestImport:
    def test_the_imported_chip_has_its_values(
        self, original: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = contents(original)

        document = printed(capsys, "store", "import-qdash", original, "--json")
        metrics = printed(capsys, "metrics", "64Q", "--project", "lab", "--json")
        executions = printed(capsys, "executions", "list", "--project", "lab", "--json")

        assert contents(original) == before
        assert document["collections"]["task_result_history"]["imported"] == 5
        assert document["collections"]["user"] == {
            "read": 4,
            "imported": 3,
            "already_there": 0,
            "left_out": 1,
            "outcome": "imported",
            "where": "users without passwords, and a token for each access_token",
        }
        assert document["collections"]["execution_lock"]["outcome"] == "left out"
        assert document["without_password"] == ["admin", "alice"]
        assert metrics["qubits"]["0"]["t1"]["value"] == 40.5
        assert metrics["qubits"]["0"]["t2_echo"]["error"] == 1.5
        assert {one["execution_id"] for one in executions} == {"20240603-001", "20240603-007", "20240604-000"}

    def test_omissions_have_kind_example_and_reason(
        self, original: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "all.csv"
        document = printed(
            capsys, "store", "import-qdash", original, "--dry-run", "--details", str(file), "--json"
        )

        qubits = [left for left in document["left_out"] if left["collection"] == "qubit"]
        assert {"data.*", "fridge", ""} <= {left["field"] for left in qubits}
        assert {"data.hpi_length", "fridge", ""} <= {left["example"] for left in qubits}
        assert all(ObjectId.is_valid(left["id"]) and left["why"] for left in qubits)
        assert document["collections"]["qubit"]["left_out"] == sum(left["count"] for left in qubits)
        with file.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == sum(left["count"] for left in document["left_out"])
        assert {"data.hpi_length", "fridge", ""} <= {
            row["field"] for row in rows if row["collection"] == "qubit"
        }

    def test_a_repeated_import_adds_nothing(self, original: str, capsys: pytest.CaptureFixture[str]) -> None:
        printed(capsys, "store", "import-qdash", original, "--json")

        again = printed(capsys, "store", "import-qdash", original, "--json")

        assert {tally["imported"] for tally in again["collections"].values()} == {0}

    def test_the_tables_list_collections_omissions_and_users(
        self, original: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["store", "import-qdash", original, "--project", "The laboratory", "--backend", "fake"]
        assert run(arguments) == 0

        shown = capsys.readouterr().out
        assert "no run of QDash holds these locks" in shown
        assert "hpi_length in GHz cannot be converted to ns" in shown
        assert "--details FILE lists all" in shown
        assert "qdash user link alice" in shown


class TestRefused:
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("QDASH_HOME", str(tmp_path))
        monkeypatch.delenv("QDASH_STORE_URL", raising=False)

    def refusal(self, url: str, capsys: pytest.CaptureFixture[str]) -> str:
        capsys.readouterr()
        assert run(["store", "import-qdash", url]) != 0
        [line] = capsys.readouterr().err.splitlines()
        return line

    def test_a_store_of_this_qdash(
        self, new_mongo_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setenv("QDASH_STORE_URL", new_mongo_url)
            assert run(["init"]) == 0

        assert "use qdash store migrate" in self.refusal(new_mongo_url, capsys)

    def test_a_database_with_nothing_in_it(
        self, new_mongo_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "the database contains no documents of the original system" in self.refusal(
            new_mongo_url, capsys
        )

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("mongodb://127.0.0.1:9", "names no database"),
            ("mongodb://ann:se/cret@127.0.0.1:9/lab", "percent-encoded"),
            ("mongodb://ann:secret@127.0.0.1:9/lab?serverSelectionTimeoutMS=50", "127.0.0.1:9/lab"),
        ],
    )
    def test_a_url_that_leads_nowhere(self, url: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.refusal(url, capsys)

        assert said in line
        assert "secret" not in line
        assert "se/cret" not in line
