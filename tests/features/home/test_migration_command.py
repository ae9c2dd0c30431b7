"""`qdash store migrate` for people and scripts."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from qdash_cli.main import run
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_sqlite.store import SQLiteStore

from ...case_tables import keep_quick

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_settings")

KILLED = """
import os, signal, sys
from qdash_builtin.home.migration.transfer import Migration
from qdash_sqlite.store import SQLiteStore

def kill(stage, done, total):
    if done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

Migration(SQLiteStore.open(sys.argv[1]), SQLiteStore.open(sys.argv[2]), kill).run()
"""
FEW, MANY = 3, 2_500
"""Numbers of results: fewer than a batch has, and those of three batches."""


@pytest.fixture
def urls(tmp_path: Path) -> tuple[str, str]:
    return make_source(tmp_path, FEW)


def make_source(folder: Path, results: int) -> tuple[str, str]:
    """Return the URLs of a store with results, and of one that is not there yet."""
    source, target = f"sqlite:///{folder}/from.db", f"sqlite:///{folder}/to.db"
    store = SQLiteStore.open(source)
    with store.transaction() as transaction:
        transaction.put("project", {"project_id": "p", "owner_username": "ann", "name": "p"})
        for number in range(results):
            transaction.put("task_result_history", {"project_id": "p", "task_id": f"{number:05}", "r2": 0.5})
        transaction.append("event", {"project_id": "p"})
    store.close()
    return source, target


def migrate(urls: tuple[str, str], capsys: pytest.CaptureFixture[str], *, status: int = 0) -> Any:
    capsys.readouterr()
    assert run(["store", "migrate", *urls, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def get_refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["store", "migrate", *arguments]) == 2
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_the_document_says_what_became_of_every_collection(
    urls: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    document = migrate(urls, capsys)

    assert (document["from"], document["to"]) == urls
    assert document["collections"].keys() == COLLECTIONS.keys()
    results = document["collections"]["task_result_history"]
    assert (results["copied"], results["already_there"], results["verified"]) == (FEW, 0, True)
    assert len(results["checksum"]) == 64


def test_the_table_says_how_to_use_the_new_store(
    urls: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["store", "migrate", *urls]) == 0

    printed = capsys.readouterr().out
    assert "task_result_history" in printed
    assert f"QDASH_STORE_URL={urls[1]}" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [1, 1_300, 3_000, 5_000],
    ids="after {} documents".format,
)
def test_a_killed_migration_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str], place: int) -> None:
    urls = make_source(tmp_path, MANY)
    killed = subprocess.run([sys.executable, "-c", KILLED, *urls, str(place)], check=False)
    assert killed.returncode == -signal.SIGKILL

    results = migrate(urls, capsys)["collections"]["task_result_history"]

    assert results["copied"] + results["already_there"] == MANY
    assert results["already_there"] in {1: {0}, 1_300: {1_000}, 3_000: {MANY}, 5_000: {MANY}}[place]
    assert results["verified"]


def test_an_interrupted_migration_says_how_to_go_on(
    urls: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_progress: object, stage: str, done: int, _total: int) -> None:
        if stage == "copying event":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("qdash_cli.rendering.progress.ProgressBar.__call__", interrupt)
        assert run(["store", "migrate", *urls]) == 130
    said = f"interrupted: {FEW + 1} documents copied; run the same command again to continue"
    assert said in capsys.readouterr().err

    assert migrate(urls, capsys)["collections"]["event"]["copied"] == 1


class TestRefused:
    def test_one_store_twice(
        self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "link.db").symlink_to(tmp_path / "from.db")

        assert "are the same store" in get_refusal([urls[0], f"sqlite:///{tmp_path}/x/../link.db"], capsys)

    def test_a_source_that_is_not_there(
        self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        line = get_refusal([f"sqlite:///{tmp_path}/typo.db", urls[1]], capsys)

        assert f"there is no store sqlite:///{tmp_path}/typo.db" in line
        assert {path.name for path in tmp_path.glob("*.db")} == {"from.db"}

    def test_a_store_of_a_newer_version(
        self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        with sqlite3.connect(tmp_path / "from.db") as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.close()

        assert "newer QDash" in get_refusal([*urls], capsys)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("nowhere.db", "is not the URL of a store"),
            ("wrong://place", "'wrong'"),
            ("mongodb://[::1/x", "is not a URL"),
        ],
    )
    def test_what_is_no_store(
        self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str], wrong: str, said: str
    ) -> None:
        assert said in get_refusal([urls[0], wrong], capsys)
        assert said in get_refusal([wrong, urls[1]], capsys)

    def test_a_target_that_does_not_last(
        self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "memory://x keeps nothing beyond this command" in get_refusal([urls[0], "memory://x"], capsys)

    def test_a_password_is_not_shown(self, urls: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        line = get_refusal(["sqlite://ann:secret@host/x", urls[1]], capsys)

        assert "secret" not in line


def test_stores_that_differ_in_the_end_are_a_failure(
    urls: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(("late", "later"))

    def write(_progress: object, stage: str, done: int, _total: int) -> None:
        if stage == "verifying project":
            with closing(SQLiteStore.open(urls[0])) as source, source.transaction() as transaction:
                transaction.put("tag", {"project_id": "p", "name": next(names)})

    monkeypatch.setattr("qdash_cli.rendering.progress.ProgressBar.__call__", write)

    document = migrate(urls, capsys, status=1)

    assert not document["collections"]["tag"]["verified"]
    assert run(["store", "migrate", *urls]) == 1
    said = capsys.readouterr()
    assert "tag differ: another process wrote to a store" in said.err
    assert "use the new store" not in said.out


@pytest.mark.parametrize("used", keep_quick([0, 1], 0))
def test_a_store_that_another_process_has_open_is_refused_at_the_start(
    urls: tuple[str, str], capsys: pytest.CaptureFixture[str], used: int
) -> None:
    SQLiteStore.open(urls[1]).close()
    with closing(SQLiteStore.open(urls[used])):
        assert run(["store", "migrate", *urls]) == 1
    said = capsys.readouterr()
    assert f"{urls[used]} is in use by process {os.getpid()}" in said.err
    assert said.out == ""
