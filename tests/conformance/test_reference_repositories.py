"""Repositories and schedulers of the original that need no store: they use the store of the current settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash.repository import MongoChipRepository, MongoUserRepository
from qdash.repository.inmemory import InMemoryChipRepository
from qdash.repository.settings_store import get_current_store
from qdash.workflow.engine import OneQubitScheduler
from qdash_core.repositories.memory import MemoryStore
from qdash_core.runtime.application import open_qdash

from ..core.chips.samples import make_chip

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_they_find_what_others_wrote_to_the_same_store(empty_home: Path) -> None:
    with open_qdash() as qdash:
        make_chip(qdash.store, "A")
    found = MongoChipRepository().get_current_chip(project_id="default")
    assert found is not None
    assert found.chip_id == "A"
    assert MongoUserRepository().require("admin").username == "admin"
    assert (empty_home / "qdash.db").is_file()


def test_other_settings_are_another_store(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_chip(get_current_store(), "A")
    assert get_current_store() is get_current_store()
    monkeypatch.setenv("QDASH_STORE_URL", f"sqlite:///{tmp_path}/other.db")
    assert MongoChipRepository().get_current_chip(project_id="default") is None


def test_a_store_that_is_handed_over_is_used() -> None:
    store = MemoryStore.open("memory://")
    make_chip(store, "A")
    assert MongoChipRepository(store).find("default", "A") is not None


def test_a_scheduler_finds_its_chip_in_the_store_of_the_settings(empty_home: Path) -> None:
    with open_qdash() as qdash:
        make_chip(qdash.store, "A")
    assert OneQubitScheduler("admin", "A").generate().groups == (("0",), ("1",))


def test_a_scheduler_takes_the_repository_that_it_is_given_and_has_the_strategies_of_plugins() -> None:
    store = MemoryStore.open("memory://")
    make_chip(store, "A")
    scheduler = OneQubitScheduler("admin", "A", chip_repo=InMemoryChipRepository(store))
    assert scheduler.generate(strategy="synchronized").groups == (("0",), ("1",))
    assert "checkerboard" in scheduler.strategies
