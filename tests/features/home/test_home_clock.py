"""Clock of a home: its creation, its order with records, and the advice about a damaged or lost one."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.home.doctor import verify_data
from qdash_builtin.home.fresh_home import is_fresh_home
from qdash_core import InvalidInputError, StoreError
from qdash_core.process.clock import CLOCK_FILE, close_clock, open_clock
from qdash_core.repositories.chips import ChipRepository
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from ...access import ADMIN
from ...core.bench import LINE, make_backend, make_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.models.health_findings import HealthFinding
    from qdash_core.runtime.application import QDash

pytestmark = pytest.mark.usefixtures("no_settings")

START = datetime(2026, 1, 5, 17, tzinfo=UTC)
DAY = timedelta(days=1)


class Home:
    """A home on SQLite in the time zone of Berlin."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / CLOCK_FILE
        self._registry = make_registry([], [make_backend(simulated=True)], url="sqlite:///")
        self._settings = Settings(
            home=folder,
            store_url=f"sqlite:///{folder}/qdash.db",
            artifacts_url=(folder / "artifacts").as_uri(),
            timezone="Europe/Berlin",
        )

    def open(self, simulated_clock: datetime | None = None) -> QDash:
        return open_qdash(self._settings, self._registry, simulated_clock=simulated_clock)

    def create(self, start: datetime = START) -> None:
        self.open(start).close()

    def read(self) -> datetime:
        with self.open() as qdash:
            return qdash.clock.now()

    def check(self) -> HealthFinding:
        found = verify_data(self._settings, self._registry, lambda *_: None)
        return next(one for one in found if one.name == "clock")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home that does not exist yet."""
    yield Home(tmp_path / "home")
    close_clock(open_clock(tmp_path / "ordinary"))


def test_an_impossible_time_is_refused_before_anything_is_created(home: Home) -> None:
    with pytest.raises(InvalidInputError, match="the years 1970 to 9989"):
        home.create(START.replace(year=9990))
    assert not home.folder.exists()
    home.create()
    assert home.read() > START


def test_a_creation_that_was_interrupted_is_completed_with_its_clock(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("qdash_core.runtime.runtime.ensure_default_project", fail)
        with pytest.raises(StoreError, match="the disk is full"):
            home.create()
    with pytest.raises(
        InvalidInputError, match=r"interrupted, `qdash init` .* completes it; .* delete the file"
    ):
        home.create(START + DAY)
    assert START < home.read() < START + DAY
    with home.open() as qdash, qdash.store.read() as snapshot:
        assert is_fresh_home(snapshot)


@pytest.mark.parametrize("harm", ["damaged", "lost"])
def test_a_clock_is_not_set_before_what_was_recorded(home: Home, harm: str) -> None:
    home.create()
    with home.open() as qdash:
        qdash.clock.advance_to(START + DAY)
        qdash.get(CHIPS).create(ADMIN, "chip", LINE, backend="bench")
    if harm == "damaged":
        home.file.write_bytes(b"123")
    else:
        home.file.unlink()
    refused = r"has records until 2026-01-06 18:00:00\+01:00, so its clock cannot start at 2026-01-05 19:00:00\+01:00: give a time after"
    with pytest.raises(InvalidInputError, match=refused):
        home.create(START + timedelta(hours=1))
    with pytest.raises(StoreError, match=r"--simulated-clock TIME"):
        home.open()
    home.create(START + 2 * DAY)
    assert home.read() > START + 2 * DAY


def test_a_clock_that_is_behind_what_was_recorded_catches_up_when_the_home_is_opened(home: Home) -> None:
    """As after a power cut: the file is not synced at each reading, and stores are."""
    home.create()
    before = home.file.read_bytes()
    with home.open() as qdash:
        qdash.clock.advance_to(START + DAY)
        qdash.get(CHIPS).create(ADMIN, "chip", LINE, backend="bench")
    home.file.write_bytes(before)
    with home.open() as qdash:
        assert (
            START + DAY
            < qdash.repositories.of(ChipRepository).require("default", "chip").created_at
            < qdash.clock.now()
        )


def test_the_doctor_says_the_time_of_the_home_in_its_zone_and_what_to_do_about_its_clock(home: Home) -> None:
    home.create()
    assert home.check().detail == "Simulated time: 2026-01-05 18:00+01:00"
    home.file.write_bytes(b"123")
    damaged = home.check()
    home.file.unlink()
    lost = home.check()
    for found, what in ((damaged, "is damaged"), (lost, "If its clock is lost")):
        assert (found.status, found.advice) == ("failed", "")
        assert what in found.detail
        assert "qdash store restore BACKUP" in found.detail
        assert "qdash init --simulated-clock TIME" in found.detail


def test_the_doctor_finds_a_clock_that_no_process_can_advance(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.create()
    monkeypatch.setattr(os, "access", lambda path, _mode: path != home.file)
    found = home.check()
    assert found.status == "failed"
    assert f"is not writable, so nothing can be measured: chmod u+rw {home.file}" in found.detail
