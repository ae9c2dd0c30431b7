"""Collections of a feature of a plugin: stored, queried, owned, and kept when the plugin is uninstalled."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from qdash_builtin.chips.deletion import delete_chip, describe_deletion
from qdash_builtin.home.absent_features import check_features
from qdash_builtin.home.pruning.references import find_references
from qdash_builtin.people.deletion import count_contents
from qdash_core import InvalidInputError, StoreError, load_plugins
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Has, Words

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Store

    from .conftest import Install

SAMPLES = """
from qdash_core import Collection, Feature, UtcDatetime
from qdash_core.models.base import Record
from qdash_core.repositories.keyed_repository import KeyedRepository

SAMPLE = Collection(
    "sample",
    ("project_id", "sample_id"),
    indexes=(("project_id", "chip_id", "-mounted_at"),),
    lists=("materials",),
    list_indexes=(("project_id", "materials", "-mounted_at"),),
    model=f"{__name__}:SampleModel",
    noun="sample",
    plural="samples",
    with_chip="OWNERSHIP",
    contents="samples",
    references="use",
)
FEATURE = Feature("samples", collections=(f"{__name__}:SAMPLE",))


class SampleModel(Record):
    project_id: str
    sample_id: str
    chip_id: str
    mounted_at: UtcDatetime
    materials: tuple[str, ...] = ()
    result: str = ""


class SampleRepository(KeyedRepository[SampleModel]):
    collection, model, noun = "sample", SampleModel, "sample"

    def list_by_chip(self, project_id, chip_id):
        return self.select({"project_id": project_id, "chip_id": chip_id}, order=("-mounted_at",))
"""
OTHER_SAMPLES = """
from qdash_core import Collection, Feature

SAMPLE = Collection("sample", ("number",))
FEATURE = Feature("other-samples", collections=(f"{__name__}:SAMPLE",))
"""
RESULT = "0b9bd1c2-3a55-4d0c-9d5e-0e6f6f8f8a11"
NOW = utc_now()


@dataclass
class Plugin:
    """Plugin with the collection, in a folder on the path."""

    install: Install
    folder: Path
    url: str

    def add(self, ownership: str = "removed", source: str = SAMPLES) -> None:
        self.module = self.install(
            "samples", source.replace("OWNERSHIP", ownership), entry="{module}:FEATURE"
        )

    def remove(self) -> None:
        """Uninstall it."""
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        del sys.modules[self.module]

    def open(self) -> Store:
        """Open the store, as each command does."""
        return load_plugins().store_class(urlsplit(self.url).scheme).open(self.url)

    def repository(self, scope: Any) -> Any:
        return Repositories(scope).of(import_module(self.module).SampleRepository)

    def put(self, store: Store, sample_id: str, chip_id: str, **more: Any) -> None:
        model = import_module(self.module).SampleModel
        self.repository(store).put(
            model(project_id="default", sample_id=sample_id, chip_id=chip_id, mounted_at=NOW, **more)
        )


@pytest.fixture
def plugin(install: Install, tmp_path: Path, store_url: str) -> Plugin:
    return Plugin(install, tmp_path / "site-packages", store_url)


@pytest.mark.every_store
def test_records_are_found_by_the_indexes_of_their_collection(plugin: Plugin) -> None:
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q", materials=["niobium", "sapphire"])
    plugin.put(store, "b", "16Q", materials=["niobium"])
    repository = plugin.repository(store)
    assert [one.sample_id for one in repository.list_by_chip("default", "64Q")] == ["a"]
    with store.read() as snapshot:
        niobium = snapshot.find("sample", {"project_id": "default", "materials": Has("niobium")})
        assert {one["sample_id"] for one in niobium} == {"a", "b"}
        with pytest.raises(InvalidInputError, match="cannot be asked for result"):
            snapshot.count("sample", {"result": ""})
    store.close()


@pytest.mark.every_store
def test_records_belong_to_chip_and_project_and_keep_results_as_declared(plugin: Plugin) -> None:
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q", result=RESULT)
    plugin.put(store, "b", "16Q")
    with store.transaction() as transaction:
        impact = describe_deletion(transaction, Repositories(transaction), "default", "64Q")
        assert str(impact) == "removed: 1 sample; kept as history: nothing"
        assert count_contents(transaction, "default") == {"samples": 2}
        assert find_references(transaction, "default").results >= {RESULT}
        delete_chip(transaction, "default", "64Q", now=NOW)
    assert [one.sample_id for one in plugin.repository(store).list_by_project("default")] == ["b"]
    store.close()


def test_records_of_a_deleted_chip_are_kept_if_their_collection_says_so(plugin: Plugin) -> None:
    plugin.add("kept")
    store = plugin.open()
    plugin.put(store, "a", "64Q")
    with store.transaction() as transaction:
        impact = describe_deletion(transaction, Repositories(transaction), "default", "64Q")
        assert str(impact) == "removed: nothing; kept as history: 1 sample"
        delete_chip(transaction, "default", "64Q", now=NOW)
    assert plugin.repository(store).find("default", "a") is not None
    store.close()


@pytest.mark.every_store
def test_records_stay_and_keep_their_ownership_while_the_plugin_is_uninstalled(plugin: Plugin) -> None:
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q", materials=["niobium"])
    plugin.put(store, "b", "16Q")
    assert check_features(store, ()).status == "ok"
    store.close()
    plugin.remove()

    store = plugin.open()
    found = check_features(store, ())
    assert (found.status, found.detail) == (
        "warning",
        "the feature 'samples' is not installed, its records are kept: 2 samples",
    )
    with store.transaction() as transaction:
        assert transaction.count("sample", {"materials": Has("niobium")}) == 1
        delete_chip(transaction, "default", "64Q", now=NOW)
    store.close()

    plugin.add("kept")
    store = plugin.open()
    assert [one.sample_id for one in plugin.repository(store).list_by_project("default")] == ["b"]
    store.close()


@pytest.mark.every_store
def test_the_plugin_of_another_feature_cannot_take_the_records_over(plugin: Plugin) -> None:
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q")
    store.close()
    plugin.remove()
    plugin.add(source=OTHER_SAMPLES)
    with pytest.raises(
        StoreError, match="it holds records of the feature 'samples' in the collection 'sample'"
    ):
        plugin.open()


@pytest.mark.every_store
def test_a_new_declaration_of_the_feature_applies_to_the_records_at_the_next_opening(plugin: Plugin) -> None:
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q", materials=["niobium"], result="first light")
    store.close()
    plugin.remove()
    plugin.add(
        source=SAMPLES.replace("lists=(", 'text="result", text_order=("project_id",), lists=(').replace(
            '("project_id", "sample_id")', '("project_id", "chip_id", "sample_id")'
        )
    )
    store = plugin.open()
    with store.read() as snapshot:
        assert snapshot.get("sample", ("default", "64Q", "a")) is not None
        assert snapshot.count("sample", {"result": Words("light")}) == 1
        assert snapshot.count("sample", {"materials": Has("niobium")}) == 1
    store.close()


def test_a_new_declaration_that_the_records_do_not_fit_changes_nothing(
    plugin: Plugin, tmp_path: Path
) -> None:
    plugin.url = f"sqlite:///{tmp_path}/qdash.db"
    plugin.add()
    store = plugin.open()
    plugin.put(store, "a", "64Q")
    store.close()
    plugin.remove()
    plugin.add(source=SAMPLES.replace('("project_id", "sample_id")', '("project_id", "number")'))
    with pytest.raises(
        StoreError,
        match="the records of the collection 'sample' do not fit what its feature 'samples' declares now",
    ):
        plugin.open()
    plugin.remove()
    plugin.add()
    store = plugin.open()
    assert plugin.repository(store).find("default", "a") is not None
    store.close()
