"""Cryostats: their fields, and their removal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError

from ...access import ADMIN, access_of

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.model import CryostatModel
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P = "default"


@pytest.fixture
def cryostats(prepared_store: Store, clock: Clock) -> EntityService[CryostatModel]:
    return EntityService(prepared_store, CRYOSTAT, clock=clock)


@pytest.fixture
def cooldowns(prepared_store: Store, clock: Clock) -> CooldownService:
    return CooldownService(prepared_store, clock=clock)


@pytest.mark.every_store
def test_a_cryostat_is_registered_changed_and_listed(
    cryostats: EntityService[CryostatModel], clock: Clock
) -> None:
    made = cryostats.create(ADMIN, "K-101", name="Kelvin", commissioned_at=clock.now - timedelta(days=900))
    clock.forward(days=1)
    cryostats.create(ADMIN, "A-1")
    changed = cryostats.edit(ADMIN, "K-101", location="room 3")
    assert changed == cryostats.show(ADMIN, "K-101")
    assert (changed.name, changed.location, changed.commissioned_at) == (
        "Kelvin",
        "room 3",
        made.commissioned_at,
    )
    assert changed.updated_at == clock.now > made.updated_at
    assert [cryostat.cryo_id for cryostat in cryostats.list_by_project(ADMIN)] == ["A-1", "K-101"]
    assert not cryostats.list_by_project(access_of("admin", "other"))


def test_ids_are_unique_in_a_project_and_fit_a_url(cryostats: EntityService[CryostatModel]) -> None:
    cryostats.create(ADMIN, "K")
    cryostats.create(access_of("admin", "other"), "K")
    with pytest.raises(ConflictError, match="cryostat K exists already in project default"):
        cryostats.create(ADMIN, "K")
    with pytest.raises(InvalidInputError, match="cryostat id 'a/b'"):
        cryostats.create(ADMIN, "a/b")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"status": "cold"}, "status cannot be 'cold'"),
        ({"colour": "red"}, "colour cannot be changed; commissioned_at, "),
        ({"commissioned_at": datetime(2026, 1, 1)}, "commissioned_at cannot be .*time zone"),  # noqa: DTZ001
        ({"status": "active", "decommissioned_at": "2026-01-01T00:00:00Z"}, "only a decommissioned one"),
        (
            {
                "status": "decommissioned",
                "commissioned_at": "2026-02-01T00:00:00Z",
                "decommissioned_at": "2026-01-01T00:00:00Z",
            },
            "not after its beginning",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    cryostats: EntityService[CryostatModel], fields: dict[str, Any], message: str
) -> None:
    before = cryostats.create(ADMIN, "K")
    with pytest.raises(InvalidInputError, match=message):
        cryostats.edit(ADMIN, "K", **fields)
    with pytest.raises(InvalidInputError, match=message):
        cryostats.create(ADMIN, "L", **fields)
    assert cryostats.list_by_project(ADMIN) == [before]


def test_an_unknown_cryostat_is_named_with_those_there_are(cryostats: EntityService[CryostatModel]) -> None:
    cryostats.create(ADMIN, "K")
    for ask in (cryostats.show, cryostats.edit, cryostats.delete):
        with pytest.raises(NotFoundError, match=r"no cryostat 'L' in project default \(known: K\)"):
            ask(ADMIN, "L")


def test_a_cryostat_in_use_is_not_decommissioned(
    cryostats: EntityService[CryostatModel], cooldowns: CooldownService, clock: Clock
) -> None:
    cryostats.create(ADMIN, "K")
    cooldowns.create(ADMIN, "1", "K")
    with pytest.raises(ConflictError, match="cool-down 1 of cryostat K goes on"):
        cryostats.edit(ADMIN, "K", status="decommissioned")
    assert cryostats.edit(ADMIN, "K", status="maintenance").status == "maintenance"
    clock.forward(days=1)
    cooldowns.end(ADMIN, "1")
    gone = cryostats.edit(ADMIN, "K", status="decommissioned")
    assert gone.decommissioned_at == clock.now
    assert cryostats.edit(ADMIN, "K", status="active").decommissioned_at is None


def test_only_a_cryostat_without_cooldowns_is_removed(
    cryostats: EntityService[CryostatModel], cooldowns: CooldownService
) -> None:
    cryostats.create(ADMIN, "K")
    cooldowns.create(ADMIN, "1", "K")
    with pytest.raises(ConflictError, match=r"cool-downs on record \(1\): decommission it"):
        cryostats.delete(ADMIN, "K")
    cooldowns.delete(ADMIN, "1")
    cryostats.delete(ADMIN, "K")
    assert not cryostats.list_by_project(ADMIN)


def test_a_note_is_lost_with_its_cryostat_only_when_it_must(
    prepared_store: Store, cryostats: EntityService[CryostatModel]
) -> None:
    cryostats.create(ADMIN, "K")
    NoteService(prepared_store).edit(access_of("ann"), NotePlace(NoteScope.CRYOSTAT, "K"), "trap cleaned")
    with pytest.raises(ConflictError, match="the note on cryostat K would be lost: give --force"):
        cryostats.delete(ADMIN, "K")
    assert cryostats.delete(ADMIN, "K", force=True).note.content == "trap cleaned"
    assert not cryostats.list_by_project(ADMIN)
