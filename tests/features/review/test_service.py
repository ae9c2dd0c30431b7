"""Review of flagged results: conditions for the wait for a decision, and the contents of each item."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.review.feature import REVIEW
from qdash_builtin.review.query import ReviewQuery
from qdash_builtin.review.views import ReviewItemDocument
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.review_state import ReviewState
from qdash_builtin.values.selection import TargetChoice
from qdash_core import ConflictError, InvalidInputError, NotFoundError, OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import Verdict

from ...access import ADMIN, access_of
from ...case_tables import keep_quick
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qdash_builtin.review.item import ReviewItem
    from qdash_core.models.task import TaskResultModel
    from qdash_core.values.writer import ValueEvent

    from ...core.conftest import MakeBench

GIVEN: dict[str, float | None] = {}


def analyse(*names: str) -> Callable[[object, object], TaskOutput]:
    def postprocess(_task: object, _result: object) -> TaskOutput:
        values = {name: GIVEN[name] for name in names}
        if None in values.values():
            raise ValueError("no decay")
        return TaskOutput(
            parameters={name: Parameter(value, 0.5, "us") for name, value in values.items() if value}
        )

    return postprocess


def declare(*names: str) -> dict[str, OutputParameter]:
    return {name: OutputParameter(unit="us", minimum=0.0, maximum=1e4, jump=0.5) for name in names}


T1 = make_task("T1", analyse=analyse("t1"), output_parameters=declare("t1"), aliases=("CheckT1",))
BOTH = make_task("Both", analyse=analyse("t1", "t2"), output_parameters=declare("t1", "t2"))
GATE = make_task("Gate", analyse=analyse("rate"), output_parameters=declare("rate"), task_type="coupling")
TASKS = (T1, BOTH, GATE)


def measure(bench: Bench, qid: str = "0", task: str = "T1", **values: float | None) -> TaskResultModel:
    GIVEN.update(values)
    return bench.run(task, qid, repeat=False)


def flag(bench: Bench, qid: str = "0") -> TaskResultModel:
    """Measure a value of T1, then one that is flagged because it is far away."""
    if "t1" not in bench.get_qubit(qid).data:
        measure(bench, qid, t1=80.0)
    flagged = measure(bench, qid, t1=20.0)
    assert flagged.verdict is Verdict.FLAGGED
    return flagged


def review(bench: Bench, *, limit: int = 200, after: str | None = None, **query: object) -> list[ReviewItem]:
    conditions = ReviewQuery(**query)  # type: ignore[arg-type]
    return bench.qdash.get(REVIEW).page(ADMIN, CHIP, conditions, PageRequest(limit, after)).items


def ids(items: Sequence[ReviewItem]) -> list[str]:
    return [one.result.task_id for one in items]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(*TASKS)


@pytest.mark.every_store
def test_a_flagged_result_is_shown_beside_the_value_in_use_with_history_and_effect(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(*TASKS)
    measure(bench, t1=82.0)
    measure(bench, t1=80.0)
    flagged = flag(bench)
    (item,) = review(bench)
    (value,) = item.values
    assert (item.result.task_id, item.state, item.refusal) == (flagged.task_id, ReviewState.WAITING, "")
    assert item.result.flagged_by == ["jump"]
    assert value.in_use is not None
    assert (value.name, value.value.value, value.in_use.value) == ("t1", 20.0, 80.0)
    assert value.difference == -60.0
    assert value.sigmas == pytest.approx(60.0 / 0.5**0.5)
    assert value.accepted == flagged.output_parameters["t1"]
    assert not value.is_kept
    shown = [(one.parameter["value"], one.outcome, one.in_use) for one in value.history]
    assert shown == [(20.0, "flagged", False), (80.0, "accepted", True), (82.0, "accepted", False)]
    assert bench.qdash.get(REVIEW).count(ADMIN, CHIP) == 1
    assert bench.qdash.get(REVIEW).show(ADMIN, flagged.task_id) == item

    document = ReviewItemDocument.from_item(item).as_json()
    assert document["figure"] == f"task-results/{flagged.task_id}/figure"
    assert document["commands"]["measure"] == f"qdash task run T1 --chip {CHIP} --qid 0 --save"
    assert document["commands"]["accept"] == f"qdash values accept {flagged.task_id}"


@pytest.mark.every_store
def test_a_decision_ends_the_wait_and_its_undo_restores_it_also_after_a_later_failure(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(*TASKS)
    flagged = flag(bench)
    failed = measure(bench, t1=None)
    (item,) = review(bench)
    assert item.result.task_id == flagged.task_id
    assert ids_of_related(item) == [failed.task_id]
    event = bench.qdash.get(VALUES).reject(ADMIN, flagged.task_id, reason="wrong line").event
    assert (review(bench), bench.qdash.get(REVIEW).count(ADMIN, CHIP)) == ([], 0)
    decided = bench.qdash.get(REVIEW).show(ADMIN, flagged.task_id)
    assert (decided.state, decided.values) == (ReviewState.DECIDED, [])
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    assert ids(review(bench)) == [flagged.task_id]


def ids_of_related(item: ReviewItem) -> list[str]:
    return [one.task_id for one in item.related]


def test_a_later_result_with_values_supersedes_a_flagged_one(bench: Bench) -> None:
    flagged = flag(bench)
    measure(bench, t1=79.0)
    assert (review(bench), bench.qdash.get(REVIEW).count(ADMIN, CHIP)) == ([], 0)
    (item,) = review(bench, every_state=True)
    assert (item.result.task_id, item.state) == (flagged.task_id, ReviewState.SUPERSEDED)
    assert item.values[0].is_kept
    assert item.values[0].accepted is None


def test_a_result_waits_until_each_of_its_values_has_a_later_one(bench: Bench) -> None:
    measure(bench, task="Both", t1=80.0, t2=60.0)
    flagged = measure(bench, task="Both", t1=20.0, t2=15.0)
    set_value(bench, "t1", 78.0)
    (item,) = review(bench)
    assert [(one.name, one.is_kept) for one in item.values] == [("t1", True), ("t2", False)]
    accepted = bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    assert (bench.get_value("t1"), bench.get_value("t2")) == (78.0, 15.0)
    bench.qdash.get(VALUES).undo(ADMIN, accepted.event.number)
    set_value(bench, "t2", 58.0)
    assert review(bench) == []
    assert ids(review(bench, every_state=True)) == [flagged.task_id]


def set_value(bench: Bench, name: str, value: float) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {name: Parameter(value)}, reason="by hand", confirmed=True)


def test_a_review_decides_on_the_values_that_have_no_decision(bench: Bench) -> None:
    measure(bench, task="Both", t1=80.0, t2=60.0)
    flagged = measure(bench, task="Both", t1=20.0, t2=15.0)
    bench.qdash.get(VALUES).reject(ADMIN, flagged.task_id, names=["t1"], reason="two-level system")
    (item,) = review(bench)
    assert item.names == ["t2"]
    assert review(bench, metric="t1") == []
    command = ReviewItemDocument.from_item(item).commands["accept"]
    assert command == f"qdash values accept {flagged.task_id} --metrics t2"
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id, names=item.names)
    assert (bench.get_value("t1"), bench.get_value("t2")) == (80.0, 15.0)


def test_trials_scopes_and_results_of_a_former_chip_do_not_wait(bench: Bench) -> None:
    flag(bench)
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    measure(bench, t1=80.0)
    GIVEN["t1"] = 20.0
    trial, scoped = bench.run("T1", saved=False), bench.run("T1", scope="night")
    assert {trial.verdict, scoped.verdict} == {Verdict.FLAGGED}
    assert (review(bench), review(bench, every_state=True)) == ([], [])
    for result, message in ((trial, "a trial"), (scoped, "in scope night")):
        with pytest.raises(InvalidInputError, match=message):
            bench.qdash.get(REVIEW).show(ADMIN, result.task_id)


def test_only_flagged_results_of_the_project_are_reviewed(bench: Bench) -> None:
    accepted = measure(bench, t1=80.0)
    with pytest.raises(InvalidInputError, match="is accepted: only flagged results are reviewed"):
        bench.qdash.get(REVIEW).show(ADMIN, accepted.task_id)
    flagged = flag(bench)
    with pytest.raises(NotFoundError):
        bench.qdash.get(REVIEW).show(access_of("admin", "other"), flagged.task_id)
    with pytest.raises(NotFoundError):
        bench.qdash.get(REVIEW).count(ADMIN, "nochip")


def test_results_of_excluded_targets_wait_again_when_the_target_is_included(bench: Bench) -> None:
    flagged = flag(bench)
    measure(bench, "0-1", "Gate", rate=30.0)
    gate = measure(bench, "0-1", "Gate", rate=10.0)
    assert ids(review(bench)) == [gate.task_id, flagged.task_id]
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.EXCLUDED, "warm line")
    assert review(bench) == []
    assert {one.state for one in review(bench, every_state=True)} == {ReviewState.EXCLUDED}
    bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "cold again")
    assert ids(review(bench)) == [gate.task_id, flagged.task_id]


def test_an_acceptance_that_would_be_refused_says_so(bench: Bench) -> None:
    measure(bench, "0-1", "Gate", rate=30.0)
    gate = measure(bench, "0-1", "Gate", rate=10.0)
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "1"}, username="admin")
    (item,) = review(bench)
    assert "set the direction first" in item.refusal
    assert item.values[0].accepted is None
    with pytest.raises(ConflictError, match="set the direction first"):
        bench.qdash.get(VALUES).accept(ADMIN, gate.task_id)


def test_targets_tasks_and_parameters_select(bench: Bench) -> None:
    zero, one = flag(bench, "0"), flag(bench, "1")
    assert ids(review(bench)) == [one.task_id, zero.task_id]
    assert ids(review(bench, targets=TargetChoice(qubits=("0",)))) == [zero.task_id]
    assert ids(review(bench, task="CheckT1", metric="t1")) == [one.task_id, zero.task_id]
    assert review(bench, task="Both") == []
    assert review(bench, metric="t2") == []
    for query in ({"task": "T9"}, {"metric": "t9"}, {"targets": TargetChoice(qubits=("9",))}):
        with pytest.raises(NotFoundError, match="9"):
            review(bench, **query)


@pytest.mark.every_store
@pytest.mark.parametrize("every_state", keep_quick([False, True], 0))
def test_pages_neither_repeat_nor_omit_a_result_while_decisions_are_made(
    make_bench: MakeBench, every_state: bool
) -> None:
    bench = make_bench(*TASKS)
    flagged = [flag(bench, str(number)).task_id for number in range(5)]
    query, after, seen = ReviewQuery(every_state=every_state), None, []
    while True:
        page = bench.qdash.get(REVIEW).page(ADMIN, CHIP, query, PageRequest(2, after))
        seen += ids(page.items)
        for item in page.items:
            bench.qdash.get(VALUES).accept(ADMIN, item.result.task_id)
        if page.next is None:
            break
        after = page.next
    assert seen == flagged[::-1]
    measure(bench, "0", t1=80.0)  # far from the value that was accepted
    with pytest.raises(InvalidInputError, match="not the `next`"):
        bench.qdash.get(REVIEW).page(ADMIN, CHIP, query, PageRequest(2, "WzFd"))


@pytest.mark.every_store
def test_the_second_of_two_reviewers_learns_the_decision_of_the_first(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    values, flagged = bench.qdash.get(VALUES), flag(bench)
    (item,) = review(bench)
    values.reject(access_of("bob"), flagged.task_id, names=item.names, reason="line 3", undecided=True)
    for decide in (values.accept, values.reject):
        with pytest.raises(ConflictError, match=r"t1 of result .* was rejected by bob meanwhile: line 3"):
            decide(ADMIN, flagged.task_id, names=item.names, reason="fine", undecided=True)
    assert bench.get_value() == 80.0


@pytest.mark.every_store
def test_of_simultaneous_decisions_one_is_made_and_the_others_are_refused(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    flagged, users = flag(bench), ("ann", "bob", "cem", "dan")

    def decide(user: str) -> str:
        try:
            return (
                bench.qdash.get(VALUES)
                .reject(access_of(user), flagged.task_id, reason=user, undecided=True)
                .event.head.username
            )
        except ConflictError as error:
            return str(error)

    with ThreadPoolExecutor(len(users)) as threads:
        outcomes = list(threads.map(decide, users))
    (made,) = [one for one in outcomes if one in users]
    assert sum(f"was rejected by {made} meanwhile" in one for one in outcomes) == len(users) - 1
    assert [one.head.kind for one in list_by_hand(bench)] == ["rejected"]


def list_by_hand(bench: Bench) -> list[ValueEvent]:
    return bench.qdash.get(VALUES).list_events(ADMIN, CHIP, PageRequest(100), by_hand=True).items


@pytest.mark.every_store
def test_a_review_goes_on_while_a_run_records(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    for qid in map(str, range(5)):
        measure(bench, qid, t1=80.0)
    GIVEN["t1"] = 20.0
    session = bench.start_session(repeat=False)

    def run() -> None:
        for qid in map(str, range(5)):
            session.run_task("T1", qid)

    decided: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        while not (running.done() and decided and not review(bench)):
            for item in review(bench):
                bench.qdash.get(VALUES).accept(ADMIN, item.result.task_id, names=item.names, undecided=True)
                decided.append(item.result.qid)
        running.result()
    session.complete()
    assert sorted(decided) == ["0", "1", "2", "3", "4"]
    assert {bench.get_value("t1", qid) for qid in decided} == {20.0}


def test_a_refit_of_the_result_in_use_has_no_distance_in_standard_deviations(bench: Bench) -> None:
    measured = measure(bench, t1=80.0)
    GIVEN["t1"] = 20.0
    refitted = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    if refitted.verdict is not Verdict.FLAGGED:
        pytest.fail(f"the refit is {refitted.verdict}: {refitted.reasons}")
    (item,) = review(bench)
    assert (item.values[0].difference, item.values[0].sigmas) == (-60.0, None)


def test_what_is_read_does_not_depend_on_the_number_of_results(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"results": 0}
    with bench.qdash.store.read() as snapshot:
        kind = type(snapshot)

    def count(name: str) -> None:
        read = getattr(kind, name)

        def reading(self: object, *arguments: object, **options: object) -> object:
            found = read(self, *arguments, **options)
            counts["results"] += len(found) * ("task_result_history" in (*arguments, *options.values()))
            return found

        monkeypatch.setattr(kind, name, reading)

    for name in ("find", "load", "read_briefs"):
        count(name)

    def count_reads() -> int:
        counts["results"] = 0
        assert len(review(bench)) == 2
        assert bench.qdash.get(REVIEW).count(ADMIN, CHIP) == 2
        return counts["results"]

    for _ in range(15):
        measure(bench, t1=80.0)
    measure(bench, "1", t1=80.0)
    flag(bench, "0")
    flag(bench, "1")
    before = count_reads()
    assert 0 < before < 45
    for _ in range(10):
        measure(bench, "2", t1=80.0)
    assert count_reads() == before


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("measure"), st.sampled_from([10.0, 20.0, 80.0, 81.0, None])),
        st.tuples(st.just("both"), st.sampled_from([10.0, 80.0])),
        st.tuples(st.just("set"), st.sampled_from([30.0, 79.0])),
        st.tuples(st.sampled_from(["accept", "reject", "use", "undo"]), st.integers(0, 9)),
    ),
    min_size=2,
    max_size=12,
)


@settings(max_examples=5, suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_the_preview_is_what_an_acceptance_does(
    tmp_path_factory: pytest.TempPathFactory, no_settings: None, steps: list[tuple[str, float | int | None]]
) -> None:
    check_preview(tmp_path_factory.mktemp("preview"), steps)


@pytest.mark.release
@settings(max_examples=15, suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_the_preview_is_what_an_acceptance_does_after_many_steps(
    tmp_path_factory: pytest.TempPathFactory, no_settings: None, steps: list[tuple[str, float | int | None]]
) -> None:
    check_preview(tmp_path_factory.mktemp("preview"), steps)


def check_preview(folder: Path, steps: list[tuple[str, float | int | None]]) -> None:
    bench = Bench.open(folder, "memory://", *TASKS)
    results: list[TaskResultModel] = []
    for kind, number in steps:
        _step(bench, results, kind, number)
    for item in review(bench, every_state=True):
        before = bench.get_qubit().data
        accepted = bench.qdash.get(VALUES).accept(ADMIN, item.result.task_id, names=item.names)
        after = bench.get_qubit().data
        assert {name: after[name] for name in after if after[name] != before.get(name)} == {
            one.name: one.accepted for one in item.values if one.accepted is not None
        }
        assert all(after[one.name] == before[one.name] for one in item.values if one.is_kept)
        bench.qdash.get(VALUES).undo(ADMIN, accepted.event.number)
    assert bench.qdash.get(REVIEW).count(ADMIN, CHIP) == len(review(bench))
    waiting = {one.result.task_id for one in review(bench)}
    assert waiting == {
        one.result.task_id for one in review(bench, every_state=True) if one.state is ReviewState.WAITING
    }
    bench.qdash.close()


def _step(bench: Bench, results: list[TaskResultModel], kind: str, number: float | None) -> None:
    values = bench.qdash.get(VALUES)
    match kind:
        case "measure":
            results.append(measure(bench, t1=number))
        case "both":
            results.append(measure(bench, task="Both", t1=number, t2=number))
        case "set":
            set_value(bench, "t1", number or 1.0)
        case _ if results:
            task_id = results[int(number or 0) % len(results)].task_id
            try:
                match kind:
                    case "accept":
                        values.accept(ADMIN, task_id)
                    case "reject":
                        values.reject(ADMIN, task_id, reason="test")
                    case "use":
                        values.use(ADMIN, task_id)
                    case _:
                        values.undo(ADMIN)
            except (ConflictError, NotFoundError):
                pass
