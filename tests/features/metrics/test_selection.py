"""Selection of a chip's values by time, source, age and outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.metrics.selection import Mode, Period, Selection
from qdash_builtin.metrics.service import MetricsService
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

from ...access import ADMIN
from ...core.chips.samples import make_chip
from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from typing import Any

    from qdash_builtin.metrics.service import ChipMetrics
    from qdash_core.models.chip_values import KnownValue
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P, CHIP = "default", "A"


class Laboratory:
    """A chip of two qubits, with values recorded as by runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        make_chip(store, CHIP)
        self.store, self.clock, self.number = store, clock, 0
        self.repositories = Repositories(store)
        chip = self.repositories.of(ChipRepository).require(P, CHIP)
        self.repositories.of(ChipRepository).put(chip.model_copy(update={"installed_at": clock.now}))
        self.service = MetricsService(store, clock=clock)
        ask_limits(store, CHIP)

    def record(
        self,
        value: float,
        *,
        qid: str = "0",
        metric: str = "t1",
        unit: str = "us",
        verdict: Verdict | None = Verdict.ACCEPTED,
        status: TaskStatus = TaskStatus.COMPLETED,
        saved: bool = True,
        refit_of: str | None = None,
        measured_at: Any = None,
        name: str = "Measure",
        control: str | None = None,
        error: float | None = None,
    ) -> str:
        """Record a result that started a minute ago; return its id."""
        self.number += 1
        task_id, now = f"task-{self.number}", self.clock.forward(minutes=1)
        gives = ParameterModel(
            value=value,
            error=value / 10 if error is None else error,
            unit=unit,
            calibrated_at=measured_at or now,
            execution_id="20260401-000",
            task_id=task_id,
        )
        shared = {"project_id": P, "chip_id": CHIP, "name": name, "qid": qid, "task_id": task_id}
        outcome = {"execution_id": "20260401-000", "status": status, "verdict": verdict}
        result = TaskResultModel(
            **shared,
            **outcome,
            username="admin",
            control=control,
            saved=saved,
            refit_of=refit_of,
            reasons=["odd"] if verdict is Verdict.FLAGGED else [],
            output_parameters={metric: gives} if status is TaskStatus.COMPLETED else {},
            cooldown_id=self.repositories.of(ChipRepository).get_current_cooldown(P, CHIP),
            start_at=now - timedelta(minutes=1),
            end_at=now,
        )
        self.repositories.of(TaskResultHistoryRepository).add(result)
        if saved:
            flagged = task_id if verdict is Verdict.FLAGGED else None
            latest = LatestResultModel(**shared, **outcome, end_at=now, flagged_task_id=flagged)
            self.repositories.of(LatestResultRepository).put(latest)
        if saved and result.accepted:
            targets = (
                self.repositories.of(CouplingCalibrationRepository)
                if "-" in qid
                else self.repositories.of(QubitCalibrationRepository)
            )
            targets.update_calib_data(P, CHIP, qid, {metric: gives})
        return task_id

    def select(self, **wanted: Any) -> ChipMetrics:
        """Select values."""
        return self.service.select(ADMIN, CHIP, Selection(**wanted))

    def select_value(self, qid: str = "0", metric: str = "t1", **wanted: Any) -> KnownValue | None:
        """Return one selected value, or None."""
        values = self.select(**wanted).values
        return {**values.qubits, **values.couplings}.get(qid, {}).get(metric)

    def number_of(self, qid: str = "0", metric: str = "t1", **wanted: Any) -> float | None:
        """Return the number of one selected value, or None."""
        known = self.select_value(qid, metric, **wanted)
        return None if known is None else float(known.parameter.value)


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock)


@pytest.mark.every_store
def test_each_mode_makes_one_value_of_the_accepted_results(lab: Laboratory) -> None:
    tasks = [lab.record(value) for value in (10.0, 40.0, 20.0, 30.0)]
    lab.record(90.0, verdict=Verdict.FLAGGED)
    lab.record(90.0, saved=False)
    lab.record(90.0, status=TaskStatus.FAILED, verdict=Verdict.REJECTED)

    assert {mode: lab.number_of(mode=mode) for mode in Mode} == {
        Mode.LATEST: 30.0,
        Mode.BEST: 40.0,
        Mode.AVERAGE: 25.0,
        Mode.MEDIAN: 25.0,
    }
    best = lab.select_value(mode=Mode.BEST)
    assert best is not None
    assert (best.parameter.task_id, best.parameter.error, best.n) == (tasks[1], 4.0, 4)


@pytest.mark.parametrize(
    ("metric", "best", "average", "control"),
    [
        ("zx90_gate_fidelity", 0.98, 0.97, "0"),
        ("static_zz_interaction", 0.96, 0.97, None),  # the same in both directions
    ],
)
def test_values_of_both_directions_of_a_coupling_are_not_put_together(
    lab: Laboratory, metric: str, best: float, average: float, control: str | None
) -> None:
    for value, controls in ((0.96, "0"), (0.97, "1"), (0.98, "0")):
        lab.record(value, qid="0-1", metric=metric, unit="", control=controls)
    found = lab.select_value("0-1", metric, mode=Mode.BEST)
    assert found is not None
    assert (found.parameter.value, found.control) == (best, control)
    assert lab.number_of("0-1", metric, mode=Mode.AVERAGE) == pytest.approx(average)

    lab.record(0.5, qid="0-1", metric=metric, unit="", control="1")
    turned = lab.select_value("0-1", metric, mode=Mode.AVERAGE)
    assert turned is not None
    assert (turned.control, turned.n) == (("1", 2) if control else (None, 4))


def test_the_error_of_a_mean_follows_from_the_scatter_that_of_a_median_is_not_known(lab: Laboratory) -> None:
    for value in (9.0, 10.0, 11.0, 10.0):
        lab.record(value)
    mean, median = lab.select_value(mode=Mode.AVERAGE), lab.select_value(mode=Mode.MEDIAN)
    assert mean is not None
    assert median is not None
    assert mean.std == median.std == pytest.approx((2 / 3) ** 0.5)
    assert mean.parameter.error == pytest.approx((2 / 3) ** 0.5 / 2)
    assert median.parameter.error is None
    assert (mean.n, mean.parameter.task_id, mean.parameter.calibrated_at) == (4, "", lab.clock.now)


def test_the_error_of_a_mean_of_equal_results_is_not_known(lab: Laboratory) -> None:
    for value in (10.0, 10.0):
        lab.record(value)
    mean = lab.select_value(mode=Mode.AVERAGE)
    assert mean is not None
    assert (mean.parameter.value, mean.parameter.error, mean.std) == (10.0, None, 0.0)


def test_a_single_result_keeps_its_own_error_and_origin(lab: Laboratory) -> None:
    task_id = lab.record(10.0)
    for mode in (Mode.AVERAGE, Mode.MEDIAN, Mode.BEST):
        known = lab.select_value(mode=mode)
        assert known is not None
        assert (known.parameter.error, known.parameter.task_id, known.n, known.std) == (1.0, task_id, 1, None)


def test_of_a_metric_that_is_neither_good_nor_bad_there_is_no_best(lab: Laboratory) -> None:
    lab.record(5.0, metric="qubit_frequency", unit="GHz")
    lab.record(5.0, metric="unheard_of")
    assert lab.number_of(metric="qubit_frequency", mode=Mode.AVERAGE) == 5.0
    assert lab.select(mode=Mode.BEST).values.qubits == {}


def test_the_smaller_is_the_better_where_the_metrics_file_says_so(lab: Laboratory) -> None:
    for value in (0.3, -0.1, 0.2):
        lab.record(value, qid="0-1", metric="static_zz_interaction", unit="MHz")
    assert lab.number_of("0-1", "static_zz_interaction", mode=Mode.BEST) == -0.1


def test_an_analysis_takes_the_place_of_the_one_before(lab: Laboratory) -> None:
    measured_at = lab.clock.now + timedelta(minutes=1)
    first = lab.record(10.0)
    lab.record(20.0)
    lab.record(30.0, refit_of=first, measured_at=measured_at)
    lab.record(99.0, refit_of=first, measured_at=measured_at, verdict=Verdict.FLAGGED)
    assert lab.number_of(mode=Mode.AVERAGE) == 25.0
    assert lab.number_of(period=Period(until=measured_at + timedelta(seconds=1))) == 30.0


def test_only_values_in_the_unit_of_the_newest_are_put_together(lab: Laboratory) -> None:
    lab.record(10_000.0, unit="ns")
    lab.record(20.0)
    lab.record(40.0)
    assert lab.number_of(mode=Mode.AVERAGE) == 30.0


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(lab: Laboratory) -> None:
    moments = []
    for value in (10.0, 20.0, 30.0):
        lab.record(value)
        moments.append(lab.clock.now)
    assert lab.number_of(period=Period(until=moments[2])) == 20.0
    assert lab.number_of(period=Period(since=moments[1] - timedelta(minutes=1)), mode=Mode.AVERAGE) == 25.0
    assert lab.select_value(period=Period(since=lab.clock.now)) is None
    with pytest.raises(InvalidInputError, match="does not end after its beginning"):
        Selection(period=Period(since=moments[1], until=moments[1]))


def test_what_a_deleted_chip_of_the_same_name_gave_does_not_count(lab: Laboratory) -> None:
    lab.record(90.0)
    chip = lab.repositories.of(ChipRepository).require(P, CHIP)
    lab.repositories.of(ChipRepository).put(chip.model_copy(update={"installed_at": lab.clock.now}))
    lab.record(10.0)
    assert lab.number_of(mode=Mode.BEST) == 10.0
    assert lab.number_of(mode=Mode.BEST, period=Period(since=lab.clock.now - timedelta(days=99))) == 10.0


def test_a_cooldown_holds_what_was_measured_in_it_and_is_meant_while_it_goes_on(lab: Laboratory) -> None:
    EntityService(lab.store, CRYOSTAT, clock=lab.clock).create(ADMIN, "K")
    cooldowns = CooldownService(lab.store, clock=lab.clock)
    cooldowns.create(ADMIN, "1", "K", chip_ids=[CHIP])
    lab.record(50.0)
    lab.clock.forward(days=1)
    cooldowns.end(ADMIN, "1")
    lab.clock.forward(days=1)
    assert lab.number_of(mode=Mode.BEST) == 50.0, "none goes on: all time"
    cooldowns.create(ADMIN, "2", "K", chip_ids=[CHIP])
    lab.record(20.0)

    assert lab.number_of(mode=Mode.BEST) == 20.0
    assert lab.select(mode=Mode.BEST).period == Period("2")
    assert lab.number_of(period=Period("1")) == 50.0
    assert lab.number_of() == 20.0
    with pytest.raises(NotFoundError, match=r"no cool-down 'x' .*known: 2, 1"):
        lab.select(period=Period("x"))


def test_values_are_chosen_by_age(lab: Laboratory) -> None:
    lab.record(10.0)
    lab.clock.forward(hours=23)
    lab.record(20.0, qid="1")
    lab.clock.forward(hours=2)
    assert set(lab.select(older_than=timedelta(hours=24)).values.qubits) == {"0"}


def test_values_are_chosen_by_target_and_metric(lab: Laboratory) -> None:
    for qid in ("0", "1", "0-1"):
        lab.record(10.0, qid=qid)
        lab.record(20.0, qid=qid, metric="t2_echo")
    chosen = lab.select(targets=("1", "0-1"), metrics=("t2_echo",))
    assert {qid: [*known] for qid, known in chosen.values.qubits.items()} == {"1": ["t2_echo"]}
    assert {qid: [*known] for qid, known in chosen.values.couplings.items()} == {"0-1": ["t2_echo"]}
    assert (chosen.targets.qubits, chosen.targets.couplings) == (("1",), ("0-1",))
    with pytest.raises(NotFoundError, match="chip A has no qubit 7"):
        lab.select(targets=("7",))
    with pytest.raises(NotFoundError, match=r"no metric 't2_ehco', .*did you mean 't2_echo'"):
        lab.select(metrics=("t2_ehco",))


def test_what_is_out_of_specification_has_a_value_that_is(lab: Laboratory) -> None:
    lab.record(99.0)
    lab.record(101.0, qid="1")
    lab.record(1.0, qid="1", metric="unheard_of")
    assert lab.select(out_of_specification=True).values.qubits.keys() == {"0"}


def test_flagged_values_are_shown_among_the_latest_only(lab: Laboratory) -> None:
    lab.record(10.0)
    began = lab.clock.now
    lab.record(20.0, verdict=Verdict.FLAGGED)
    for wanted in ({}, {"period": Period(since=began)}):
        known = lab.select_value(flagged=True, **wanted)
        assert known is not None
        assert (known.parameter.value, known.verdict, known.reasons) == (20.0, Verdict.FLAGGED, ("odd",))
    with pytest.raises(InvalidInputError, match="not in mode best"):
        Selection(flagged=True, mode=Mode.BEST)


@pytest.mark.parametrize(
    "chosen", [{"older_than": timedelta(hours=1)}, {"failed": True}, {"out_of_specification": True}]
)
def test_a_summary_of_chosen_values_is_refused(lab: Laboratory, chosen: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="a summary is of every value"):
        lab.service.summarise(ADMIN, CHIP, Selection(**chosen))


def test_a_summary_tells_missing_from_bad(lab: Laboratory) -> None:
    lab.record(90.0)
    _, summaries = lab.service.summarise(ADMIN, CHIP, Selection())
    (t1,) = summaries["qubit"]
    assert (t1.name, t1.targets, len(t1.values), t1.missing) == ("t1", 2, 1, 1)
    assert (t1.within, t1.fraction_within) == (0, 0.0)
    lab.record(120.0, qid="1")
    lab.clock.forward(days=8)
    _, summaries = lab.service.summarise(ADMIN, CHIP, Selection())
    (t1,) = summaries["qubit"]
    assert (t1.within, t1.fraction_within, t1.median, t1.best_target, t1.stale) == (1, 0.5, 105.0, "1", 2)
    assert t1.cdf == [(90.0, 0.5), (120.0, 1.0)]
    assert summaries["coupling"] == []


def test_a_flagged_value_is_shown_and_counts_in_no_yield(lab: Laboratory) -> None:
    lab.record(90.0)
    lab.record(200.0, verdict=Verdict.FLAGGED)
    for period in (Period(), Period(since=lab.clock.now - timedelta(days=1))):
        selected, summaries = lab.service.summarise(ADMIN, CHIP, Selection(flagged=True, period=period))
        (t1,) = summaries["qubit"]
        assert selected.values.qubits["0"]["t1"].parameter.value == 200.0
        assert selected.used.qubits["0"]["t1"].parameter.value == 90.0
        assert (t1.missing, t1.within, t1.median, t1.best_target) == (1, 0, 90.0, "0")


def test_a_chip_is_read_once(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.record(90.0)
    lab.record(200.0, verdict=Verdict.FLAGGED)
    begun: list[Store] = []
    read = type(lab.store).read
    monkeypatch.setattr(type(lab.store), "read", lambda store: begun.append(store) or read(store))
    for wanted in (Selection(flagged=True), Selection(flagged=True, period=Period(since=lab.clock.now))):
        begun.clear()
        lab.service.summarise(ADMIN, CHIP, wanted)
        assert len(begun) == 1


def test_the_document_of_values_as_they_are_stored_is_that_of_those_in_use(lab: Laboratory) -> None:
    shown = ChipValuesDocument.from_stored(lab.service.get_stored(ADMIN, CHIP)).as_json()
    assert shown == {"qubits": {}, "couplings": {}}
    full_second = datetime(2026, 4, 1, 12, tzinfo=UTC)
    lab.record(90.0, measured_at=full_second)
    lab.record(-0.25, qid="0-1", metric="zz", measured_at=full_second + timedelta(microseconds=1500))
    lab.repositories.of(QubitCalibrationRepository).update_calib_data(
        P, CHIP, "1", {"count": ParameterModel(value=3, error=None)}
    )
    for targets in ((), ("1",), ("0", "0-1")):
        selected = ChipValuesDocument.from_values(lab.select(targets=targets).values)
        stored = ChipValuesDocument.from_stored(lab.service.get_stored(ADMIN, CHIP, targets))
        assert stored.as_json_text() == selected.as_json_text()
        assert ChipValuesDocument.model_validate_json(stored.as_json_text()).as_json() == stored.as_json()
    shown = stored.as_json()
    assert shown["qubits"]["0"]["t1"]["calibrated_at"] == "2026-04-01T12:00:00Z"
    assert shown["couplings"]["0-1"]["zz"]["calibrated_at"] == "2026-04-01T12:00:00.001500Z"
    with pytest.raises(NotFoundError, match="has no qubit 7"):
        lab.service.get_stored(ADMIN, CHIP, ("7",))


def test_a_metric_that_is_named_is_summarised_without_any_value(lab: Laboratory) -> None:
    _, summaries = lab.service.summarise(ADMIN, CHIP, Selection(metrics=("t1",)))
    (t1,) = summaries["qubit"]
    assert (t1.missing, t1.median, t1.best_target, t1.cdf) == (2, None, None, [])
    assert summaries["coupling"] == []
