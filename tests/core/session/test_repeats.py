"""A result that is flagged only as a jump is measured once more, and three results that agree confirm a changed value."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.runs.feature import EXECUTIONS as EXECUTIONS_SERVICE
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.progress import run_progress
from qdash_builtin.runs.result_times import list_timed_attempts
from qdash_builtin.values.feature import VALUE_SCOPES, VALUES
from qdash_core import BackendError, OutputParameter, Parameter, RawData, TaskOutput
from qdash_core.attempts.recent_results import RecentResults
from qdash_core.errors import AnalysisError, NoSignalError, StoreError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.request import RunRequest
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.session.dispatch.plans import Plan
from qdash_core.validation.verdicts import Finding

from ...access import ADMIN
from ..bench import Bench, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from qdash_core import BaseTask, CalibOrchestrator
    from qdash_core.models.task import TaskResultModel
    from qdash_core.validation.verdicts import Candidate

    from ..conftest import MakeBench

JUMP = 0.5
OLD, NEW = Parameter(88.0, 1.0, "us"), Parameter(20.0, 0.5, "us")
Outcome = Parameter | BaseException


class Script:
    """Measurements of t1 with given outcomes in order; after the last one, always that one.

    An AnalysisError is raised after the measurement, any other error in it.
    """

    def __init__(self, *outcomes: Outcome, **attributes: Any) -> None:
        self.outcomes = list(outcomes)
        self.measured: list[str] = []
        self._last: dict[str, Outcome] = {}
        self.attributes = attributes

    def add(self, *outcomes: Outcome) -> None:
        self.outcomes += outcomes

    def _take(self, qid: str) -> Outcome:
        self._last[qid] = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        self.measured.append(qid)
        return self._last[qid]

    def task(self, name: str = "Measure") -> type[BaseTask]:
        def measure(one: Any, backend: Any) -> RawData:
            outcome = self._take(one.context.qid)
            if backend.clock is not None:
                backend.clock.advance(one.context.qid, 5.0)
            if isinstance(outcome, BaseException) and not isinstance(outcome, AnalysisError):
                raise outcome
            return RawData({"signal": ([1.0, 2.0], "a.u.")})

        def analyse(one: Any, _: object) -> TaskOutput:
            outcome = self._last[one.context.qid]
            if isinstance(outcome, BaseException):
                raise outcome
            return TaskOutput({"t1": outcome})

        declared = {"t1": OutputParameter(unit="us", minimum=0.0, jump=JUMP)}
        kind = make_task(
            name, measure=measure, analyse=analyse, output_parameters=declared, **self.attributes
        )
        if kind.simultaneous:
            kind.run_group = classmethod(lambda _, backend, tasks: [one.run(backend) for one in tasks])  # type: ignore[method-assign,assignment]
        return kind


def describe(results: Iterable[TaskResultModel]) -> list[tuple[str, int, str]]:
    return [(one.qid, one.attempt, one.outcome) for one in results]


def run(bench: Bench, qids: str = "0", **given: Any) -> list[TaskResultModel]:
    """Run `Measure` in an execution of its own; return all its results."""
    session = bench.start_session(**given)
    session.run_plan(Plan([session.plan_task("Measure")], [list(qids)]))
    return bench.list_results(session.complete().execution_id)


# ---------------------------------------------------------------------------------------------------------- the repeat


@pytest.mark.every_store
def test_a_result_that_only_jumped_is_measured_once_more_and_stays_recorded(make_bench: MakeBench) -> None:
    script = Script(OLD, NEW, OLD)
    bench = make_bench(script.task())
    assert describe(run(bench)) == [("0", 1, "accepted")]
    first, second = run(bench)
    assert describe([first, second]) == [("0", 1, "flagged"), ("0", 2, "accepted")]
    assert (first.flagged_by, first.reasons) == (["jump"], ["t1 jumped from 88 to 20 us"])
    assert first.node == second.node
    assert second.upstream_id == first.task_id
    assert bench.get_value() == 88.0


@pytest.mark.every_store
def test_the_counts_of_a_run_and_its_results_by_outcome_agree(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, OLD, NEW, OLD, NEW).task())
    run(bench, "01")
    session = bench.start_session()
    session.run_plan(Plan([session.plan_task("Measure")], [["0"], ["1"]]))
    execution = session.complete()
    assert execution.tasks == {"completed": 2}
    assert execution.outcomes == {"accepted": 1, "flagged": 1}
    for outcome, ids in (("accepted", ["0"]), ("flagged", ["1"]), ("failed", [])):
        query = ResultQuery(execution_id=execution.execution_id, outcome=outcome)
        found = bench.qdash.get(RESULTS).page(ADMIN, query, PageRequest()).items
        assert [one.qid for one in found] == ids


def test_a_list_has_the_stored_counts_of_a_run_recorded_without_outcomes(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    run(bench, repeat=False)
    newest = bench.qdash.get(EXECUTIONS_SERVICE).newest(ADMIN, limit=1)[0]
    bench.repositories.of(ExecutionRepository).replace(
        newest.model_copy(update={"outcomes": {}}), was=newest.status
    )
    (listed,) = bench.qdash.get(EXECUTIONS_SERVICE).list_executions(ADMIN, limit=1)
    assert (listed.execution.tasks, listed.execution.outcomes) == ({"completed": 1}, {"completed": 1})


@pytest.mark.parametrize("where", ["config", "request"])
def test_repeats_can_be_turned_off(make_bench: MakeBench, where: str) -> None:
    bench = make_bench(Script(OLD, NEW, NEW).task())
    run(bench)
    if where == "config":
        results = run(bench, repeat=False)
    else:
        request = {"chip_id": "chip", "flow": "Measure", "single": "0", "repeat": False}
        execution = bench.qdash.get(RUNS).run(ADMIN, RunRequest.model_validate(request))
        results = bench.list_results(execution.execution_id)
    assert describe(results) == [("0", 1, "flagged")]


@pytest.mark.parametrize("flagged_once_more", [False, True])
def test_a_node_is_repeated_at_most_once(make_bench: MakeBench, flagged_once_more: bool) -> None:
    script = Script(OLD, NEW, NEW if flagged_once_more else OLD, OLD)
    bench = make_bench(script.task())
    run(bench)
    assert len(run(bench)) == 2
    assert script.measured == ["0"] * 3


def test_results_in_a_value_scope_are_repeated_and_confirmed_beside_those_of_the_chip(
    make_bench: MakeBench,
) -> None:
    script = Script(OLD, NEW)
    bench = make_bench(script.task())
    run(bench)
    assert describe(run(bench, scope="evening")) == [("0", 1, "flagged"), ("0", 2, "flagged")]
    assert describe(run(bench)) == [("0", 1, "flagged"), ("0", 2, "flagged")]
    assert describe(run(bench, scope="evening")) == [("0", 1, "accepted")]
    assert bench.get_value() == 88.0


def test_trials_are_not_repeated_and_do_not_count(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    for _ in range(4):
        assert describe(run(bench, saved=False)) == [("0", 1, "flagged")]
    assert describe(run(bench, repeat=False)) == [("0", 1, "flagged")]


class Picky:
    """Validator that flags values below a limit."""

    name = "picky"

    def validate(self, candidate: Candidate) -> list[Finding]:
        low = candidate.output.parameters["t1"].value < 30
        return [Finding(Verdict.FLAGGED, "too low")] if low else []


def test_a_result_that_is_flagged_for_another_reason_too_is_not_repeated(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task(), validators=[Picky()])
    run(bench)
    for _ in range(3):
        (result,) = run(bench)
        assert {*result.flagged_by} == {"jump", "picky"}


@pytest.mark.parametrize("simultaneous", [False, True])
@pytest.mark.parametrize("max_parallel", [1, None])
@pytest.mark.parametrize("clocked", [False, True])
def test_of_a_group_only_the_flagged_targets_are_repeated(
    make_bench: MakeBench, simultaneous: bool, max_parallel: int | None, clocked: bool
) -> None:
    far = {"0": Parameter(10.0, 0.1, "us"), "2": Parameter(30.0, 0.1, "us"), "4": Parameter(10.0, 0.1, "us")}
    values = dict.fromkeys("024", Parameter(10.0, 0.1, "us"))
    measured: list[str] = []

    def measure(one: Any, backend: Any) -> RawData:
        measured.append(one.context.qid)
        if backend.clock is not None:
            backend.clock.advance(one.context.qid, 5.0)
        return RawData({"signal": ([1.0], "a.u."), "qid": ([int(one.context.qid)], "")})

    def analyse(_: Any, raw: RawData) -> TaskOutput:
        return TaskOutput({"t1": values[str(raw["qid"][0])]})

    kind = make_task(
        measure=measure,
        analyse=analyse,
        output_parameters={"t1": OutputParameter(unit="us", jump=JUMP)},
        simultaneous=simultaneous,
        run_group=classmethod(lambda _, backend, tasks: [one.run(backend) for one in tasks]),
    )
    bench = make_bench(kind, backends=[make_backend(max_parallel=max_parallel, clocked=clocked)])
    run(bench, "024")
    values.update(far)
    measured.clear()
    results = run(bench, "024")
    assert Counter(measured) == {"0": 1, "2": 2, "4": 1}
    assert measured[-1] == "2" or not simultaneous
    assert sorted(describe(results)) == [
        ("0", 1, "accepted"),
        ("2", 1, "flagged"),
        ("2", 2, "flagged"),
        ("4", 1, "accepted"),
    ]


def test_the_repeat_counts_in_laboratory_time_and_does_not_change_predicted_durations(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(Script(OLD, NEW).task(), backends=[make_backend(clocked=True)])
    run(bench)
    results = run(bench)
    assert [(one.lab_start_s, one.lab_s) for one in results] == [(0.0, 5.0), (5.0, 5.0)]
    execution = bench.get_execution(results[0].execution_id)
    assert (execution.lab_seconds, execution.tasks) == (10.0, {"completed": 1})
    latest = bench.repositories.of(LatestResultRepository).find("default", "chip", "Measure", "0")
    assert latest is not None
    assert [*latest.durations_s.values()] == [5.0]


class Watcher:
    """Progress that keeps everything it receives."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def began(self, execution_id: str) -> None: ...

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None: ...

    def started(self, task: str, target: str) -> None:
        self.seen.append(("started", target))

    def repeating(self, result: TaskResultModel) -> None:
        self.seen.append(("repeating", result.reasons[0]))

    def finished(self, result: TaskResultModel) -> None:
        self.seen.append(("finished", result.outcome))


def test_the_repeat_is_announced_and_its_result_is_that_of_the_node(make_bench: MakeBench) -> None:
    bench, watcher = make_bench(Script(OLD, NEW, OLD).task()), Watcher()
    run(bench)
    calibration = bench.make_service(progress=watcher)
    calibration.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert watcher.seen == [
        ("started", "0"),
        ("repeating", "t1 jumped from 88 to 20 us"),
        ("started", "0"),
        ("finished", "accepted"),
    ]
    calibration.finish_calibration()


def test_a_node_is_not_done_while_it_is_repeated(make_bench: MakeBench) -> None:
    found = []

    class Look(Script):
        def _take(self, qid: str) -> Outcome:
            if len(self.measured) == 2:
                execution = session.execution
                attempts = list_timed_attempts(
                    bench.repositories.of(TaskResultHistoryRepository), "default", execution.execution_id
                )
                found.append(
                    run_progress(bench.get_execution(execution.execution_id), attempts, execution.start_at)
                )  # type: ignore[arg-type]
            return super()._take(qid)

    bench = make_bench(Look(OLD, NEW, NEW).task())
    run(bench)
    session = bench.start_session()
    session.run_plan(Plan([session.plan_task("Measure")], [["0", "1"]]))
    session.complete()
    (progress,) = found
    assert (progress.done, progress.total, progress.measuring) == (0, 2, [("Measure", "0")])


@pytest.mark.parametrize("failure", [BackendError("a cable is loose"), AnalysisError("no decay")])
def test_a_repeat_that_fails_leaves_the_flagged_result_as_that_of_its_node(
    make_bench: MakeBench, failure: Exception
) -> None:
    bench = make_bench(Script(OLD, NEW, failure).task(), make_task("Next", {}, needs=["t1"]))
    run(bench)
    session = bench.start_session()
    results = session.run_plan(Plan([session.plan_task("Measure"), session.plan_task("Next")], [["0"]]))
    ended = session.complete()
    assert [one.outcome for one in results] == ["flagged", "accepted"]
    assert ended.tasks == {"completed": 2}
    assert [one.outcome for one in bench.list_results(ended.execution_id)] == [
        "flagged",
        "failed",
        "accepted",
    ]


@pytest.mark.parametrize("cut", ["before the repeat", "in the repeat", "after it"])
def test_a_repeated_node_is_not_measured_again_by_a_resume(make_bench: MakeBench, cut: str) -> None:
    script = Script(OLD, NEW, KeyboardInterrupt() if cut == "in the repeat" else NEW, NEW)
    after = [] if cut == "in the repeat" else [KeyboardInterrupt()]
    bench = make_bench(script.task(), Script(*after, OLD).task("Cut"))
    run(bench)

    def flow(session: CalibOrchestrator) -> object:
        return session.run_plan(Plan([session.plan_task("Measure"), session.plan_task("Cut")], [["0"]]))

    session = bench.start_session(repeat=cut != "before the repeat")
    with pytest.raises(KeyboardInterrupt):
        flow(session)
    execution_id = bench.abandon(session)
    measured = len(script.measured)

    session = bench.start_session(resume=True, execution_id=execution_id)
    flow(session)
    ended = session.complete()
    assert len(script.measured) == measured
    assert (ended.status, ended.tasks) == (ExecutionStatus.COMPLETED, {"completed": 2})


def test_a_cancelled_run_is_not_repeated(make_bench: MakeBench) -> None:
    class Cancelling(Script):
        def _take(self, qid: str) -> Outcome:
            if self.measured:
                session.request_cancel()
            return super()._take(qid)

    bench = make_bench(Cancelling(OLD, NEW).task())
    run(bench)
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        session.run_task("Measure", "0")
    ended = session.cancel()
    assert describe(bench.list_results(ended.execution_id)) == [("0", 1, "flagged")]


# ---------------------------------------------------------------------------------------------------- absent signals

ABSENT = NoSignalError("no decay above the noise")


@pytest.mark.parametrize("simultaneous", [False, True])
def test_of_a_group_only_the_targets_without_a_signal_are_measured_again(
    make_bench: MakeBench, simultaneous: bool
) -> None:
    script = Script(OLD, simultaneous=simultaneous)
    bench = make_bench(script.task())
    run(bench, "024")
    script.measured.clear()
    script.outcomes = [OLD, ABSENT, OLD, ABSENT] if simultaneous else [OLD, ABSENT, ABSENT, OLD]
    results = run(bench, "024")
    assert Counter(script.measured) == {"0": 1, "2": 2, "4": 1}
    failed = [one for one in results if one.qid == "2"]
    assert [one.attempt for one in failed] == [1, 2]
    assert [one.message for one in failed] == [
        "no decay above the noise",
        "no decay above the noise, in two measurements in a row",
    ]
    assert bench.get_qubit("2").status == "failed"


def test_a_signal_that_returns_at_once_counts_and_its_jump_is_not_repeated(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, ABSENT, NEW).task())
    run(bench)
    assert describe(run(bench)) == [("0", 1, "failed"), ("0", 2, "flagged")]


def test_a_resumed_run_confirms_an_absent_signal_with_one_measurement(make_bench: MakeBench) -> None:
    script = Script(OLD, ABSENT, KeyboardInterrupt(), ABSENT)
    bench = make_bench(script.task())
    run(bench)
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        session.run_task("Measure", "0")
    execution_id = bench.abandon(session)
    script.measured.clear()
    session = bench.start_session(resume=True, execution_id=execution_id)
    session.run_task("Measure", "0")
    session.complete()
    assert script.measured == ["0"]
    assert bench.get_qubit().failures["t1"].absent_since is not None


def test_a_cancelled_run_does_not_confirm_an_absent_signal(make_bench: MakeBench) -> None:
    class Cancelling(Script):
        def _take(self, qid: str) -> Outcome:
            if self.measured:
                session.request_cancel()
            return super()._take(qid)

    bench = make_bench(Cancelling(OLD, ABSENT).task())
    run(bench)
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        session.run_task("Measure", "0")
    assert describe(bench.list_results(session.cancel().execution_id)) == [("0", 1, "failed")]
    assert bench.get_qubit().failures["t1"].absent_since is None


# ------------------------------------------------------------------------------------------------- confirmed changes


def test_a_store_that_cannot_be_read_ends_the_run_and_flags_nothing(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    monkeypatch.setattr(RecentResults, "_read", make_raising(StoreError("the disk is full")))
    session = bench.start_session()
    with pytest.raises(StoreError, match="the disk is full"):
        session.run_task("Measure", "0")
    ended = session.fail("the disk is full")
    assert describe(bench.list_results(ended.execution_id)) == [("0", 1, "cancelled")]


@pytest.mark.every_store
def test_a_change_that_lasts_is_in_use_after_the_third_result(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    first, second = run(bench)
    assert bench.get_value() == 88.0
    (third,) = run(bench)
    assert (third.status, third.verdict, third.flagged_by) == (TaskStatus.COMPLETED, Verdict.ACCEPTED, [])
    assert third.reasons == [f"t1 = 20 us is confirmed by results {second.task_id} and {first.task_id}"]
    assert third.message == ""
    assert bench.get_value() == 20.0
    (event,) = bench.qdash.get(VALUES).list_events(ADMIN, "chip", PageRequest(1)).items
    assert (event.head.kind, event.head.task_id, event.head.reason) == (
        "calibrated",
        third.task_id,
        third.reasons[0],
    )
    (fourth,) = run(bench)
    assert (fourth.verdict, fourth.reasons) == (Verdict.ACCEPTED, [])


def test_one_execution_confirms_nothing_however_often_it_measures(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    session = bench.start_session()
    for _ in range(4):
        assert session.run_task("Measure", "0").verdict is Verdict.FLAGGED
    session.complete()
    assert bench.get_value() == 88.0
    assert describe(run(bench)) == [("0", 1, "accepted")]


def test_a_refit_is_no_further_measurement(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    (first,) = run(bench, repeat=False)
    for _ in range(3):
        refit = bench.qdash.get(RESULTS).refit(ADMIN, first.task_id)
        assert (refit.verdict, refit.flagged_by) == (Verdict.FLAGGED, ["jump"])
    (second,) = run(bench, repeat=False)
    bench.qdash.get(RESULTS).refit(ADMIN, second.task_id)
    assert second.verdict is Verdict.FLAGGED
    (third,) = run(bench, repeat=False)
    assert third.reasons == [f"t1 = 20 us is confirmed by results {second.task_id} and {first.task_id}"]


def test_a_result_that_a_user_rejected_does_not_count(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    _, second = run(bench)
    bench.qdash.get(VALUES).reject(ADMIN, second.task_id, reason="the fridge was opened")
    assert describe(run(bench, repeat=False)) == [("0", 1, "flagged")]


def test_results_from_before_a_value_was_set_by_hand_do_not_count(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task())
    run(bench)
    run(bench)
    bench.qdash.get(VALUES).set(ADMIN, "chip", "0", {"t1": OLD}, reason="the fall was a warm stage")
    assert describe(run(bench)) == [("0", 1, "flagged"), ("0", 2, "flagged")]
    assert describe(run(bench)) == [("0", 1, "accepted")]


def test_results_from_before_the_commit_of_a_measured_value_do_not_count(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW, NEW, OLD, NEW).task())
    run(bench)
    run(bench)
    run(bench, scope="evening")
    bench.qdash.get(VALUE_SCOPES).commit(ADMIN, "chip", "evening")
    assert describe(run(bench, repeat=False)) == [("0", 1, "flagged")]
    assert bench.get_value() == 88.0


def test_a_value_of_another_cooldown_is_only_a_start_value(make_bench: MakeBench) -> None:
    script = Script(OLD, NEW, OLD)
    bench = make_bench(script.task())
    cooldowns = bench.qdash.get(COOLDOWNS)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    run(bench)
    cooldowns.create(ADMIN, "1", "K", chip_ids=["chip"])
    assert describe(run(bench)) == [("0", 1, "accepted")]
    assert describe(run(bench, repeat=False)) == [("0", 1, "flagged")]
    cooldowns.end(ADMIN, "1")
    cooldowns.create(ADMIN, "2", "K", chip_ids=["chip"])
    assert describe(run(bench)) == [("0", 1, "accepted")]


def test_the_results_of_a_deleted_chip_do_not_count(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW, NEW, OLD, NEW).task())
    run(bench)
    run(bench)
    bench.qdash.get(CHIPS).delete(ADMIN, "chip", force=True)
    bench.add_chip("chip")
    run(bench)
    assert describe(run(bench, repeat=False)) == [("0", 1, "flagged")]


@st.composite
def draw_outcome(draw: st.DrawFn) -> Outcome | str:
    kind = draw(st.sampled_from(["value"] * 10 + ["unknown error", "backend", "fit", "rejected", "trial"]))
    match kind:
        case "value" | "unknown error":
            value = draw(st.sampled_from([10.0, 25.0, 26.0, 35.0, 40.0, 100.0]))
            return Parameter(
                value, None if kind == "unknown error" else draw(st.sampled_from([0.01, 1.0])), "us"
            )
        case "rejected":
            return Parameter(-5.0, 0.1, "us")
        case "backend":
            return BackendError("a cable is loose")
        case "fit":
            return AnalysisError("no decay")
        case _:
            return "trial"


class Rule:
    """The rule for changed values in its plainest form: the value in use, and the results that count."""

    def __init__(self) -> None:
        self.value: Parameter | None = None
        self.jumped: list[tuple[int, Parameter]] = []

    def receive(self, execution: int, outcome: Outcome) -> bool:
        """Take the outcome of a measurement; return whether it is flagged."""
        if isinstance(outcome, BackendError):
            return False
        if isinstance(outcome, AnalysisError) or outcome.value < 0:  # type: ignore[union-attr]
            self.jumped = []
            return False
        assert isinstance(outcome, Parameter)
        if self.value is None or not is_jump(outcome, [self.value]):
            self.value, self.jumped = outcome, []
            return False
        self.jumped.append((execution, outcome))
        last = self.jumped[-3:]
        known = len(last) == 3 and all(one.error is not None for _, one in last)
        if known and len({where for where, _ in last}) > 1:
            three = [one for _, one in last]
            if not any(is_jump(three[i], three[:i] + three[i + 1 :]) for i in range(3)):
                self.value, self.jumped = outcome, []
                return False
        return True


def is_jump(one: Parameter, others: list[Parameter]) -> bool:
    mean = sum(other.value for other in others) / len(others)
    variance = sum((other.error or 0) ** 2 for other in others) / len(others) ** 2
    return abs(one.value - mean) > JUMP * max(mean, one.value) + 3 * ((one.error or 0) ** 2 + variance) ** 0.5


EXECUTIONS = st.lists(st.lists(draw_outcome(), min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXECUTIONS, st.booleans())
def test_any_sequence_of_results_follows_the_rule(
    tmp_path: Path, no_settings: None, executions: list[list[Outcome | str]], repeat: bool
) -> None:
    check_rule(tmp_path, executions, repeat=repeat)


@pytest.mark.release
@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXECUTIONS, st.booleans())
def test_many_sequences_of_results_follow_the_rule(
    tmp_path: Path, no_settings: None, executions: list[list[Outcome | str]], repeat: bool
) -> None:
    check_rule(tmp_path, executions, repeat=repeat)


def check_rule(tmp_path: Path, executions: list[list[Outcome | str]], *, repeat: bool) -> None:
    rule, script = Rule(), Script(OLD)
    bench = Bench.open(tmp_path, "memory://", script.task())
    for number, outcomes in enumerate(executions):
        values = [one for one in outcomes if not isinstance(one, str)]
        trial = len(values) < len(outcomes)
        script.outcomes = [*values, Parameter(20.0, 0.1, "us")]
        session = bench.start_session(repeat=repeat, saved=not trial)
        while len(script.outcomes) > 1:
            before = list(script.outcomes)
            session.run_task("Measure", "0")
            taken = before[: max(1, len(before) - len(script.outcomes))]
            if trial:
                continue
            flagged = rule.receive(number, before[0])
            if flagged and repeat:
                rule.receive(number, before[1])
                assert len(before) == 2 or len(taken) == 2
            expected = None if rule.value is None else rule.value.value
            assert bench.get_value() == expected
        session.complete()
    bench.qdash.close()


# ------------------------------------------------------------------------------------- validators with history and data


class Patient:
    """A laboratory's own rule: two results in a row confirm a change."""

    name = "jump"

    def validate(self, candidate: Candidate) -> list[Finding]:
        last, found = candidate.previous.get("t1"), candidate.output.parameters["t1"]
        if last is None or abs(found.value - last.value) < 10:
            return []
        for earlier in candidate.history[:1]:
            if earlier.flagged_by == ["jump"]:
                return [Finding(Verdict.ACCEPTED, f"twice, see {earlier.task_id}")]
        return [Finding(Verdict.FLAGGED, "far")]


def test_a_validator_of_a_plugin_replaces_the_rule_and_its_flags_are_repeated(make_bench: MakeBench) -> None:
    bench = make_bench(Script(OLD, NEW).task(), validators=[Patient()])
    assert [one.name for one in bench.qdash.registry.validators()].count("jump") == 1
    run(bench)
    first, second = run(bench)
    assert (first.reasons, second.reasons) == (["far"], [f"twice, see {first.task_id}"])
    assert bench.get_value() == 20.0


class Reader:
    """Validator that declares an array, and keeps the data that it is given."""

    name = "reader"

    def __init__(self, *arrays: str) -> None:
        if arrays:
            self.raw_data = frozenset(arrays)
        self.given: list[dict[str, list[float]]] = []

    def validate(self, candidate: Candidate) -> list[Finding]:
        self.given.append({name: array.tolist() for name, array in candidate.raw_data.items()})
        assert not any(array.flags.writeable for array in candidate.raw_data.values())
        return []


def test_a_validator_is_given_the_arrays_that_it_declares(make_bench: MakeBench) -> None:
    readers = [Reader(), Reader("signal", "absent")]
    readers[0].name = "other"
    bench = make_bench(Script(OLD).task(), validators=readers)
    (result,) = run(bench)
    bench.qdash.get(RESULTS).refit(ADMIN, result.task_id)
    assert readers[0].given == [{}, {}]
    assert readers[1].given == [{"signal": [1.0, 2.0]}] * 2
