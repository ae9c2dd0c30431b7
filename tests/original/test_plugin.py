"""The importer as a plugin: its contributions, and QDash without it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import qdash_original.documents
from qdash_core.errors import StoreError
from qdash_original.documents import ImportedCollectionDocument, OmissionKindDocument, OriginalImportDocument
from qdash_original.source import read_documents

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.documents.base import Document

QDASH = "import sys; from qdash_core.cli.main import main; main(sys.argv[1:])"


def qdash(folder: Path, *arguments: str, blocked: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"QDASH_HOME": str(folder), "QDASH_BLOCK_PLUGINS": blocked, "PATH": "", "COLUMNS": "110"}
    return subprocess.run(
        [sys.executable, "-c", QDASH, *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_plugin_adds_a_command_to_the_group_store(tmp_path: Path) -> None:
    plugins = {one["name"]: one for one in json.loads(qdash(tmp_path, "plugins", "list", "--json").stdout)}

    assert plugins["original"]["distribution"] == "qdash-original"
    assert plugins["original"]["provides"] == {"qdash_cli": ["store import-qdash"]}
    assert "import-qdash  Import a database" in qdash(tmp_path, "store", "--help").stdout


def test_without_the_plugin_the_other_commands_of_the_group_exist(tmp_path: Path) -> None:
    helped = qdash(tmp_path, "store", "--help", blocked="original")
    refused = qdash(tmp_path, "store", "import-qdash", "mongodb://host/name", blocked="original")

    assert (helped.returncode, "migrate" in helped.stdout) == (0, True)
    assert "import-qdash" not in helped.stdout
    assert refused.returncode == 2
    assert "No such command 'import-qdash'" in refused.stderr


def test_a_missing_mongodb_plugin_is_reported(tmp_path: Path) -> None:
    refused = qdash(tmp_path, "store", "import-qdash", "mongodb://host/name", blocked="mongo")

    assert refused.returncode == 2
    assert "there is no store for URLs of the scheme 'mongodb'" in refused.stderr


def test_only_mongodb_urls_are_accepted() -> None:
    with pytest.raises(StoreError, match="mongodb://host/name"):
        read_documents("sqlite:///x.db", "chip")


def test_the_missing_distribution_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdash_mongo.read_only_access", None)

    with pytest.raises(StoreError, match=r"pip install 'qdash-original\[mongo\]'$") as refused:
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
