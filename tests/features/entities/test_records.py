"""Records of an entity of a plugin: created, listed, edited and deleted under its rules."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.entities.rules import EntityRules
from qdash_builtin.entities.service import EntityService
from qdash_builtin.people.projects import ProjectService
from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PluginError,
    StaleError,
    StoreError,
)
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.used_names import TagRepository

from ...access import ADMIN, access_of
from ...helium_fills import FILLS, HeliumFill, HeliumRules, Purity, declare_fills

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

EDITOR, VIEWER = (access_of(role, role=ProjectRole(role)) for role in ("editor", "viewer"))
ELSEWHERE = access_of("admin", "elsewhere")


@pytest.fixture
def fills(prepared_store: Store, clock: Clock) -> EntityService[HeliumFill]:
    return EntityService(prepared_store, FILLS, clock=clock)


@pytest.mark.every_store
def test_a_record_is_created_listed_edited_and_deleted(
    fills: EntityService[HeliumFill], clock: Clock
) -> None:
    first = fills.create(EDITOR, litres=50, supplier="Cold Gases", filled_at=clock.now)
    clock.forward(minutes=1)
    second = fills.create(ADMIN, litres=0.1, purity="6.0", leaked=True)
    assert (first.username, second.username, first.project_id, first.entity) == (
        "editor",
        "admin",
        "default",
        "helium-fill",
    )
    assert (first.created_at, first.purity, second.purity) == (
        clock.now - timedelta(minutes=1),
        Purity.PURE,
        Purity.PURER,
    )
    assert fills.list_by_project(VIEWER) == [second, first]
    assert fills.show(VIEWER, first.record_id) == first

    changed = fills.edit(EDITOR, first.record_id, litres=40, filled_at=None)
    assert changed == fills.show(VIEWER, first.record_id)
    assert (changed.litres, changed.filled_at, changed.supplier) == (40, None, "Cold Gases")
    assert (changed.created_at, changed.updated_at) == (first.created_at, clock.now)

    assert fills.delete(EDITOR, first.record_id) == changed
    assert fills.list_by_project(VIEWER) == [second]


@pytest.mark.every_store
def test_long_lists_are_read_in_pages(fills: EntityService[HeliumFill], clock: Clock) -> None:
    for litres in (1, 2, 3, 4, 5):
        fills.create(ADMIN, litres=litres)
        clock.forward(minutes=litres % 2)  # some were created at the same time
    read: list[HeliumFill] = []
    page = fills.page(VIEWER, PageRequest(2))
    read += page.items
    while page.next:
        page = fills.page(VIEWER, PageRequest(2, page.next))
        read += page.items
    assert read == fills.list_by_project(VIEWER)
    assert {one.litres for one in read} == {1, 2, 3, 4, 5}


@pytest.mark.every_store
def test_records_of_other_projects_and_entities_are_apart(
    prepared_store: Store, fills: EntityService[HeliumFill]
) -> None:
    others = EntityService(prepared_store, declare_fills(name="nitrogen-fill", plural="nitrogen-fills"))
    fill = fills.create(ADMIN, litres=1)
    there, other = fills.create(ELSEWHERE, litres=2), others.create(ADMIN, litres=3)
    assert fills.list_by_project(ADMIN) == [fill]
    assert fills.list_by_project(ELSEWHERE) == [there]
    assert others.list_by_project(ADMIN) == [other]
    for record_id in (there.record_id, other.record_id):
        for ask in (fills.show, fills.edit, fills.delete):
            with pytest.raises(NotFoundError, match=f"no helium fill '{record_id}' in project default"):
                ask(ADMIN, record_id)


def test_an_unknown_record_is_refused_without_a_list_of_all(fills: EntityService[HeliumFill]) -> None:
    fills.create(ADMIN, litres=1)
    for ask in (fills.show, fills.edit, fills.delete):
        with pytest.raises(NotFoundError, match=r"no helium fill 'x' in project default$"):
            ask(ADMIN, "x")


def test_a_text_has_a_limit(fills: EntityService[HeliumFill]) -> None:
    with pytest.raises(InvalidInputError, match="supplier has 2001 characters; 2000 are possible"):
        fills.create(ADMIN, litres=1, supplier="x" * 2001)


def test_a_stale_deletion_is_refused(fills: EntityService[HeliumFill]) -> None:
    fill = fills.create(ADMIN, litres=1)
    fills.edit(ADMIN, fill.record_id, litres=2)
    with pytest.raises(StaleError):
        fills.delete(ADMIN, fill.record_id, as_of=fill.changed_at)


class Misplacing(EntityRules[HeliumFill]):
    """Rules that move a record to another project."""

    def apply(self, repositories: Repositories, record: HeliumFill, *_: Any, **__: Any) -> HeliumFill:
        return record.model_copy(update={"project_id": "other"})


class Failing(EntityRules[HeliumFill]):
    """Rules with a bug."""

    def apply(self, repositories: Repositories, record: HeliumFill, *_: Any, **__: Any) -> HeliumFill:
        raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (Misplacing(), "the rules of entity helium-fill returned another record"),
        (Failing(), "the rules of entity helium-fill raised ZeroDivisionError: by zero"),
    ],
)
def test_broken_rules_store_nothing(
    prepared_store: Store, fills: EntityService[HeliumFill], rules: EntityRules[HeliumFill], message: str
) -> None:
    with pytest.raises(PluginError, match=message):
        EntityService(prepared_store, declare_fills(rules=rules)).create(ADMIN, litres=1)
    assert fills.list_by_project(ADMIN) == []


def test_rules_read_other_records_of_the_entity(prepared_store: Store) -> None:
    class Unique(EntityRules[HeliumFill]):
        def apply(self, repositories: Repositories, record: HeliumFill, *_: Any, **__: Any) -> HeliumFill:
            if repositories.of(FILLS.repository).list_by_project(record.project_id):
                raise ConflictError("one is enough")
            return record

    service = EntityService(prepared_store, declare_fills(rules=Unique()))
    service.create(ADMIN, litres=1)
    with pytest.raises(ConflictError, match="one is enough"):
        service.create(ADMIN, litres=1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "litres is missing"),
        ({"litres": 0}, "litres cannot be 0: "),
        ({"litres": "much"}, "litres cannot be 'much': "),
        ({"litres": 1, "purity": "7.0"}, "purity cannot be '7.0': "),
        ({"litres": 1, "filled_at": "2026-01-01T00:00:00"}, "filled_at cannot be .*time zone"),
        ({"litres": 1, "colour": "red"}, "colour cannot be changed; filled_at, leaked, litres, "),
        ({"litres": 1, "username": "eve"}, "username cannot be changed; "),
        ({"litres": 1, "project_id": "elsewhere"}, "project_id cannot be changed; "),
        ({"litres": 1, "entity": "tag"}, "entity cannot be changed; "),
    ],
)
def test_invalid_fields_are_refused_and_nothing_is_written(
    fills: EntityService[HeliumFill], fields: dict[str, Any], message: str
) -> None:
    before = fills.create(ADMIN, litres=5)
    with pytest.raises(InvalidInputError, match=message):
        fills.create(ADMIN, **fields)
    if fields:
        with pytest.raises(InvalidInputError, match=message):
            fills.edit(ADMIN, before.record_id, **fields)
    assert fills.list_by_project(ADMIN) == [before]


def test_an_edit_of_a_changed_record_is_refused(fills: EntityService[HeliumFill]) -> None:
    seen = fills.create(ADMIN, litres=5).changed_at
    (fill,) = fills.list_by_project(ADMIN)
    fills.edit(ADMIN, fill.record_id, as_of=seen, litres=6)  # the clock stands still
    with pytest.raises(StaleError, match=f"helium fill {fill.record_id} was changed since it was read"):
        fills.edit(ADMIN, fill.record_id, as_of=seen, litres=7)
    assert fills.show(ADMIN, fill.record_id).litres == 6


def test_the_rules_of_the_entity_apply(fills: EntityService[HeliumFill]) -> None:
    with pytest.raises(ConflictError, match="nobody delivers no helium"):
        fills.create(ADMIN, litres=1, supplier="nobody")
    fill = fills.create(ADMIN, litres=1, leaked=True)
    with pytest.raises(ConflictError, match="nobody delivers no helium"):
        fills.edit(ADMIN, fill.record_id, supplier="nobody")
    with pytest.raises(ConflictError, match="a leak stays on record"):
        fills.delete(ADMIN, fill.record_id)
    assert fills.list_by_project(ADMIN) == [fill]


@pytest.mark.every_store
def test_a_change_is_written_together_with_what_the_rules_record(prepared_store: Store, clock: Clock) -> None:
    class Noted(HeliumRules):
        def record_change(
            self, repositories: Repositories, former: HeliumFill | None, record: HeliumFill | None
        ) -> None:
            litres = [None if one is None else one.litres for one in (former, record)]
            repositories.of(TagRepository).ensure(
                "default", [f"{litres[0]} to {litres[1]}"], username="admin"
            )
            if record is not None and record.litres > 100:
                raise ConflictError("the vessel is smaller")

    fills = EntityService(prepared_store, declare_fills(rules=Noted()), clock=clock)
    fill = fills.create(ADMIN, litres=1)
    fills.edit(ADMIN, fill.record_id, litres=2)
    with pytest.raises(ConflictError, match="the vessel is smaller"):
        fills.edit(ADMIN, fill.record_id, litres=101)
    fills.delete(ADMIN, fill.record_id)
    tags = Repositories(prepared_store).of(TagRepository).list_by_project("default")
    assert {one.name for one in tags} == {"None to 1.0", "1.0 to 2.0", "2.0 to None"}


def test_viewers_read_and_the_roles_of_the_entity_write(
    prepared_store: Store, fills: EntityService[HeliumFill]
) -> None:
    fill = fills.create(EDITOR, litres=1)
    assert fills.list_by_project(VIEWER) == [fill]
    owned = EntityService(prepared_store, declare_fills(edit_role=ProjectRole.OWNER))
    acts: Mapping[Access, list[Any]] = {
        VIEWER: [
            lambda: fills.create(VIEWER, litres=2),
            lambda: fills.edit(VIEWER, fill.record_id, litres=2),
            lambda: fills.delete(VIEWER, fill.record_id),
        ],
        EDITOR: [
            lambda: owned.create(EDITOR, litres=2),
            lambda: owned.edit(EDITOR, fill.record_id, litres=2),
        ],
    }
    for forbidden in acts.values():
        for act in forbidden:
            with pytest.raises(AccessDeniedError):
                act()
    assert fills.list_by_project(VIEWER) == [fill]
    owned.edit(ADMIN, fill.record_id, litres=2)
    owned.delete(EDITOR, fill.record_id)


def test_a_record_that_does_not_fit_its_model_is_left_out_of_lists_and_named_alone(
    prepared_store: Store, fills: EntityService[HeliumFill], caplog: pytest.LogCaptureFixture
) -> None:
    fill, kept = fills.create(ADMIN, litres=1), fills.create(ADMIN, litres=2)
    with prepared_store.transaction() as transaction:
        stored = fill.to_document()
        del stored["litres"]
        transaction.put("plugin_record", stored)
    message = f"helium fill {fill.record_id} does not fit the model of its plugin (litres: it is missing)"
    assert fills.list_by_project(ADMIN) == [kept]
    assert fills.page(ADMIN, PageRequest()).items == [kept]
    assert caplog.text.count(message) == 2
    with pytest.raises(StoreError, match=re.escape(message)):
        fills.show(ADMIN, fill.record_id)


@pytest.mark.every_store
def test_a_project_with_records_is_not_deleted(
    prepared_store: Store, fills: EntityService[HeliumFill]
) -> None:
    projects = ProjectService(prepared_store)
    projects.create("lab", username="admin")
    lab = access_of("admin", "lab")
    fill = fills.create(lab, litres=1)
    with pytest.raises(ConflictError, match=r"'lab' is not empty \(records of plugins: 1\)"):
        projects.delete(lab)
    fills.delete(lab, fill.record_id)
    projects.delete(lab)


def test_a_record_with_a_chosen_id_needs_one(prepared_store: Store) -> None:
    fills = EntityService(prepared_store, declare_fills(chosen_ids=True))
    with pytest.raises(InvalidInputError, match="a new helium fill needs an id: users choose it"):
        fills.create(ADMIN, litres=1)
    assert fills.create(ADMIN, "B-7", litres=1).record_id == "B-7"
    with pytest.raises(ConflictError, match="helium fill B-7 exists already"):
        fills.create(ADMIN, "B-7", litres=2)
