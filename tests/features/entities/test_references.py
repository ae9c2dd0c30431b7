"""References of records to chips, targets and results: checked when written, found by filters, and the deletion of a chip."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from qdash_builtin.chips import CHIPS
from qdash_builtin.chips.service import ChipService
from qdash_builtin.entities import Editable, PluginRecord, RefersTo
from qdash_builtin.entities.composition import open_entity
from qdash_builtin.entities.editable import list_editable_fields
from qdash_builtin.entities.service import EntityService
from qdash_core import Feature
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.features.declarations import remember_features
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings

from ...access import ADMIN
from ...core.chips.samples import make_chip
from ...helium_fills import FILLS, make_plugin
from ...sample_log import SAMPLES, GuardedSample, KeptSample, Sample, declare_samples

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.entities.entity import Entity
    from qdash_core.repositories.store import Store


@pytest.fixture
def lab(prepared_store: Store) -> Store:
    """A store with the chips A and B and a result of A."""
    for chip_id in ("A", "B"):
        make_chip(prepared_store, chip_id)
    result = TaskResultModel(
        project_id="default",
        chip_id="A",
        name="CheckT1",
        qid="0",
        task_id="r1",
        execution_id="e",
        username="admin",
    )
    TaskResultHistoryRepository(prepared_store).add(result)
    return prepared_store


def open_samples(store: Store, entity: Entity[Any] = SAMPLES) -> EntityService[Any]:
    return EntityService(store, entity)


def delete_chip(store: Store, chip_id: str, *, force: bool = True) -> str:
    chips = ChipService(store, UTC, is_live=lambda lock: False)  # type: ignore[arg-type]
    return str(chips.delete(ADMIN, chip_id, force=force))


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"chip_id": "C"}, NotFoundError, "no chip 'C'"),
        ({"target": "9"}, NotFoundError, "9"),
        ({"target": "0-9"}, NotFoundError, "0-9"),
        ({"task_id": "r2"}, NotFoundError, "there is no result 'r2' in project default"),
        ({"chip_id": "B", "task_id": "r1"}, InvalidInputError, "result r1 is of chip A, not of 'B'"),
        ({"target": "1", "task_id": "r1"}, InvalidInputError, "result r1 is of 0, not of 1"),
        ({"chip_id": "", "target": "0"}, InvalidInputError, "target 0 is of no chip: name the chip as well"),
    ],
)
def test_an_unknown_object_is_refused_and_nothing_is_written(
    lab: Store, fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    samples = open_samples(lab)
    before = samples.create(ADMIN, name="a", chip_id="A")
    with pytest.raises(error, match=message):
        samples.create(ADMIN, **{"name": "b", "chip_id": "A", **fields})
    with pytest.raises(error, match=message):
        samples.edit(ADMIN, before.record_id, **fields)
    assert samples.list_by_project(ADMIN) == [before]


@pytest.mark.every_store
def test_records_are_found_by_their_references(lab: Store) -> None:
    samples = open_samples(lab)
    first = samples.create(ADMIN, name="a", chip_id="A", target="1-0", task_id="r1")
    second = samples.create(ADMIN, name="b", chip_id="A", target="0")
    third = samples.create(ADMIN, name="c", chip_id="B")
    assert first.target == "0-1"
    for references, found in (
        ({"chip_id": "A"}, [second, first]),
        ({"chip_id": "B"}, [third]),
        ({"chip_id": "A", "target": "0-1"}, [first]),
        ({"target": "0"}, [second]),
        ({"task_id": "r1"}, [first]),
        ({"chip_id": "C"}, []),
        ({}, [third, second, first]),
    ):
        page = samples.page(ADMIN, PageRequest(), filters=references)
        assert {one.name for one in page.items} == {one.name for one in found}
    page = samples.page(ADMIN, PageRequest(1), filters={"chip_id": "A"})
    rest = samples.page(ADMIN, PageRequest(1, page.next), filters={"chip_id": "A"})
    assert ({one.name for one in (*page.items, *rest.items)}, rest.next) == ({"a", "b"}, None)


@pytest.mark.every_store
def test_records_are_removed_with_their_chip(lab: Store) -> None:
    samples = open_samples(lab)
    samples.create(ADMIN, name="a", chip_id="A")
    other = samples.create(ADMIN, name="b", chip_id="B")
    with pytest.raises(ConflictError, match="1 record of plugins; kept"):  # no known entity
        delete_chip(lab, "A", force=False)
    remember_features([Feature("sample-log", entities={"sample": f"{declare_samples.__module__}:SAMPLES"})])
    with pytest.raises(ConflictError, match="1 sample record; kept"):  # not loaded
        delete_chip(lab, "A", force=False)
    load_plugins(extra={"log": make_plugin(declare_samples(), FILLS)}).entities()
    with pytest.raises(ConflictError, match="1 sample; kept"):
        delete_chip(lab, "A", force=False)
    samples.create(ADMIN, name="c", chip_id="A")
    assert "2 samples; kept as history" in delete_chip(lab, "A")
    assert samples.list_by_project(ADMIN) == [other]


def test_a_deletion_counts_records_by_entity_before_anything_else_asks_for_entities(tmp_path: Path) -> None:
    registry = load_plugins(extra={"log": make_plugin(SAMPLES)})
    with QDash.open(Settings(home=tmp_path), registry, new=True) as qdash:
        make_chip(qdash.store, "A")
        open_entity(qdash, SAMPLES).create(ADMIN, name="a", chip_id="A")
        impact = qdash.get(CHIPS).describe_deletion(ADMIN, "A")
    assert (impact.removed["plugin_record.sample"], impact.removed["plugin_record"]) == (1, 0)
    assert "1 sample;" in str(impact)


@pytest.mark.every_store
def test_records_stay_or_keep_their_chip_as_they_declare(lab: Store) -> None:
    kept = open_samples(lab, declare_samples(KeptSample))
    one = kept.create(ADMIN, name="a", chip_id="A")
    assert "kept as history: 1 task result, 1 record of plugins" in delete_chip(lab, "A", force=False)
    assert kept.edit(ADMIN, one.record_id, name="still about a deleted chip").chip_id == "A"

    guarded = open_samples(lab, declare_samples(GuardedSample))
    other = guarded.create(ADMIN, name="b", chip_id="B")
    message = "chip B cannot be deleted while records refer to it: delete them first (1 record of plugins)"
    with pytest.raises(ConflictError, match=re.escape(message)):
        delete_chip(lab, "B")
    assert guarded.show(ADMIN, other.record_id) == other
    guarded.delete(ADMIN, other.record_id)
    delete_chip(lab, "B")


_EDITABLE = Editable("A text.")


class _OddName(PluginRecord):
    chip: Annotated[str, _EDITABLE, RefersTo("chip")]


class _NoChip(PluginRecord):
    target: Annotated[str, _EDITABLE, RefersTo("target")]


class _NotEdited(PluginRecord):
    name: Annotated[str, _EDITABLE]
    chip_id: Annotated[str, RefersTo("chip")] = ""


class _Unowned(PluginRecord):
    task_id: Annotated[str, _EDITABLE, RefersTo("result", on_delete="remove")]


class _Unknown(PluginRecord):
    note_id: Annotated[str, _EDITABLE, RefersTo("note")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (_OddName, "field chip: a field that refers to a chip is named chip_id"),
        (_NoChip, "field target needs a field chip_id"),
        (_NotEdited, "field chip_id refers to a chip, so it is a text that users edit"),
        (_Unowned, "field task_id: on_delete is for fields that refer to a chip"),
        (_Unknown, "field note_id refers to 'note', which is none of chip, target, result"),
    ],
)
def test_a_declaration_with_an_unusable_reference_is_refused(model: type[PluginRecord], message: str) -> None:
    columns = ("record_id",)
    example = dict.fromkeys(list_editable_fields(model), "x")
    with pytest.raises(InvalidInputError, match=message):
        declare_samples(model, columns=columns, example=example)


def test_the_option_of_a_reference_is_the_kind_of_the_object() -> None:
    assert [SAMPLES.get_option(name) for name in SAMPLES.editable] == [
        "--name",
        "--chip",
        "--target",
        "--result",
    ]
    assert Sample.model_fields.keys() > SAMPLES.editable.keys()
