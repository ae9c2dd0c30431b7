"""The digest tells the events on a chip since a point in time, and advises the next actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.comparisons.past_chip import read_past_chip
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.digests.adviser import Adviser
from qdash_builtin.digests.composition import open_digests
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.digests.formats import write_digest
from qdash_builtin.digests.run_choice import list_measuring_runs
from qdash_builtin.digests.sections import make_title
from qdash_builtin.digests.service import DigestService
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.feature import METRICS, SPECIFICATIONS
from qdash_builtin.metrics.judgement.reader import JudgementReader, judge_past_chip
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.values.feature import VALUES
from qdash_core import AnalysisError, OutputParameter, Parameter, TaskOutput
from qdash_core.chips.chip import read_chip
from qdash_core.errors import ConflictError, InvalidInputError, NoSignalError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.times import format_duration
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.tasks.value_declarations import ValueDeclarations

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task
from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.digests.digest import Digest
    from qdash_builtin.digests.run_choice import MeasuringRun
    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NEXT: dict[str, Any] = {}
"""Values of the next measurement by parameter; an exception fails it."""


def analyse(task: BaseTask, _raw: object) -> TaskOutput:
    found = NEXT["value"]
    if isinstance(found, Exception):
        raise found
    quality = {"reduced_chi2": NEXT.get("chi2", 1.0)}
    return TaskOutput(dict.fromkeys(task.output_parameters, found), quality=quality)


def make_measurement(name: str, output: str, unit: str) -> type[BaseTask]:
    return make_task(name, analyse=analyse, output_parameters={output: OutputParameter(unit=unit)})


T1 = make_measurement("CheckT1", "t1", "us")
FREQUENCY = make_measurement("Frequency", "qubit_frequency", "GHz")
READOUT = make_measurement("Readout", "average_readout_fidelity", "")


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(T1, FREQUENCY)


def measure(
    bench: Bench,
    value: float | str | Exception,
    qid: str = "0",
    *,
    name: str = "CheckT1",
    chi2: float = 1.0,
    **config: Any,
) -> TaskResultModel:
    """Measure a value, or fail with a message or an error."""
    unit = {"CheckT1": "us", "Frequency": "GHz"}.get(name, "")
    failure = AnalysisError(value) if isinstance(value, str) else value
    NEXT["value"] = failure if isinstance(failure, Exception) else Parameter(failure, 0.01 * failure, unit)
    NEXT["chi2"] = chi2
    return bench.run(name, qid, **config)


def make_digest(bench: Bench, since: TaskResultModel) -> Digest:
    return bench.qdash.get(DIGESTS).make(ADMIN, CHIP, since.execution_id)


@pytest.mark.every_store
def test_a_night_is_told_with_what_to_do_next(make_bench: MakeBench) -> None:
    bench = make_bench(T1, FREQUENCY)
    ask_limits(bench.qdash.store, CHIP)
    for qid in "01234":
        measure(bench, 180.0, qid)
        evening = measure(bench, 5.0, qid, name="Frequency")
    measure(bench, 181.0)
    measure(bench, 10.0, "1")
    measure(bench, NoSignalError("no peak"), "2", name="Frequency")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.EXCLUDED, "drifts")
    found = make_digest(bench, evening)
    assert [one.execution.outcomes for one in found.runs] == [{"accepted": 1}, {"accepted": 1}, {"failed": 1}]
    assert [
        (one.name, one.n, one.median, one.median_before) for one in found.metrics if one.name == "t1"
    ] == [("t1", 5, 180.0, 180.0)]
    (moved,) = found.moved
    assert (moved.name, [one.change.target for one in moved.worsened]) == ("t1", ["1"])
    assert [(one.targets, one.reason) for one in found.newly_unfit] == [
        (["2"], "Frequency failed: no peak, in two measurements in a row")
    ]
    assert [(one.target, one.fitness, one.note) for one in found.set_aside] == [("4", "excluded", "drifts")]
    assert [(one.cause, list(one.targets)) for one in found.failures] == [
        ("no peak, in two measurements in a row", ["2"])
    ]
    assert [(one.name, list(one.values)) for one in found.left_specification] == [("t1", ["1"])]
    (advice,) = found.advice
    assert (str(advice.kind), list(advice.targets), advice.conditions) == ("inspect", ["2"], ())


def test_a_target_that_recovered_is_healthy_and_its_failure_is_over(bench: Bench) -> None:
    ask_limits(bench.qdash.store, CHIP)
    measure(bench, 5.0, name="Frequency")
    measure(bench, 10.0)
    evening = measure(bench, NoSignalError("no peak"), name="Frequency")
    measure(bench, "no peak again", name="Frequency")
    measure(bench, 5.0, name="Frequency")
    measure(bench, 190.0)
    found = make_digest(bench, evening)
    assert [(one.target, one.before) for one in found.newly_fit] == [("0", "unfit")]
    assert [(one.name, list(one.values)) for one in found.met_specification] == [("t1", ["0"])]
    assert (found.newly_unfit, found.failures) == ([], [])


def test_flagged_results_await_a_decision(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    flagged = measure(bench, 181.0, chi2=100.0)
    found = make_digest(bench, evening)
    assert [(one.target, one.task, one.task_id) for one in found.flagged] == [
        ("0", "CheckT1", flagged.task_id)
    ]
    assert found.flagged[0].reasons == flagged.reasons
    (progress,) = (one for one in found.metrics if one.name == "t1")
    assert (progress.n_new, progress.median_new, progress.median) == (1, 181.0, 180.0)
    assert [one.command for one in found.advice] == [f"qdash review {CHIP}"]


def test_a_change_by_hand_is_suspected_if_its_target_fails_after_it(bench: Bench) -> None:
    measure(bench, 5.0, name="Frequency")
    measure(bench, 5.0, "1", name="Frequency")
    evening = measure(bench, 180.0)
    for qid in "01":
        bench.qdash.get(VALUES).set(ADMIN, CHIP, qid, {"t1": Parameter(99.0)}, reason="from the notebook")
    measure(bench, "no peak", name="Frequency")
    found = make_digest(bench, evening)
    assert [(one.username, one.reason, one.targets, one.parameters) for one in found.manual] == [
        ("admin", "from the notebook", [qid], ["t1"]) for qid in "01"
    ]
    undo = found.advice[0]
    assert (str(undo.kind), undo.targets, undo.command) == (
        "undo",
        ["0"],
        f"qdash values undo {found.manual[0].number}",
    )


def test_a_change_by_hand_is_not_suspected_of_an_earlier_failure_or_after_its_undo(bench: Bench) -> None:
    measure(bench, 5.0, name="Frequency")
    evening = measure(bench, 180.0)
    measure(bench, "no peak", name="Frequency")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(99.0)}, reason="repair")
    assert "undo" not in [str(one.kind) for one in make_digest(bench, evening).advice]
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(98.0)}, reason="repair")
    measure(bench, "no peak", name="Frequency")
    assert "undo" in [str(one.kind) for one in make_digest(bench, evening).advice]
    for _ in range(2):
        bench.qdash.get(VALUES).undo(ADMIN)
    assert "undo" not in [str(one.kind) for one in make_digest(bench, evening).advice]


def test_a_failure_of_no_essential_metric_is_measured_again(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    measure(bench, "no decay")
    (advice,) = make_digest(bench, evening).advice
    assert (str(advice.kind), advice.targets, advice.reason) == ("measure", ["0"], "CheckT1 failed: no decay")


def test_a_run_that_never_started_is_listed(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    with bench.qdash.store.transaction() as transaction:
        executions = Repositories(transaction).of(ExecutionRepository)
        waiting = executions.require(PROJECT, evening.execution_id).model_copy(
            update={
                "execution_id": "20991231-000",
                "status": ExecutionStatus.SCHEDULED,
                "start_at": None,
                "end_at": None,
                "created_at": utc_now(),
            }
        )
        executions.add(waiting)
    assert [one.execution.execution_id for one in make_digest(bench, evening).runs] == ["20991231-000"]


def test_a_measurement_that_began_before_the_start_and_ended_after_it_counts(bench: Bench) -> None:
    result = measure(bench, "no peak", name="Frequency")
    assert result.start_at is not None
    assert result.end_at is not None
    middle = result.start_at + (result.end_at - result.start_at) / 2
    found = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, middle.isoformat())
    assert [list(one.targets) for one in found.failures] == [["0"]]


def test_trials_simulations_and_scopes_change_nothing(bench: Bench) -> None:
    measure(bench, 5.0, name="Frequency")
    evening = measure(bench, 180.0)
    measure(bench, "no peak", name="Frequency", saved=False)
    measure(bench, 10.0, scope="test")
    found = make_digest(bench, evening)
    assert (found.failures, found.moved, found.newly_unfit, found.left_specification) == ([], [], [], [])
    assert len(found.runs) == 2


def test_a_quiet_night_advises_a_release(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    assert make_digest(bench, evening).advice == []
    measure(bench, 180.1)
    assert [str(one.kind) for one in make_digest(bench, evening).advice] == ["release"]


def test_an_interrupted_run_is_resumed_first(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    execution_id = bench.abandon(bench.start_session())
    found = make_digest(bench, evening)
    assert [(str(one.kind), one.command) for one in found.advice][:1] == [
        ("resume", f"qdash executions resume {execution_id}")
    ]


def test_the_start_is_a_time_an_execution_or_a_release(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    measure(bench, 40.0)
    make = bench.qdash.get(DIGESTS).make
    for since in (evening.execution_id, "release:friday"):
        assert [one.name for one in make(ADMIN, CHIP, since).moved] == ["t1"]
    assert len(make(ADMIN, CHIP, "1h").runs) == 2
    assert len(make(ADMIN, CHIP).runs) == 2
    running = bench.start_session()
    with pytest.raises(ConflictError, match="only after it has ended"):
        make(ADMIN, CHIP, running.execution.execution_id)
    running.complete()


@pytest.mark.parametrize("since", ["yesterday", "chip:chip", "cooldown:a", "2199-01-01", "now"])
def test_other_starts_are_refused(bench: Bench, since: str) -> None:
    with pytest.raises(InvalidInputError):
        bench.qdash.get(DIGESTS).make(ADMIN, CHIP, since)


def test_a_chip_of_another_project_does_not_exist(bench: Bench) -> None:
    bench.add_project("other")
    for access, chip_id in ((access_of("admin", "other"), CHIP), (ADMIN, "missing")):
        with pytest.raises(NotFoundError):
            bench.qdash.get(DIGESTS).make(access, chip_id)


def test_a_value_is_out_of_specification_once_and_not_when_it_is_first_measured(bench: Bench) -> None:
    evening = measure(bench, 5.0, name="Frequency")
    measure(bench, 10.0)
    assert make_digest(bench, evening).left_specification == []
    night = measure(bench, 10.1)
    measure(bench, 10.2)
    assert make_digest(bench, night).left_specification == []


def test_specification_is_no_reason_to_measure_again(bench: Bench) -> None:
    ask_limits(bench.qdash.store, CHIP)
    evening = measure(bench, 180.0)
    measure(bench, 40.0)
    found = make_digest(bench, evening)
    assert [one.name for one in found.left_specification] == ["t1"]
    assert "measure" not in [str(one.kind) for one in found.advice]


def test_what_is_asked_later_changes_no_earlier_digest(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    morning = measure(bench, 40.0)
    ask_limits(bench.qdash.store, CHIP)
    start, end = evening.execution_id, morning.execution_id
    for kept in (True, False):
        header = bench.qdash.get(CHIPS).get_header(ADMIN, CHIP)
        if not kept:  # as a chip whose limits were asked before former ones were kept
            bench.repositories.of(ChipRepository).put(header.model_copy(update={"former_specifications": []}))
        then, now = (bench.qdash.get(DIGESTS).make(ADMIN, CHIP, start, until) for until in (end, None))
        assert ([*then.left_specification], [one.name for one in now.left_specification]) == ([], ["t1"])


@pytest.mark.every_store
def test_limits_that_were_changed_or_withdrawn_since_hold_for_earlier_digests(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    asks = bench.qdash.get(SPECIFICATIONS)
    asks.ask(ADMIN, CHIP, {"t1": 100.0}, {})
    evening = measure(bench, 180.0)
    morning = measure(bench, 40.0)
    asks.ask(ADMIN, CHIP, {"t1": 30.0}, {})
    asks.ask(ADMIN, CHIP, {}, {}, withdrawn=["t1"])
    then, now = (
        bench.qdash.get(DIGESTS).make(ADMIN, CHIP, evening.execution_id, until)
        for until in (morning.execution_id, None)
    )
    assert [one.name for one in then.left_specification] == ["t1"]
    assert now.left_specification == []


def test_stale_values_are_counted_once_and_measured_where_gates_need_them(bench: Bench) -> None:
    for qid in "01":
        measure(bench, 5.0, qid, name="Frequency")
    measure(bench, 180.0, "2")
    later = DigestService(
        bench.qdash.store,
        bench.qdash.zone,
        metrics=bench.qdash.get(METRICS),
        judgements=JudgementReader(load_builtin, lambda: utc_now() + timedelta(days=8)),
        adviser=Adviser(find_runs=lambda *_: list_runs(bench)),
    )
    found = later.make(ADMIN, CHIP, "1h")
    assert (found.too_old, found.moved_inputs) == (3, 0)
    assert [(one.target, one.parameter) for one in found.stale] == [
        ("0", "qubit_frequency"),
        ("1", "qubit_frequency"),
    ]
    (advice,) = found.advice
    assert (list(advice.targets), advice.conditions, advice.flow) == (["0", "1"], (), "Frequency")


def list_runs(bench: Bench) -> list[MeasuringRun]:
    return list_measuring_runs(bench.qdash.get(RUNS).get_catalogue(ADMIN, CHIP), bench.qdash.registry.flows())


def test_a_plugin_that_is_not_installed_hides_no_advice(bench: Bench) -> None:
    def refuse(*_: object) -> Any:
        raise NotFoundError("there is no backend rack")

    evening = measure(bench, 180.0)
    measure(bench, NoSignalError("no peak"), name="Frequency")
    adviser = Adviser(find_runs=refuse, find_seconds=refuse, find_cause=refuse)
    service = DigestService(
        bench.qdash.store,
        bench.qdash.zone,
        metrics=bench.qdash.get(METRICS),
        judgements=JudgementReader(load_builtin),
        adviser=adviser,
    )
    (advice,) = service.make(ADMIN, CHIP, evening.execution_id).advice
    assert (advice.flow, advice.cost) == ("Frequency", "")


def test_an_action_tells_the_laboratory_time_of_its_dry_run(bench: Bench) -> None:
    for qid in "01":
        evening = measure(bench, 180.0, qid)
    for qid in "01":
        measure(bench, NoSignalError("no peak"), qid, name="Frequency")
    (advice,) = make_digest(bench, evening).advice
    targets = TargetSelection(qubits=tuple(advice.targets))
    request = RunRequest(chip_id=CHIP, flow=advice.flow, targets=targets)
    (forecast,) = bench.qdash.get(RUNS).preview(ADMIN, request).forecasts
    assert forecast is not None
    assert (advice.targets, advice.cost) == (["0", "1"], format_duration(forecast.makespan_s))


def test_an_unfit_target_is_news_once_and_later_named_with_its_onset(make_bench: MakeBench) -> None:
    bench = make_bench(T1, READOUT)
    for qid in "01234":
        measure(bench, 180.0, qid)
        evening = measure(bench, 0.99, qid, name="Readout")
    start = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, evening.execution_id).until
    first = measure(bench, 0.61, name="Readout", chi2=100.0)
    night = make_digest(bench, evening)
    assert [(one.targets, one.since) for one in night.newly_unfit] == [(["0"], first.start_at)]
    assert (night.still_unfit, night.moved) == ([], [])
    bench.qdash.get(VALUES).accept(ADMIN, first.task_id)
    morning = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, night.until.isoformat())
    assert (morning.newly_unfit, morning.moved, morning.left_specification) == ([], [], [])
    assert [(one.targets, one.since) for one in morning.still_unfit] == [(["0"], first.start_at)]
    assert "nothing new" in make_title(morning)
    assert [(list(one.targets), one.flow) for one in morning.advice] == [(["0"], "Readout")]
    measure(bench, 0.99, name="Readout")
    recovered = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, morning.until.isoformat())
    assert [(one.target, one.before) for one in recovered.newly_fit] == [("0", "unfit")]
    assert "1 newly fit" in make_title(recovered)
    assert bench.qdash.get(DIGESTS).make(ADMIN, CHIP, start.isoformat()).newly_fit == []


def test_a_digest_since_a_release_of_now_has_no_news(bench: Bench) -> None:
    measure(bench, 180.0)
    measure(bench, NoSignalError("no peak"), name="Frequency")
    measure(bench, 181.0, "1", chi2=100.0)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    found = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "release:friday")
    assert (found.newly_unfit, found.newly_fit, found.set_aside, found.moved) == ([], [], [], [])
    assert [one.targets for one in found.still_unfit] == [["0"]]
    assert make_title(found).endswith("since release:friday: nothing new")


def test_the_undo_of_a_wrong_value_is_advised_in_each_later_digest_until_it_is_done(bench: Bench) -> None:
    measure(bench, 180.0)
    event = bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(99.0)}, reason="typo").number
    measure(bench, NoSignalError("no peak"), name="Frequency")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    found = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "release:friday")
    assert [one.command for one in found.advice] == [f"qdash values undo {event}"]


def test_a_period_of_the_past_is_told_as_it_was_known_then(bench: Bench) -> None:
    evening = measure(bench, 180.0)
    measure(bench, 5.0, "1", name="Frequency")
    flagged = measure(bench, 181.0, "2", chi2=100.0)
    measure(bench, NoSignalError("no peak"), "1", name="Frequency")
    morning = measure(bench, 40.0)
    then = make_digest(bench, evening)
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    measure(bench, 5.0, "1", name="Frequency")
    measure(bench, 179.0)
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.EXCLUDED, "drifts")
    past = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, evening.execution_id, morning.execution_id)
    for field in (
        "runs",
        "moved",
        "metrics",
        "failures",
        "left_specification",
        "manual",
        "statuses",
        "laboratory",
    ):
        assert getattr(past, field) == getattr(then, field), field
    assert [(one.target, one.task_id) for one in past.flagged] == [("2", flagged.task_id)]
    assert [one.targets for one in past.newly_unfit] == [one.targets for one in then.newly_unfit] == [["1"]]
    assert past.set_aside == []
    assert past.advice == ()
    assert past.advised_then is not None
    assert [(one.text, one.reason) for one in past.advised_then] == [
        (one.text, one.reason) for one in then.advice
    ]
    assert {one.command for one in past.advised_then} == {""}


def change_everything(bench: Bench, flagged: TaskResultModel, event: int) -> None:
    """Measure, decide, undo and set targets aside, so that nothing on the chip is as before."""
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    bench.qdash.get(VALUES).undo(ADMIN, event)
    for qid in "0123":
        measure(bench, 5.1, qid, name="Frequency")
        new = measure(bench, 77.0, qid)
        measure(bench, 78.0, qid, chi2=100.0)
    bench.qdash.get(VALUES).reject(ADMIN, new.task_id, reason="wrong")
    measure(bench, NoSignalError("no peak"), "0", name="Frequency")
    until = utc_now() + timedelta(hours=1)
    bench.qdash.get(VALUES).trust(ADMIN, CHIP, "2", ["t1"], until=until, reason="checked by hand")
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "chip", "firmware", before="1", after="2")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.DEAD, "broken")
    bench.qdash.get(CRYOSTATS).create(ADMIN, "fridge", name="Fridge")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "second", "fridge", chip_ids=[CHIP])


@pytest.mark.every_store
def test_a_period_is_told_later_as_at_its_end(make_bench: MakeBench) -> None:
    bench = make_bench(T1, FREQUENCY)
    for qid in "0123":
        measure(bench, 5.0, qid, name="Frequency")
        evening = measure(bench, 180.0, qid)
    earlier = measure(bench, 182.0, "1", chi2=100.0)
    start = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, earlier.execution_id).until
    event = bench.qdash.get(VALUES).set(ADMIN, CHIP, "4", {"t1": Parameter(170.0)}, reason="notebook").number
    rejected = measure(bench, 40.0, "3")
    bench.qdash.get(VALUES).reject(ADMIN, rejected.task_id, reason="a bad night")
    flagged = measure(bench, 181.0, "2", chi2=100.0)
    measure(bench, NoSignalError("no peak"), "1", name="Frequency")
    measure(bench, "too noisy", "2")
    measure(bench, "still too noisy", "2")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.EXCLUDED, "drifts")
    bench.qdash.get(VALUES).record_setting(
        ADMIN, CHIP, "chip", "temperature", before="10 mK", after="14 mK", reason="a second load"
    )
    measure(bench, 40.0)
    periods = {
        since: bench.qdash.get(DIGESTS).make(ADMIN, CHIP, since)
        for since in (evening.execution_id, start.isoformat())
    }
    judgement = JudgementReader(load_builtin).read(bench.repositories, PROJECT, CHIP)
    change_everything(bench, flagged, event)
    for since, then in periods.items():
        past = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, since, then.until.isoformat())
        assert past.advised_then is not None
        assert [one.text for one in past.advised_then] == [one.text for one in then.advice] != []
        assert replace(past, advised_then=None) == replace(then, advice=())
        told, seen = (
            write_digest(replace(one, advice=(), advised_then=None), bench.qdash.zone, "text")
            for one in (past, then)
        )
        assert told == seen
    assert sorted(one.is_new for one in then.flagged) == [False, True]
    repositories = bench.repositories
    past_chip = read_past_chip(repositories, read_chip(repositories, PROJECT, CHIP), then.until).chip
    assert (
        judge_past_chip(repositories, past_chip, load_builtin(), declared=ValueDeclarations(), at=then.until)
        == judgement
    )
    assert (
        judgement.targets["1"].reasons
        != JudgementReader(load_builtin).read(repositories, PROJECT, CHIP).targets["1"].reasons
    )


@pytest.mark.every_store
def test_a_digest_that_is_made_again_is_the_one_that_is_made_anew(make_bench: MakeBench) -> None:
    bench = make_bench(T1, FREQUENCY)
    measure(bench, 180.0)
    evening = measure(bench, 5.0, name="Frequency")
    kept, values = bench.qdash.get(DIGESTS), bench.qdash.get(VALUES)
    changes: list[Callable[[], object]] = [
        lambda: measure(bench, 60.0),
        lambda: measure(bench, 5.2, "1", name="Frequency"),
        lambda: values.set(ADMIN, CHIP, "1", {"t1": Parameter(99.0, 1.0, "us")}, reason="from the notebook"),
        lambda: values.accept(ADMIN, measure(bench, 40.0, "2", chi2=100.0).task_id, reason="looks right"),
        lambda: measure(bench, NoSignalError("no peak"), "2", name="Frequency"),
        lambda: values.undo(ADMIN, 4, reason="a mistake"),
        lambda: bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.EXCLUDED, "drifts"),
        lambda: values.reject(ADMIN, evening.task_id, reason="looks wrong"),
    ]
    for change in changes:
        change()
        again = kept.make(ADMIN, CHIP, evening.execution_id)
        anew = open_digests(bench.qdash).make(ADMIN, CHIP, evening.execution_id)
        assert replace(again, until=anew.until) == anew


def test_a_change_by_hand_shortly_before_the_period_is_told_if_its_target_fails_in_it(bench: Bench) -> None:
    for qid in "01":
        measure(bench, 5.0, qid, name="Frequency")
        bench.qdash.get(VALUES).set(ADMIN, CHIP, qid, {"t1": Parameter(99.0)}, reason="from the notebook")
    evening = measure(bench, 180.0, "2")
    measure(bench, NoSignalError("no peak"), name="Frequency")
    found = make_digest(bench, evening)
    assert [one.targets for one in found.manual] == [["0"]]
    assert str(found.advice[0].kind) == "undo"


def test_a_period_that_ends_before_its_start_is_refused(bench: Bench) -> None:
    first = measure(bench, 180.0)
    second = measure(bench, 181.0)
    with pytest.raises(InvalidInputError, match="not after its start"):
        bench.qdash.get(DIGESTS).make(ADMIN, CHIP, second.execution_id, first.execution_id)
    with pytest.raises(InvalidInputError, match="names a whole night"):
        bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "last-night", "now")


def test_a_period_before_the_chip_was_created_is_refused_for_this_reason(bench: Bench) -> None:
    for period in (("2020-01-01", "2020-01-02"), ("night-before-last", None)):
        with pytest.raises(InvalidInputError, match=f"chip {CHIP} exists only since 20"):
            bench.qdash.get(DIGESTS).make(ADMIN, CHIP, *period)
