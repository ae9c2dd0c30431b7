"""Versions with two hosts on one store, one with a fast clock: every write increases the version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.chips.targets import TargetService
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_core.chips.record import ChipRecord
from qdash_core.errors import StaleError
from qdash_core.models.base import make_later_time
from qdash_core.models.chip import ParameterModel, TargetStatus, WiringModel
from qdash_core.repositories.chips import ChipRepository, QubitCalibrationRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ..chips.samples import make_chip

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.base import NotedRecord
    from qdash_core.repositories.store import Store

P = "default"
NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
BEHIND = NOON - timedelta(seconds=5)
ZONE = ZoneInfo("UTC")


class Host:
    """The services of one host, with its clock."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.chips = ChipService(store, ZONE, is_live=lambda lock: False, clock=lambda: now)
        self.targets = TargetService(store, ZONE, clock=lambda: now)
        self.cryostats = EntityService(store, CRYOSTAT, clock=lambda: now)
        self.cooldowns = CooldownService(store, clock=lambda: now)
        self.notes = NoteService(store, clock=lambda: now)
        self.metric_notes = MetricNoteService(store, clock=lambda: now)
        self.records = ChipRecord(store, ZONE, clock=lambda: now)
        self.repositories = Repositories(store)


def note(scope: NoteScope, target: str, chip_id: str = "") -> Callable[[Host], object]:
    return lambda host: host.notes.edit(ADMIN, NotePlace(scope, target, chip_id), "seen")


def reload(host: Host) -> None:
    host.cooldowns.assign(ADMIN, "1", "A")
    host.cooldowns.unassign(ADMIN, "1", "A")


def decide(host: Host) -> None:
    host.targets.set_aside(ADMIN, "A", "0", TargetStatus.EXCLUDED, "open line")
    host.targets.take_back(ADMIN, "A", "0", "soldered")


def calibrate(host: Host) -> None:
    host.repositories.of(QubitCalibrationRepository).update_calib_data(
        P, "A", "0", {"t1": ParameterModel(value=30.0)}
    )


THINGS: dict[str, tuple[Callable[[Host], NotedRecord], list[Callable[[Host], object]]]] = {
    "chip": (
        lambda host: host.repositories.of(ChipRepository).require(P, "A"),
        [
            lambda host: host.chips.edit(ADMIN, "A", topology_id="linear-2"),
            lambda host: host.chips.edit(ADMIN, "A", note="new"),
            lambda host: host.chips.set_wiring(ADMIN, "A", WiringModel(lines=[])),
            lambda host: host.chips.set_design(ADMIN, "A", {"0": {"qubit_frequency": 5.1}}),
            note(NoteScope.CHIP, "A"),
            reload,
        ],
    ),
    "qubit": (
        lambda host: host.repositories.of(QubitCalibrationRepository).require(P, "A", "0"),
        [
            lambda host: host.chips.set_design(ADMIN, "A", {"0": {"qubit_frequency": 5.1}}),
            note(NoteScope.QUBIT, "0", "A"),
            decide,
            calibrate,
        ],
    ),
    "cryostat": (
        lambda host: host.cryostats.show(ADMIN, "K"),
        [lambda host: host.cryostats.edit(ADMIN, "K", name="north"), note(NoteScope.CRYOSTAT, "K")],
    ),
    "cool-down": (
        lambda host: host.cooldowns.show(ADMIN, "1"),
        [
            lambda host: host.cooldowns.edit(ADMIN, "1", description="new package"),
            note(NoteScope.COOLDOWN, "1"),
            reload,
        ],
    ),
}
"""Versioned objects, with all operations that change them."""


@pytest.fixture
def hosts() -> tuple[Host, Host]:
    """The host with the fast clock, and the other one."""
    store = MemoryStore.open("memory://")
    make_chip(store, "A")
    ahead, behind = Host(store, NOON), Host(store, BEHIND)
    behind.cryostats.create(ADMIN, "K")
    behind.cooldowns.create(ADMIN, "1", "K", started_at=BEHIND)
    return ahead, behind


@pytest.mark.parametrize("thing", THINGS)
def test_what_was_changed_by_either_host_has_another_version(hosts: tuple[Host, Host], thing: str) -> None:
    read, writes = THINGS[thing]
    for host, write in product((*hosts, *hosts), writes):
        known = read(host).changed_at
        write(host)
        assert read(host).changed_at > known


def test_who_has_not_seen_a_change_by_the_other_host_does_not_write_over_it(hosts: tuple[Host, Host]) -> None:
    ahead, behind = hosts
    note(NoteScope.CHIP, "A")(ahead)
    seen = ahead.chips.get_header(ADMIN, "A").changed_at
    behind.chips.set_wiring(ADMIN, "A", WiringModel(lines=[]))
    with pytest.raises(StaleError, match="chip A was changed since it was read"):
        ahead.chips.set_wiring(ADMIN, "A", None, as_of=seen)


def test_a_note_on_a_metric_is_another_version(hosts: tuple[Host, Host]) -> None:
    """A note of a cool-down also replaces an inherited one."""
    calibrate(hosts[0])

    def shown(host: Host, cooldown_id: str | None) -> datetime:
        found = host.metric_notes.show(ADMIN, "A", "qubit", "0", "t1", cooldown_id=cooldown_id)
        return found.note.changed_at

    for host, scope in product(hosts, (None, "1", None)):
        known = shown(host, scope)
        host.metric_notes.edit(ADMIN, "A", "qubit", "0", "t1", "short", cooldown_id=scope)
        assert shown(host, scope) > known


@pytest.mark.parametrize(("before", "now", "then"), [(BEHIND, NOON, 0), (NOON, NOON, 1), (NOON, BEHIND, 1)])
def test_a_change_comes_after_the_one_before(before: datetime, now: datetime, then: int) -> None:
    assert make_later_time(before, now) == NOON + timedelta(microseconds=then)
