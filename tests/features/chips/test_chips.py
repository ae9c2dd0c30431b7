"""Chips: creation, edits, and removal with all their documents."""

from __future__ import annotations

from datetime import UTC, datetime
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
from qdash_builtin.notes.service import NoteService
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.chips.record import ChipRecord
from qdash_core.errors import ConflictError, InvalidInputError, LockedError, NotFoundError
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.process_marks import LockHold
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.used_names import BackendRepository

from ...access import ADMIN, access_of
from ...core.chips.samples import METRICS, make_chip

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P = "default"


@pytest.fixture
def chips(prepared_store: Store, clock: Clock) -> ChipService:
    make_chip(prepared_store, "A")
    return make_service(prepared_store, clock, "UTC")


def make_service(store: Store, clock: Clock, zone: str) -> ChipService:
    return ChipService(store, ZoneInfo(zone), is_live=lambda lock: False, clock=clock)


@pytest.fixture
def records(prepared_store: Store, clock: Clock) -> ChipRecord:
    return ChipRecord(prepared_store, ZoneInfo("UTC"), clock=clock)


@pytest.fixture
def exclusion(prepared_store: Store, clock: Clock) -> TargetService:
    return TargetService(prepared_store, ZoneInfo("UTC"), clock=clock)


def calibrate(store: Store, qid: str) -> None:
    qubits = Repositories(store).of(QubitCalibrationRepository)
    qubits.record_day(
        qubits.update_calib_data(P, "A", qid, {"t1": ParameterModel(value=30.0)}), "20260401", None
    )


@pytest.mark.every_store
def test_the_topology_of_a_chip_is_changed_and_nothing_else_in_its_header(chips: ChipService) -> None:
    before = chips.show(ADMIN, "A").header
    assert chips.edit(ADMIN, "A", topology_id="linear-2") == chips.show(ADMIN, "A").header
    assert (
        chips.show(ADMIN, "A").header.model_copy(
            update={"topology_id": "pair", "updated_at": before.updated_at}
        )
        == before
    )
    for field in ("size", "backend", "current_cooldown_id", "nothing"):
        with pytest.raises(InvalidInputError, match=f"{field} cannot be changed; topology_id can"):
            chips.edit(ADMIN, "A", **{field: "x"})
    with pytest.raises(NotFoundError, match="no chip 'B'"):
        chips.edit(ADMIN, "B", topology_id="linear-2")


@pytest.mark.every_store
def test_a_chip_on_which_nothing_was_done_is_removed_at_once(
    prepared_store: Store, chips: ChipService
) -> None:
    impact = chips.describe_deletion(ADMIN, "A")
    assert (impact.removed["qubit"], impact.removed["coupling"], impact.loses_something) == (2, 1, False)
    assert chips.delete(ADMIN, "A") == impact
    assert not chips.list_by_project(ADMIN)
    repositories = Repositories(prepared_store)
    assert not repositories.of(QubitCalibrationRepository).list_by_chip(P, "A")
    assert not repositories.of(CouplingCalibrationRepository).list_by_chip(P, "A")


@pytest.mark.every_store
def test_a_chip_with_a_history_is_removed_only_by_force_and_its_record_stays(
    prepared_store: Store, chips: ChipService, clock: Clock, records: ChipRecord
) -> None:
    make_chip(prepared_store, "B")
    calibrate(prepared_store, "0")
    records.record_day(P, "A")
    metric_notes = MetricNoteService(prepared_store, metrics=METRICS, clock=clock)
    EntityService(prepared_store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    cooldowns = CooldownService(prepared_store, clock=clock)
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A", "B"])
    for chip_id in "AB":
        metric_notes.edit(access_of("ann"), chip_id, "qubit", "0", "t1", "short")
    with prepared_store.transaction() as transaction:
        for collection in ("task_result_history", "execution_history"):
            key = {"task_id": "t", "execution_id": "e"}
            transaction.put(collection, {"project_id": P, "chip_id": "A", **key})

    impact = chips.describe_deletion(ADMIN, "A")
    assert {name: number for name, number in impact.removed.items() if number} == {
        "qubit": 2,
        "coupling": 1,
        "qubit_history": 1,
        "chip_history": 1,
        "metric_note": 1,
    }
    assert {name: number for name, number in impact.kept.items() if number} == {
        "execution_history": 1,
        "task_result_history": 1,
        "note_event": 1,
    }
    assert (impact.cooldown_ids, impact.calibrated) == (("1",), 1)
    with pytest.raises(
        ConflictError, match=r"removed: 2 qubits, .*kept as history: 1 execution.*cool-downs 1.*--force"
    ):
        chips.delete(ADMIN, "A")
    assert chips.describe_deletion(ADMIN, "A") == impact

    assert chips.delete(ADMIN, "A", force=True) == impact
    with pytest.raises(NotFoundError, match="no chip 'A'"):
        chips.describe_deletion(ADMIN, "A")
    assert cooldowns.show(ADMIN, "1").chip_ids == ["B"]
    assert [note.note.content for note in metric_notes.list_by_chip(ADMIN, "B")] == ["short"]
    with prepared_store.read() as snapshot:
        left = {name: snapshot.count(name, {"project_id": P, "chip_id": "A"}) for name in impact.removed}
        kept = {name: snapshot.count(name, {"project_id": P, "chip_id": "A"}) for name in impact.kept}
    assert not any(left.values())
    assert kept == impact.kept


def test_what_a_chip_is_measured_with_is_known_to_its_project(
    prepared_store: Store, chips: ChipService
) -> None:
    make_chip(prepared_store, "B")
    make_chip(prepared_store, "A", project_id="other")
    [backend] = Repositories(prepared_store).of(BackendRepository).list_by_project(P)
    assert (backend.name, backend.username) == ("bench", "admin")


def test_the_current_chip_of_a_project_or_user_is_the_one_installed_last(
    prepared_store: Store, chips: ChipService
) -> None:
    make_chip(prepared_store, "B")
    make_chip(prepared_store, "C", project_id="other")
    repositories = Repositories(prepared_store).of(ChipRepository)
    for asked, chip_id in (
        ({"project_id": P}, "B"),
        ({"username": "admin"}, "C"),
        ({"project_id": "q"}, None),
    ):
        found = repositories.get_current_chip(**asked)
        assert (found and found.chip_id) == chip_id
    with pytest.raises(TypeError, match="needs a project_id or a username"):
        repositories.get_current_chip()


@pytest.mark.parametrize(
    ("zone", "dates"), [("Asia/Tokyo", ["20260401", "20260402"]), ("America/New_York", ["20260401"])]
)
def test_a_day_begins_at_midnight_of_the_zone(
    prepared_store: Store, clock: Clock, zone: str, dates: list[str]
) -> None:
    make_chip(prepared_store, "A")
    records = ChipRecord(prepared_store, ZoneInfo(zone), clock=clock)
    for minute in (59, 60, 61):
        clock.now = datetime(2026, 4, 1, 14, tzinfo=UTC)
        clock.forward(minutes=minute)
        records.record_day(P, "A")
        records.set_status(P, "A", "0", TargetStatus.FAILED if minute == 59 else TargetStatus.CALIBRATED)
    repositories = Repositories(prepared_store)
    assert [day.recorded_date for day in repositories.of(ChipHistoryRepository).list_days(P, "A")] == dates
    days = repositories.of(QubitCalibrationRepository).list_days(P, "A", "0")
    assert [day.recorded_date for day in days] == dates
    assert [day.status for day in days] == ["failed", "calibrated"][-len(dates) :]


def calibrate_coupling(store: Store, **values: float) -> None:
    known = {name: ParameterModel(value=value) for name, value in values.items()}
    couplings = Repositories(store).of(CouplingCalibrationRepository)
    couplings.record_day(couplings.update_calib_data(P, "A", "0-1", known), "20260401", None)


def test_a_coupling_has_a_status_and_a_copy_of_each_day(
    prepared_store: Store, chips: ChipService, records: ChipRecord
) -> None:
    records.set_status(P, "A", "0-1", TargetStatus.CALIBRATED)
    assert chips.show(ADMIN, "A").couplings["0-1"].status is TargetStatus.CALIBRATED
    (day,) = Repositories(prepared_store).of(CouplingCalibrationRepository).list_days(P, "A", "0-1")
    assert (day.status, day.recorded_date) == ("calibrated", "20260401")


def test_another_direction_takes_the_values_of_the_first_away_from_the_chip(
    prepared_store: Store, chips: ChipService, clock: Clock, records: ChipRecord
) -> None:
    calibrate_coupling(prepared_store, cr_amplitude=0.3, static_zz_interaction=0.05)
    records.set_status(P, "A", "0-1", TargetStatus.CALIBRATED)
    clock.forward(days=1)
    records.set_directions(P, "A", {"0-1": "1"})
    coupling = chips.show(ADMIN, "A").couplings["0-1"]
    assert (coupling.control, coupling.status, set(coupling.data)) == (
        "1",
        TargetStatus.PENDING,
        {"static_zz_interaction"},
    )
    before, after = Repositories(prepared_store).of(CouplingCalibrationRepository).list_days(P, "A", "0-1")
    assert (before.control, set(before.data)) == (None, {"cr_amplitude", "static_zz_interaction"})
    assert (after.control, set(after.data)) == ("1", {"static_zz_interaction"})


def test_a_direction_that_is_the_same_takes_nothing_away(
    prepared_store: Store, chips: ChipService, records: ChipRecord
) -> None:
    calibrate_coupling(prepared_store, cr_amplitude=0.3)
    for _ in range(2):  # initially the lower number is the control by default
        records.set_directions(P, "A", {"0-1": "0"})
        coupling = chips.show(ADMIN, "A").couplings["0-1"]
        assert (coupling.control, set(coupling.data)) == ("0", {"cr_amplitude"})


def test_directions_that_do_not_fit_are_refused_and_none_is_kept(
    chips: ChipService, records: ChipRecord
) -> None:
    with pytest.raises(InvalidInputError, match="qubit 2 cannot control 0-1: it is not part of it"):
        records.set_directions(P, "A", {"0-1": "2"})
    with pytest.raises(NotFoundError, match="no coupling 1-2"):
        records.set_directions(P, "A", {"0-1": "1", "1-2": "1"})
    assert chips.show(ADMIN, "A").couplings["0-1"].control is None


def test_a_run_without_its_lock_sets_no_direction(chips: ChipService, records: ChipRecord) -> None:
    with pytest.raises(LockedError):
        records.set_directions(P, "A", {"0-1": "1"}, hold=LockHold(owner="nobody", instrument="bench"))
    assert chips.show(ADMIN, "A").couplings["0-1"].control is None


def test_the_copy_of_a_day_says_in_which_cooldown_the_chip_was(
    prepared_store: Store, chips: ChipService, clock: Clock, records: ChipRecord
) -> None:
    EntityService(prepared_store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    records.set_status(P, "A", "0", TargetStatus.CALIBRATED)
    clock.forward(days=1)
    CooldownService(prepared_store, clock=clock).create(ADMIN, "1", "K", chip_ids=["A"])
    records.set_status(P, "A", "0", TargetStatus.FAILED)
    days = Repositories(prepared_store).of(QubitCalibrationRepository).list_days(P, "A", "0")
    assert [(day.recorded_date, day.cooldown_id) for day in days] == [("20260401", None), ("20260402", "1")]


@pytest.mark.parametrize(("zone", "day"), [("Asia/Tokyo", "20260402"), ("America/New_York", "20260401")])
def test_a_result_belongs_to_the_day_of_the_zone_on_which_it_ended(
    prepared_store: Store, zone: str, day: str
) -> None:
    make_chip(prepared_store, "A")
    result = TaskResultModel(
        project_id=P,
        username="ann",
        chip_id="A",
        execution_id="e",
        task_id="t",
        name="CheckT1",
        qid="0",
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        output_parameters={"t1": ParameterModel(value=30.0)},
        start_at=datetime(2026, 4, 1, 14, 59, tzinfo=UTC),
        end_at=datetime(2026, 4, 1, 15, 0, tzinfo=UTC),
    )
    TaskHistoryRecorder(prepared_store, ZoneInfo(zone)).record_outcome(result)
    [copy] = Repositories(prepared_store).of(QubitCalibrationRepository).list_days(P, "A", "0")
    assert (copy.recorded_date, copy.data["t1"].value) == (day, 30.0)


@pytest.mark.parametrize("target_id", ["0", "0-1"])
@pytest.mark.parametrize("status", [TargetStatus.EXCLUDED, TargetStatus.DEAD])
def test_a_target_is_set_aside_and_taken_back_by_a_person_with_a_note(
    prepared_store: Store,
    chips: ChipService,
    exclusion: TargetService,
    clock: Clock,
    target_id: str,
    status: TargetStatus,
    records: ChipRecord,
) -> None:
    repositories = Repositories(prepared_store)
    targets = (
        repositories.of(CouplingCalibrationRepository)
        if "-" in target_id
        else repositories.of(QubitCalibrationRepository)
    )
    EntityService(prepared_store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    CooldownService(prepared_store, clock=clock).create(ADMIN, "1", "K", chip_ids=["A"])
    before = targets.update_calib_data(P, "A", target_id, {"t1": ParameterModel(value=30.0)})

    (aside,) = exclusion.set_aside(access_of("ann"), "A", target_id, status, " open line ")
    assert aside == targets.find(P, "A", target_id)
    assert (aside.status, aside.note.content, aside.note.updated_by) == (status, "open line", "ann")
    assert aside.note.updated_at == clock.now
    assert aside.changed_at > before.changed_at
    records.set_status(P, "A", "0", TargetStatus.CALIBRATED)
    found = targets.find(P, "A", target_id)
    assert found is not None
    assert found.status is status
    clock.forward(days=1)
    (back,) = exclusion.take_back(access_of("bob"), "A", target_id, "soldered")
    assert (back.status, back.note.content, back.data["t1"].value) == ("pending", "soldered", 30.0)

    days = targets.list_days(P, "A", target_id)
    assert [(day.status, day.note.content, day.cooldown_id) for day in days] == [
        (status, "open line", "1"),
        ("pending", "soldered", "1"),
    ]
    events = NoteService(prepared_store).list_target_events(
        ADMIN, NoteScope(targets.collection), target_id, chip_id="A"
    )
    assert [(event.action, event.actor, event.content, event.extra) for event in events] == [
        ("upsert", "bob", "soldered", {"status": "pending"}),
        ("upsert", "ann", "open line", {"status": status}),
    ]


@pytest.mark.parametrize(("target_id", "missing"), [("0", "7"), ("0-1", "0-7")])
def test_who_sets_a_target_aside_says_why_and_which(
    prepared_store: Store, chips: ChipService, exclusion: TargetService, target_id: str, missing: str
) -> None:
    before = chips.show(ADMIN, "A")
    with pytest.raises(InvalidInputError, match=rf"{target_id} of chip A: say why"):
        exclusion.set_aside(access_of("ann"), "A", target_id, TargetStatus.DEAD, " ")
    with pytest.raises(InvalidInputError, match="runs say whether it is failed"):
        exclusion.set_aside(access_of("ann"), "A", target_id, TargetStatus.FAILED, "x")
    with pytest.raises(
        ConflictError, match=rf"{target_id} of chip A is pending: there is nothing to take back"
    ):
        exclusion.take_back(access_of("ann"), "A", target_id, "x")
    with pytest.raises(NotFoundError, match=rf"chip A has no \w+ {missing}"):
        exclusion.set_aside(access_of("ann"), "A", missing, TargetStatus.DEAD, "x")
    with pytest.raises(NotFoundError, match="no chip 'B'"):
        exclusion.set_aside(access_of("ann"), "B", target_id, TargetStatus.DEAD, "x")
    assert chips.show(ADMIN, "A") == before
    assert not NoteService(prepared_store).list_chip_events(ADMIN, "A")


@pytest.mark.every_store
def test_a_target_is_not_set_aside_when_that_cannot_be_logged(
    prepared_store: Store, chips: ChipService, exclusion: TargetService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("qdash_builtin.notes.repository.NoteEventRepository.append", broken)
    with pytest.raises(ZeroDivisionError):
        exclusion.set_aside(access_of("ann"), "A", "Q00", TargetStatus.DEAD, "x")
    repositories = Repositories(prepared_store)
    assert chips.show(ADMIN, "A").qubits["0"].status is TargetStatus.PENDING
    assert not repositories.of(QubitCalibrationRepository).list_days(P, "A", "0")
