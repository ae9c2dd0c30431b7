"""Time zone of days and displayed times: that of the machine that created the home, unless a setting
overrides it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_core import load_plugins
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.process.timezones import get_local_zone
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.runtime.application import QDash


@pytest.fixture(autouse=True)
def somewhere_else(no_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")


def open_home(folder: Path, url: str, **settings: str) -> QDash:
    return open_qdash(
        load_settings(home=folder / "home", store_url=url, **settings), load_plugins(blocked=())
    )


@pytest.mark.every_store
def test_it_is_that_of_the_machine_that_made_the_home_wherever_that_is_read(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_home(tmp_path, store_url) as here:
        assert here.zone == ZoneInfo("America/New_York")
        monkeypatch.setenv("TZ", "Australia/Sydney")
        with open_home(tmp_path, store_url) as there:
            assert there.zone == ZoneInfo("America/New_York")


def test_a_setting_says_another_and_changes_nothing_that_is_kept(tmp_path: Path, store_url: str) -> None:
    with open_home(tmp_path, store_url, timezone="Europe/Berlin") as qdash:
        assert qdash.zone == ZoneInfo("Europe/Berlin")
        with open_home(tmp_path, store_url) as unset:
            assert unset.zone == ZoneInfo("America/New_York")


def test_a_home_from_before_it_had_a_zone_counts_days_as_it_did(tmp_path: Path, store_url: str) -> None:
    with open_home(tmp_path, store_url) as qdash:
        with qdash.store.transaction() as transaction:
            default = Repositories(transaction).of(ProjectRepository).find(DEFAULT_PROJECT)
            assert default is not None
            transaction.put("project", default.model_copy(update={"time_zone": None}).to_document())
        with open_home(tmp_path, store_url) as later:
            assert later.zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("said", ["nowhere/at-all", "JST-9"])
def test_a_machine_that_names_no_known_zone_has_one_all_the_same(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", said)
    assert ZoneInfo(get_local_zone())
