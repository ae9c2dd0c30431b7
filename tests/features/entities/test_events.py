"""Events of the records of entities: recorded, known by name, notified and described."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.entities.composition import open_attachments, open_entity
from qdash_builtin.entities.service import EntityService
from qdash_core import EventKind, Feature
from qdash_core.errors import ConflictError, InvalidInputError, QDashError
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.event_kinds import fill_in, list_event_kinds
from qdash_core.repositories.executions import EventRepository
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings
from qdash_notify.notice import make_notice

from ...access import ADMIN
from ...core.chips.samples import make_chip
from ...helium_fills import FILLS, make_plugin
from ...sample_log import PHOTO, SAMPLES, Sample, declare_samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.models.execution import EventModel

LOG = Feature(
    "sample-log",
    entities={"sample": f"{Sample.__module__}:SAMPLES"},
    events=(EventKind("sample.broken"),),
)


class Told:
    """Notifier that keeps its notices, and needs longest for the first."""

    name = "told"

    def __init__(self) -> None:
        self.titles: list[str] = []

    def notify(self, notice: Any) -> None:
        if not self.titles:
            time.sleep(0.05)
        self.titles.append(notice.title)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def lab(tmp_path: Path, store_url: str, told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[QDash]:
    """A laboratory with the chip A and the feature of samples, whose changes notify people."""
    registry = load_plugins(extra={"samples": LOG, "gas": make_plugin(FILLS)})
    assert registry.entities().keys() == {"sample", "helium-fill"}
    settings = Settings(
        home=tmp_path,
        store_url=store_url,
        artifacts_url=f"file://{tmp_path}/files",
        notify_on="sample.*",
    )
    monkeypatch.setattr(QDash, "notifiers", [told])
    with QDash.open(settings, registry, new=True) as qdash:
        make_chip(qdash.store, "A")
        yield qdash


def list_events(lab: QDash) -> list[EventModel]:
    found = EventRepository(lab.store).list_after(0)
    return [one for one in found if not one.kind.startswith("chip.")]


def test_changes_of_records_are_events_that_notify(lab: QDash, told: Told) -> None:
    samples = open_entity(lab, SAMPLES)
    record_id = samples.create(ADMIN, name="wafer", chip_id="A").record_id
    samples.edit(ADMIN, record_id, name="die")
    open_attachments(lab, SAMPLES).add(ADMIN, record_id, "photo.jpg", PHOTO)
    samples.delete(ADMIN, record_id)
    events = list_events(lab)
    states = ("created", "changed", "changed", "deleted")
    assert [one.kind for one in events] == [f"sample.{state}" for state in states]
    assert {(one.chip_id, one.data["username"]) for one in events} == {("A", "admin")}
    assert [one.data.get("fields") for one in events] == [None, ["name"], ["attachments"], None]
    kind = list_event_kinds()["sample.created"]
    assert fill_in(kind.address, events[0]) == f"samples?record={record_id}"
    notice = make_notice(events[0], None, ZoneInfo("UTC"))
    assert f"sample {record_id} created" in notice.title
    assert f"qdash sample show {record_id}" in notice.fields["look"]
    lab.close()
    assert [title.partition("sample ")[2] for title in told.titles] == [
        f"{record_id} {state}" for state in states
    ]


def test_an_edit_records_an_event_of_its_own(lab: QDash, told: Told) -> None:
    samples = open_entity(lab, SAMPLES)
    record_id = samples.create(ADMIN, name="wafer", chip_id="A").record_id
    names = ("pieces", "kind", "state", "record", "access", "repositories", "data", "self")
    samples.edit(ADMIN, record_id, event="sample.broken", event_data=dict.fromkeys(names, 3), name="shards")
    event = list_events(lab)[-1]
    assert {name: event.data[name] for name in names} == dict.fromkeys(names, 3)
    assert (event.kind, event.chip_id, event.data["pieces"]) == ("sample.broken", "A", 3)
    assert (event.data["record_id"], event.data["fields"]) == (record_id, ["name"])
    assert f"qdash sample show {record_id}" in make_notice(event, None, ZoneInfo("UTC")).fields["look"]
    lab.close()
    assert told.titles[-1].endswith(f"sample {record_id} broken")


class Die(Sample):
    """A sample whose state only an operation changes."""

    state: Literal["whole", "broken"] = "whole"


def test_code_of_the_plugin_changes_fields_that_users_do_not_edit(lab: QDash) -> None:
    dies = EntityService(lab.store, declare_samples(Die))
    record_id = dies.create(ADMIN, name="die", chip_id="A").record_id
    with pytest.raises(
        InvalidInputError, match="state cannot be changed; chip_id, name, target, task_id can"
    ):
        dies.edit(ADMIN, record_id, state="broken")
    broken = dies.edit(ADMIN, record_id, event="sample.broken", own_fields={"state": "broken"})
    assert broken.state == "broken"
    assert list_events(lab)[-1].data["fields"] == ["state"]
    for own, message in (
        ({"state": "lost"}, "state cannot be 'lost'"),
        ({"username": "eve"}, "username cannot"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            dies.edit(ADMIN, record_id, own_fields=own)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"event": "sample.lost"}, "'sample.lost' is not a kind of event: declare it in the `events`"),
        *(
            (
                {"event": "sample.broken", "event_data": {name: "x"}},
                f"QDash sets '{name}' in the data of an event",
            )
            for name in ("name", "entity", "fields", "username", "chip_id", "task_id")
        ),
        ({"event": "sample.broken", "event_data": {"pieces": object()}}, "pieces"),
    ],
)
def test_an_edit_whose_event_is_refused_changes_nothing(
    lab: QDash, event: dict[str, Any], message: str
) -> None:
    samples = open_entity(lab, SAMPLES)
    record = samples.create(ADMIN, name="wafer", chip_id="A")
    with pytest.raises(QDashError, match=message):
        samples.edit(ADMIN, record.record_id, name="shards", **event)
    assert samples.show(ADMIN, record.record_id) == record
    assert len(list_events(lab)) == 1


def test_changes_of_entities_of_no_feature_are_events_and_refused_changes_are_none(lab: QDash) -> None:
    open_entity(lab, FILLS).create(ADMIN, litres=1)
    with pytest.raises(ConflictError):
        open_entity(lab, FILLS).create(ADMIN, litres=1, supplier="nobody")
    (event,) = list_events(lab)
    assert (event.kind, event.data["entity"]) == ("helium-fill.created", "helium-fill")
    assert "helium-fill.deleted" in list_event_kinds()


@pytest.mark.parametrize(
    ("declared", "texts"),
    [
        (
            EventKind("sample.broken"),
            ("{name}", "{plural}?record={record_id}", "qdash {entity} show {record_id}"),
        ),
        (
            EventKind("sample.broken", address="mine?x={record_id}", command="qdash mine"),
            ("{name}", "mine?x={record_id}", "qdash mine"),
        ),
        (
            EventKind("sample.created", subject="S", notified=True),
            ("S", "{plural}?record={record_id}", "qdash {entity} show {record_id}"),
        ),
        (EventKind("wafer.broken"), ("", "", "")),
    ],
)
@pytest.mark.parametrize("by_hook", [True, False])
def test_declared_kinds_of_events_replace_those_of_an_entity_and_have_its_texts(
    declared: EventKind, texts: tuple[str, ...], by_hook: bool
) -> None:
    if by_hook:
        load_plugins(extra={"samples": make_plugin(SAMPLES)}).entities()
    load_plugins(extra={"log": replace(LOG, events=(declared,))}).features()
    kind = list_event_kinds()[declared.name]
    assert (kind.subject, kind.address, kind.command) == texts
    assert kind.notified == declared.notified


def test_an_entity_that_cannot_be_loaded_sets_its_feature_aside() -> None:
    broken = {
        "name": Feature("broken", entities={"Sample": f"{Sample.__module__}:SAMPLES"}),
        "place": Feature("broken", entities={"sample": f"{Sample.__module__}:NOTHING"}),
        "kind": Feature("broken", entities={"sample": f"{Sample.__module__}:Sample"}),
        "other": Feature("broken", entities={"wafer": f"{Sample.__module__}:SAMPLES"}),
    }
    for feature in broken.values():
        registry = load_plugins(extra={"samples": feature})
        assert registry.entities() == {}
        (record,) = (one for one in registry.plugins if one.name == "samples")
        assert record.status == "failed"
