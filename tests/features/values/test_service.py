"""Changes of values by users: each is one event, and can be undone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.feature import SPECIFICATIONS
from qdash_builtin.values.connected_qubits import find_connected_qubits
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.selection import TargetChoice
from qdash_builtin.values.service import ValueService
from qdash_core import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Parameter,
    TaskOutput,
)
from qdash_core.errors import StaleError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.values.manual_values import MANUAL_TASK

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, OutputParameter, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import LatestResultModel, TaskResultModel
    from qdash_core.values.writer import ValueEvent

    from ...core.conftest import MakeBench

GIVEN: dict[str, float] = {}


T1 = make_task(
    "T1",
    analyse=lambda _task, _result: TaskOutput(parameters={"t1": Parameter(GIVEN["t1"], 0.5, "us")}),
    output_parameters={"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4, jump=0.5)},
)
GATE = make_task("Gate", {"fidelity": Parameter(0.99)}, task_type="coupling")


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(T1, GATE)


@pytest.fixture
def values(bench: Bench) -> ValueService:
    return bench.qdash.get(VALUES)


def measure_t1(bench: Bench, value: float, qid: str = "0") -> TaskResultModel:
    GIVEN["t1"] = value
    return bench.run("T1", qid)


def get_newest(bench: Bench) -> LatestResultModel:
    found = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "T1", "0")
    assert found is not None
    return found


def list_events(bench: Bench, **filters: object) -> list[ValueEvent]:
    return bench.qdash.get(VALUES).list_events(ADMIN, CHIP, PageRequest(100), **filters).items  # type: ignore[arg-type]


@pytest.mark.every_store
def test_a_value_set_by_hand_is_a_result_with_an_author(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    event = bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "0", {"t1": Parameter(45.2, 0.8)}, reason="from the other cryostat"
    )
    value = bench.get_qubit().data["t1"]
    assert (value.value, value.error, value.unit, value.task_id) == (45.2, 0.8, "us", event.head.task_id)
    result = bench.repositories.of(TaskResultHistoryRepository).find("default", value.task_id)
    assert result is not None
    assert (result.name, result.username, result.verdict) == (MANUAL_TASK, "admin", Verdict.ACCEPTED)
    assert result.reasons == ["from the other cryostat"]
    assert bench.list_events()[-1].kind == "value.set"
    assert (event.head.kind, event.head.values["t1"].before) == ("set", None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"t2": Parameter(1.0)}, "a qubit has no parameter 't2'"),
        ({"t1": Parameter(-1.0)}, "below its minimum of 0"),
        ({"t1": Parameter(1e5)}, "above its maximum"),
        ({"t1": Parameter(float("nan"))}, "finite"),
        ({"t1": Parameter(1.0, 0.0)}, "error of t1 must be positive"),
        ({"t1": Parameter(1.0, unit="MHz")}, "t1 is in µs, not in MHz"),
        ({}, "at least one value"),
    ],
)
def test_an_invalid_value_is_refused(
    bench: Bench, values: ValueService, given: dict[str, Parameter], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        values.set(ADMIN, CHIP, "0", given, reason="test")
    assert bench.get_qubit().data == {}
    assert list_events(bench) == []


def test_a_reason_and_an_editor_are_needed(bench: Bench, values: ValueService) -> None:
    with pytest.raises(InvalidInputError, match="reason"):
        values.set(ADMIN, CHIP, "0", {"t1": Parameter(1.0)}, reason=" ")
    viewer = replace(ADMIN, role=ProjectRole.VIEWER)
    with pytest.raises(AccessDeniedError):
        values.set(viewer, CHIP, "0", {"t1": Parameter(1.0)}, reason="test")
    with pytest.raises(AccessDeniedError):
        values.undo(viewer, 1)


def test_a_target_that_changed_since_it_was_read_is_not_set(bench: Bench, values: ValueService) -> None:
    seen = bench.get_qubit().changed_at
    measure_t1(bench, 80.0)
    with pytest.raises(StaleError):
        values.set(ADMIN, CHIP, "0", {"t1": Parameter(1.0)}, reason="test", as_of=seen)


@pytest.mark.every_store
def test_accepting_a_flagged_result_makes_it_the_value_and_undo_restores_all(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    measure_t1(bench, 88.0)
    flagged = measure_t1(bench, 20.0)
    assert (flagged.verdict, bench.get_value()) == (Verdict.FLAGGED, 88.0)

    found = values.accept(ADMIN, flagged.task_id, reason="two-level system")
    assert bench.get_value() == 20.0
    assert bench.get_stored(flagged).decisions["t1"].verdict == "accepted"
    latest = bench.repositories.of(LatestResultRepository).find("default", CHIP, "T1", "0")
    assert latest is not None
    assert latest.flagged_task_id is None

    undone = values.undo(ADMIN)
    assert undone.head.undoes == found.event.number
    assert bench.get_value() == 88.0
    assert bench.get_stored(flagged).decisions == {}
    latest = bench.repositories.of(LatestResultRepository).find("default", CHIP, "T1", "0")
    assert latest is not None
    assert latest.flagged_task_id == flagged.task_id


def test_a_change_says_which_targets_become_fit_or_unfit_by_it(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    bench.repositories.of(QubitCalibrationRepository).update_status(
        "default", CHIP, "0", TargetStatus.CALIBRATED
    )
    bench.qdash.get(SPECIFICATIONS).ask(ADMIN, CHIP, {}, {"t1": 50.0})
    measure_t1(bench, 88.0)
    flagged = measure_t1(bench, 20.0)
    fit, unfit = (Fitness.FIT, Fitness.UNFIT)

    def read(event: ValueEvent) -> dict[str, tuple[Fitness, Fitness]]:
        return {qid: (one.before, one.after) for qid, one in event.fitness.items()}

    rejected = values.reject(ADMIN, flagged.task_id, reason="crosstalk").event
    assert read(rejected) == {"0": (unfit, fit)}
    assert str(rejected.fitness["0"]) == "fit again"
    preview = values.undo(ADMIN, dry_run=True)
    assert (read(preview), preview.head.undoes) == ({"0": (fit, unfit)}, rejected.number)
    assert bench.get_stored(flagged).decisions["t1"].verdict == "rejected", "nothing was written"
    assert read(values.undo(ADMIN)) == {"0": (fit, unfit)}
    in_doubt = values.trust(ADMIN, CHIP, "0", ["t1"], until=utc_now() + timedelta(hours=1), reason="checked")
    assert read(in_doubt) == {"0": (unfit, fit)}
    assert read(values.undo(ADMIN)) == {"0": (fit, unfit)}
    assert read(values.accept(ADMIN, flagged.task_id).event) == {}, "it stays unfit, for another reason"
    by_hand = values.set(ADMIN, CHIP, "0", {"t1": Parameter(80.0)}, reason="by hand", confirmed=True)
    assert read(by_hand) == {"0": (unfit, fit)}
    assert values.show_event(ADMIN, by_hand.number).fitness == {}, "it is said once"


def test_a_dry_run_of_an_undo_is_refused_as_the_undo(bench: Bench, values: ValueService) -> None:
    with pytest.raises(NotFoundError):
        values.undo(ADMIN, dry_run=True)
    event = values.set(ADMIN, CHIP, "0", {"t1": Parameter(80.0)}, reason="by hand")
    assert values.undo(ADMIN, dry_run=True).number == event.number + 1
    assert bench.get_value() == 80.0
    values.undo(ADMIN)
    with pytest.raises(ConflictError, match="was undone"):
        values.undo(ADMIN, event.number, dry_run=True)


@pytest.mark.every_store
def test_the_newest_results_have_the_verdict_in_force(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    measure_t1(bench, 80.0)
    flagged = measure_t1(bench, 20.0)
    before = get_newest(bench)
    assert (before.task_id, before.verdict) == (flagged.task_id, Verdict.FLAGGED)
    for decide, verdict in (
        (bench.qdash.get(VALUES).reject, Verdict.REJECTED),
        (bench.qdash.get(VALUES).accept, Verdict.ACCEPTED),
    ):
        decide(ADMIN, flagged.task_id, reason="seen")
        assert get_newest(bench).verdict is bench.get_stored(flagged).verdict_in_force is verdict
        assert bench.get_stored(flagged).verdict is Verdict.FLAGGED
    for _ in range(2):
        bench.qdash.get(VALUES).undo(ADMIN)
    assert get_newest(bench) == before


def test_a_rejected_value_is_replaced_by_the_newest_accepted_one(bench: Bench, values: ValueService) -> None:
    first, second = measure_t1(bench, 80.0), measure_t1(bench, 82.0)
    third = measure_t1(bench, 84.0)
    values.reject(ADMIN, second.task_id, reason="warm")
    assert bench.get_value() == 84.0
    values.reject(ADMIN, third.task_id, reason="warm")
    assert bench.get_value() == 80.0
    values.reject(ADMIN, first.task_id, reason="warm")
    assert bench.get_value() is None
    with pytest.raises(ConflictError, match="already rejected"):
        values.reject(ADMIN, first.task_id, reason="again")
    values.accept(ADMIN, second.task_id)
    assert bench.get_value() == 82.0


def test_accepting_an_older_result_does_not_replace_a_later_value(bench: Bench, values: ValueService) -> None:
    measure_t1(bench, 88.0)
    flagged = measure_t1(bench, 20.0)
    measure_t1(bench, 87.0)
    found = values.accept(ADMIN, flagged.task_id)
    assert found.event.head.values == {}
    assert bench.get_value() == 87.0
    values.use(ADMIN, flagged.task_id)
    assert bench.get_value() == 20.0
    measure_t1(bench, 21.0)
    assert bench.get_value() == 21.0


def test_only_the_named_parameters_are_decided_on(bench: Bench, values: ValueService) -> None:
    result = measure_t1(bench, 88.0)
    with pytest.raises(InvalidInputError, match="no parameter 't2'"):
        values.reject(ADMIN, result.task_id, names=["t2"], reason="test")
    assert values.reject(ADMIN, result.task_id, names=["t1"], reason="test").result.decisions.keys() == {"t1"}


def test_an_event_whose_value_changed_since_cannot_be_undone(bench: Bench, values: ValueService) -> None:
    event = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    other = values.set(ADMIN, CHIP, "1", {"t1": Parameter(60.0)}, reason="test")
    measure_t1(bench, 51.0)
    with pytest.raises(ConflictError, match=rf"event {other.number + 1} \(calibrated by admin\)"):
        values.undo(ADMIN, event.number)
    values.undo(ADMIN, other.number)
    with pytest.raises(ConflictError, match="was undone by event"):
        values.undo(ADMIN, other.number)
    with pytest.raises(NotFoundError, match="no value event 99"):
        values.undo(ADMIN, 99)


def test_an_undo_can_be_undone(bench: Bench, values: ValueService) -> None:
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    undone = values.undo(ADMIN)
    assert bench.get_value() is None
    values.undo(ADMIN, undone.number)
    assert bench.get_value() == 50.0


@pytest.mark.every_store
def test_a_value_whose_setting_was_undone_never_comes_back(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    measured = [measure_t1(bench, value) for value in (80.0, 81.0)]
    set_ = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="of qubit 1")
    undone = values.undo(ADMIN, reason="wrong qubit")
    values.reject(ADMIN, measured[1].task_id, reason="test")
    assert bench.get_value() == 80.0
    manual = bench.repositories.of(TaskResultHistoryRepository).find("default", set_.head.task_id)
    assert manual is not None
    assert (manual.decisions["t1"].verdict, manual.decisions["t1"].reason) == ("rejected", "wrong qubit")
    values.undo(ADMIN)
    values.undo(ADMIN, undone.number)
    assert bench.get_value() == 50.0
    restored = bench.repositories.of(TaskResultHistoryRepository).find("default", set_.head.task_id)
    assert restored is not None
    assert restored.decisions == {}


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "reject", "use", "accept", "undo"]), st.integers(0, 1), st.integers(0, 4)
    )
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_repeated_undo_restores_the_first_values(
    tmp_path: Path, no_settings: None, changes: list[tuple[str, int, int]]
) -> None:
    check_repeated_undo(tmp_path, changes)


@pytest.mark.release
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_repeated_undo_restores_the_first_values_after_many_changes(
    tmp_path: Path, no_settings: None, changes: list[tuple[str, int, int]]
) -> None:
    check_repeated_undo(tmp_path, changes)


def check_repeated_undo(tmp_path: Path, changes: list[tuple[str, int, int]]) -> None:
    bench = Bench.open(tmp_path, f"memory://{uuid4()}", T1)
    values, measured = (
        bench.qdash.get(VALUES),
        [measure_t1(bench, 80.0 + one, str(one % 2)) for one in range(5)],
    )
    first = [bench.get_qubit(qid).data for qid in ("0", "1")]
    for kind, qid, number in changes:
        with suppress(ConflictError, NotFoundError):
            if kind == "set":
                values.set(ADMIN, CHIP, str(qid), {"t1": Parameter(50.0 + number)}, reason="test")
            elif kind == "undo":
                values.undo(ADMIN)
            else:
                getattr(values, kind)(ADMIN, measured[number].task_id, reason="test")
    with suppress(NotFoundError):
        while values.undo(ADMIN):
            pass
    assert [bench.get_qubit(qid).data for qid in ("0", "1")] == first
    decided = [
        bench.repositories.of(TaskResultHistoryRepository).find("default", one.task_id) for one in measured
    ]
    assert all(one is not None and not one.decisions for one in decided)
    bench.qdash.close()


def test_several_changes_of_one_value_are_undone_one_after_the_other(
    bench: Bench, values: ValueService
) -> None:
    for value in (50.0, 51.0, 52.0):
        values.set(ADMIN, CHIP, "0", {"t1": Parameter(value)}, reason="test")
    values.undo(ADMIN)
    with pytest.raises(ConflictError, match=r"in event 2 \(set by admin\); undo it first"):
        values.undo(ADMIN, 1)
    values.undo(ADMIN)
    assert bench.get_value() == 50.0
    values.undo(ADMIN)
    assert bench.get_value() is None
    with pytest.raises(NotFoundError, match="by hand"):
        values.undo(ADMIN)


def test_an_event_that_was_restored_is_undone_again(bench: Bench, values: ValueService) -> None:
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    second = values.set(ADMIN, CHIP, "0", {"t1": Parameter(51.0)}, reason="test")
    undone = values.undo(ADMIN)
    values.undo(ADMIN, undone.number)
    assert bench.get_value() == 51.0
    assert values.undo(ADMIN).head.undoes == second.number
    assert bench.get_value() == 50.0


def test_an_event_that_another_user_undid_is_not_undone_again(bench: Bench, values: ValueService) -> None:
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    second = values.set(ADMIN, CHIP, "0", {"t1": Parameter(51.0)}, reason="test")
    values.undo(access_of("bob", role=ProjectRole.EDITOR), second.number)
    assert values.undo(ADMIN).head.undoes == first.number


def test_the_log_tells_by_what_an_event_was_undone(bench: Bench, values: ValueService) -> None:
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    undone = values.undo(ADMIN)
    assert [event.undone_by for event in list_events(bench)] == [None, undone.number]
    redone = values.undo(ADMIN, undone.number)
    assert [event.undone_by for event in list_events(bench)] == [None, redone.number, None]
    assert values.show_event(ADMIN, first.number).undone_by is None


def test_undo_without_a_number_takes_the_last_own_event(bench: Bench, values: ValueService) -> None:
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="first")
    second = values.set(ADMIN, CHIP, "1", {"t1": Parameter(51.0)}, reason="second")
    assert values.undo(ADMIN).head.undoes == second.number
    assert values.undo(ADMIN).head.undoes == first.number
    with pytest.raises(NotFoundError, match="by hand"):
        values.undo(ADMIN)


def test_the_log_has_every_change_newest_first(bench: Bench, values: ValueService) -> None:
    measured = measure_t1(bench, 80.0)
    values.set(ADMIN, CHIP, "1", {"t1": Parameter(50.0)}, reason="test")
    events = list_events(bench)
    assert [event.head.kind for event in events] == ["set", "calibrated"]
    assert events[1].head.task_id == measured.task_id
    assert [event.head.qid for event in list_events(bench, targets=TargetChoice(("0",)))] == ["0"]
    assert list_events(bench, name="fidelity") == []
    with pytest.raises(NotFoundError, match="there is no parameter 't2'"):
        list_events(bench, name="t2")
    assert list_events(bench, username="bob") == []
    assert [event.head.kind for event in list_events(bench, by_hand=True)] == ["set"]
    first = values.list_events(ADMIN, CHIP, PageRequest(1))
    assert [event.number for event in first.items] == [2]
    rest = values.list_events(ADMIN, CHIP, PageRequest(1, first.next))
    assert ([event.number for event in rest.items], rest.next) == ([1], None)


@pytest.mark.every_store
def test_values_are_reverted_to_the_end_of_an_execution(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    evening = measure_t1(bench, 80.0)
    measure_t1(bench, 81.0)
    measure_t1(bench, 61.0, "1")
    preview = values.revert(ADMIN, CHIP, evening.execution_id, dry_run=True)
    assert [
        (one.qid, one.before and one.before.value, one.after and one.after.value) for one in preview.values
    ] == [("0", 81.0, 80.0)]
    assert [one.qid for one in preview.kept] == ["1"]
    assert (bench.get_value(), preview.event) == (81.0, None)

    reverted = values.revert(ADMIN, CHIP, evening.execution_id, reason="bad night")
    assert reverted.event is not None
    assert (bench.get_value(), bench.get_value(qid="1")) == (80.0, 61.0)
    assert values.revert(ADMIN, CHIP, evening.execution_id).event is None
    values.undo(ADMIN)
    assert bench.get_value() == 81.0


def test_a_reversion_of_chosen_targets_leaves_the_others(bench: Bench, values: ValueService) -> None:
    evening = [measure_t1(bench, 80.0, qid) for qid in ("0", "1")][-1]
    for qid in ("0", "1"):
        measure_t1(bench, 90.0, qid)
    values.revert(ADMIN, CHIP, evening.execution_id, targets=TargetChoice(("1",)))
    assert (bench.get_value(), bench.get_value(qid="1")) == (90.0, 80.0)
    with pytest.raises(NotFoundError, match="no qubit 99"):
        values.revert(ADMIN, CHIP, evening.execution_id, targets=TargetChoice(("99",)))


def test_a_direction_is_restored_with_its_values(bench: Bench, values: ValueService) -> None:
    measured = bench.run("Gate", "0-1")
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "1"}, username="admin")
    assert bench.get_coupling("0-1").data == {}
    values.revert(ADMIN, CHIP, measured.execution_id)
    coupling = bench.get_coupling("0-1")
    assert (coupling.control, coupling.data["fidelity"].value) == (None, 0.99)
    values.undo(ADMIN)
    assert (bench.get_coupling("0-1").control, bench.get_coupling("0-1").data) == ("1", {})


def test_parameters_of_another_direction_are_not_restored_alone(bench: Bench, values: ValueService) -> None:
    measured = bench.run("Gate", "0-1")
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "1"}, username="admin")
    with pytest.raises(ConflictError, match="former values of 0-1 hold for another control qubit"):
        values.revert(ADMIN, CHIP, measured.execution_id, names=["fidelity"])
    assert (bench.get_coupling("0-1").control, bench.get_coupling("0-1").data) == ("1", {})


def test_points_in_time_that_are_none_are_refused(bench: Bench, values: ValueService) -> None:
    for text, message in (
        ("yesterday-ish", "not a point in time"),
        ("2999-01-01", "in the future"),
        ("release:", "names no release"),
        ("2001-01-01", "before the creation"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            values.revert(ADMIN, CHIP, text)
    with pytest.raises(NotFoundError):
        values.revert(ADMIN, CHIP, "20200101-000")


def test_a_result_of_another_project_is_not_found(bench: Bench, values: ValueService) -> None:
    result = measure_t1(bench, 80.0)
    bench.add_project("other")
    with pytest.raises(NotFoundError):
        values.reject(access_of("admin", "other"), result.task_id, reason="test")


@pytest.mark.every_store
def test_an_undo_does_not_restore_a_value_that_was_rejected_since(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(10.0)}, reason="test")
    second = values.set(ADMIN, CHIP, "0", {"t1": Parameter(20.0)}, reason="test")
    rejected = values.reject(ADMIN, first.head.task_id, reason="wrong qubit").event
    with pytest.raises(ConflictError, match=rf"t1 of 0 .* rejected by event {rejected.number}"):
        values.undo(ADMIN, second.number)
    assert bench.get_value() == 20.0
    values.undo(ADMIN, rejected.number)
    values.undo(ADMIN, second.number)
    assert bench.get_value() == 10.0


@pytest.mark.every_store
def test_a_reversion_leaves_out_values_that_were_rejected_since(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    measured = measure_t1(bench, 80.0)
    other = measure_t1(bench, 90.0, "1")
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(20.0)}, reason="test", confirmed=True)
    values.set(ADMIN, CHIP, "1", {"t1": Parameter(20.0)}, reason="test", confirmed=True)
    values.reject(ADMIN, measured.task_id, reason="a bad evening")
    found = values.revert(ADMIN, CHIP, other.execution_id)
    assert [(one.qid, one.name, one.after and one.after.value) for one in found.withdrawn] == [
        ("0", "t1", 80.0)
    ]
    assert (bench.get_value(), bench.get_value(qid="1")) == (20.0, 90.0)


def test_the_rejection_of_a_value_stays_when_its_setting_is_undone_and_restored(
    bench: Bench, values: ValueService
) -> None:
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(10.0)}, reason="first")
    rejected = values.reject(ADMIN, first.head.task_id, reason="wrong qubit").event
    with pytest.raises(ConflictError, match=f"in event {rejected.number} "):
        values.undo(ADMIN, first.number)
    result = bench.repositories.of(TaskResultHistoryRepository).find("default", first.head.task_id)
    assert result is not None
    assert result.decisions["t1"].reason == "wrong qubit"


@pytest.mark.parametrize("again", ["accept", "use"])
def test_decisions_on_one_result_are_undone_one_after_the_other(
    bench: Bench, values: ValueService, again: str
) -> None:
    task_id = values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test").head.task_id
    values.reject(ADMIN, task_id, reason="bad")
    getattr(values, again)(ADMIN, task_id, reason="no, good")
    for value in (None, 50.0, None):
        values.undo(ADMIN)
        assert bench.get_value() == value


@pytest.mark.parametrize("accepted", [False, True])
def test_an_undo_does_not_reject_a_result_whose_value_is_in_use(
    bench: Bench, values: ValueService, accepted: bool
) -> None:
    first = values.set(ADMIN, CHIP, "0", {"t1": Parameter(10.0)}, reason="test").head.task_id
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(20.0)}, reason="test")
    rejected = values.reject(ADMIN, first, reason="test").event
    if accepted:
        decided = values.accept(ADMIN, first).event
    else:
        decided = values.undo(ADMIN, rejected.number)
    used = values.use(ADMIN, first).event
    with pytest.raises(ConflictError, match=f"in event {used.number} "):
        values.undo(ADMIN, decided.number)
    assert bench.get_value() == 10.0


def test_trust_in_a_value_is_an_event_of_its_own_and_a_later_one_is_undone_first(
    bench: Bench, values: ValueService
) -> None:
    measured = measure_t1(bench, 80.0)
    until = utc_now() + timedelta(hours=8)
    first = values.trust(ADMIN, CHIP, "0", ["t1"], until=until, reason="by hand", key="one")
    assert values.trust(ADMIN, CHIP, "0", ["t1"], until=until, reason="by hand", key="one") == first
    override = bench.get_qubit().overrides["t1"]
    assert (override.username, override.until, override.task_id) == (ADMIN.username, until, measured.task_id)
    second = values.trust(ADMIN, CHIP, "0", ["t1"], until=until + timedelta(days=1), reason="still")
    with pytest.raises(ConflictError, match=f"t1 of 0 has changed since, in event {second.number} "):
        values.undo(ADMIN, first.number)
    values.undo(ADMIN)
    assert bench.get_qubit().overrides == {"t1": override}
    values.undo(ADMIN)
    assert bench.get_qubit().overrides == {}
    values.undo(ADMIN, values.show_event(ADMIN, first.number).undone_by)
    assert bench.get_qubit().overrides == {"t1": override}
    assert bench.get_value() == 80.0
    with pytest.raises(AccessDeniedError):
        values.trust(
            access_of("viewer", PROJECT, ProjectRole.VIEWER), CHIP, "0", ["t1"], until=until, reason="by hand"
        )
    with pytest.raises(NotFoundError, match="there is no parameter 't2'"):
        values.trust(ADMIN, CHIP, "0", ["t2"], until=until, reason="by hand")


def test_a_clock_that_was_set_back_permits_no_trust_that_would_have_no_effect(bench: Bench) -> None:
    measure_t1(bench, 80.0)
    earlier = utc_now() - timedelta(hours=3)
    values = ValueService(
        bench.qdash.store,
        bench.qdash.zone,
        definitions=bench.qdash.registry.output_parameters,
        refuse_while_measured=lambda *_: None,
        find_connected_qubits=find_connected_qubits,
        clock=lambda: earlier,
    )
    with pytest.raises(InvalidInputError, match=r"t1 of 0 was measured at .* after the time of the home"):
        values.trust(ADMIN, CHIP, "0", ["t1"], until=utc_now(), reason="by hand")
    assert bench.get_qubit().overrides == {}


@pytest.mark.parametrize("length", [71, pytest.param(301, marks=pytest.mark.release)])
def test_a_long_chain_of_undos_has_an_end(bench: Bench, values: ValueService, length: int) -> None:
    number = values.set(ADMIN, CHIP, "0", {"t1": Parameter(10.0)}, reason="test").number
    for _ in range(length):
        number = values.undo(ADMIN, number).number
    assert bench.get_value() is None
    with pytest.raises(NotFoundError, match="left to undo"):
        values.undo(ADMIN)


def test_a_reversion_that_changes_nothing_is_performed_once(bench: Bench, values: ValueService) -> None:
    execution_id = measure_t1(bench, 80.0).execution_id
    assert values.revert(ADMIN, CHIP, execution_id, key="one").event is None
    measure_t1(bench, 90.0)
    assert values.revert(ADMIN, CHIP, execution_id, key="one").event is None
    assert bench.get_value() == 90.0


def test_a_duration_before_now_is_recorded_as_the_time(bench: Bench, values: ValueService) -> None:
    measure_t1(bench, 80.0)
    with pytest.raises(InvalidInputError, match="before the creation of chip"):
        values.revert(ADMIN, CHIP, "1h", dry_run=True)
    preview = values.revert(ADMIN, CHIP, "0.000001s", dry_run=True)
    assert datetime.fromisoformat(preview.source).tzinfo is not None
    assert values.revert(ADMIN, CHIP, preview.source, dry_run=True).source == preview.source


def test_events_in_order_of_number_are_in_order_of_time(bench: Bench) -> None:
    late = utc_now() + timedelta(hours=1)
    service = ValueService(
        bench.qdash.store,
        ZoneInfo("UTC"),
        definitions=lambda _: T1.output_parameters,
        refuse_while_measured=print,
        find_connected_qubits=find_connected_qubits,
        clock=lambda: late,
    )
    first = service.set(ADMIN, CHIP, "0", {"t1": Parameter(10.0)}, reason="by a clock that is fast")
    second = bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(20.0)}, reason="by another clock")
    assert second.head.created_at > first.head.created_at


def test_no_parameters_are_refused(bench: Bench, values: ValueService) -> None:
    task_id = measure_t1(bench, 80.0).task_id
    with pytest.raises(InvalidInputError, match="name at least one parameter"):
        values.reject(ADMIN, task_id, names=[], reason="test")


def test_undo_without_a_number_leaves_out_chips_that_are_gone(bench: Bench, values: ValueService) -> None:
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(50.0)}, reason="test")
    bench.add_chip("other")
    values.set(ADMIN, "other", "0", {"t1": Parameter(51.0)}, reason="test")
    bench.qdash.get(CHIPS).delete(ADMIN, "other", force=True)
    bench.add_chip("other")
    assert values.undo(ADMIN).head.chip_id == CHIP
