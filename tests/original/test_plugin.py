"""The importer as a plugin: its contributions, and QDash without it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import qdash_original.documents
from qdash_cli.main import run
from qdash_core.errors import StoreError
from qdash_original.documents import ImportedCollectionDocument, OmissionKindDocument, OriginalImportDocument
from qdash_original.source import read_documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.documents.base import Document


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Function that runs a command and returns its status and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "110")

    def run_command(*arguments: str) -> tuple[int, str, str]:
        status = run([*arguments])
        return status, *capsys.readouterr()

    return run_command


def test_the_plugin_adds_a_command_to_the_group_store(command: Callable[..., tuple[int, str, str]]) -> None:
    plugins = {one["name"]: one for one in json.loads(command("plugins", "list", "--json")[1])}

    assert plugins["original"]["distribution"] == "qdash-original"
    assert plugins["original"]["provides"] == {"qdash_cli": ["store import-qdash"]}
    assert "import-qdash  Import a database" in command("store", "--help")[1]


def test_without_the_plugin_the_other_commands_of_the_group_exist(tmp_path: Path) -> None:
    """In a process in which the group has never had the command."""
    refused = ["store", "import-qdash", "mongodb://host/name"]
    code = f"from qdash_cli.main import run; print(run(['store', '--help']), run({refused}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"QDASH_HOME": str(tmp_path), "QDASH_BLOCK_PLUGINS": "original", "PATH": "", "COLUMNS": "110"},
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert "migrate" in done.stdout
    assert "import-qdash" not in done.stdout
    assert done.stdout.endswith("0 2\n")
    assert "No such command 'import-qdash'" in done.stderr


def test_a_missing_mongodb_plugin_is_reported(
    command: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "mongo")
    status, _, said = command("store", "import-qdash", "mongodb://host/name")

    assert status == 2
    assert "there is no store for URLs of the scheme 'mongodb'" in said


def test_only_mongodb_urls_are_accepted() -> None:
    with pytest.raises(StoreError, match="mongodb://host/name"):
        read_documents("sqlite:///x.db", "chip")


def test_the_missing_distribution_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdash_mongo.read_only_access", None)

    with pytest.raises(
        StoreError, match=r"`pip install --find-links RELEASE 'qdash-original\[mongo\]'` \("
    ) as refused:
        next(iter(read_documents("mongodb://ann:secret@host/name", "chip")))
    assert "secret" not in str(refused.value)


def examples(kind: type[Document]) -> list[Any]:
    extra = kind.__dict__["model_config"].get("json_schema_extra")
    assert isinstance(extra, dict)
    found = extra["examples"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("kind", [ImportedCollectionDocument, OriginalImportDocument, OmissionKindDocument])
def test_the_example_of_each_view_model_is_valid(kind: type[Document]) -> None:
    assert examples(kind)
    for example in examples(kind):
        shown = kind.model_validate_json(json.dumps(example)).as_json()
        assert json.dumps(shown) == json.dumps(example), "in the same order, too"


def test_every_view_model_has_an_example() -> None:
    own = {
        one.__name__
        for one in vars(qdash_original.documents).values()
        if isinstance(one, type) and one.__module__ == "qdash_original.documents"
    }
    assert own == {"ImportedCollectionDocument", "OmissionKindDocument", "OriginalImportDocument"}
