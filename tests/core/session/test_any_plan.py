"""Properties of the dispatcher for any plan and any outcome of its tasks, simulated and in threads."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations, count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.runs.timelines import list_stage_times
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.session.dispatch.plans import Plan

from ...case_tables import keep_quick
from ..bench import SIGNAL, Bench, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core import BaseTask, CalibOrchestrator
    from qdash_core.models.task import TaskResultModel

TARGETS = "01234"
Span = tuple[float, float]
Node = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """A plan with the durations of its tasks, and their failures."""

    conflicts: Conflicts
    groups: Sequence[Sequence[str]]
    written_down: bool
    barriers: frozenset[int]
    ordered: bool
    simultaneous: tuple[bool, ...]
    lanes: int | None
    seconds: Mapping[Node, float]
    failing: frozenset[Node]

    @property
    def names(self) -> list[str]:
        return [f"Task{number}" for number in range(len(self.simultaneous))]

    @property
    def nodes(self) -> list[Node]:
        return [(name, target) for target in TARGETS for name in self.names]

    @property
    def blocks(self) -> list[list[str]]:
        """Targets between two barriers, in the order of the blocks."""
        barriers = range(1, len(self.groups)) if self.written_down else self.barriers
        blocks: list[list[str]] = []
        for number, group in enumerate(self.groups):
            if number == 0 or number in barriers:
                blocks.append([])
            blocks[-1] += group
        return blocks

    def exclude_each_other(self, one: str, other: str) -> bool:
        if not any({one, other} <= {*block} for block in self.blocks):
            return True
        return not self.written_down and other in self.conflicts.neighbours[one]


@st.composite
def draw_case(draw: st.DrawFn) -> Case:
    simultaneous = tuple(draw(st.lists(st.booleans(), min_size=1, max_size=3)))
    nodes = [(f"Task{number}", target) for number in range(len(simultaneous)) for target in TARGETS]
    resources = {target: draw(st.frozensets(st.sampled_from("abcd"), max_size=2)) for target in TARGETS}
    order = draw(st.permutations(TARGETS))
    cuts = sorted(draw(st.sets(st.integers(1, 4), max_size=4)))
    bounds = zip([0, *cuts], [*cuts, len(TARGETS)], strict=True)
    numbers = range(1, len(cuts) + 1)
    return Case(
        barriers=frozenset(draw(st.sets(st.sampled_from(numbers)))) if cuts else frozenset(),
        ordered=draw(st.booleans()),
        conflicts=Conflicts(
            {target: resources[target] for target in order}, draw(st.sampled_from([None, 1, 2]))
        ),
        groups=[order[first:last] for first, last in bounds],
        written_down=draw(st.booleans()),
        simultaneous=simultaneous,
        lanes=draw(st.sampled_from([None, 1, 2])),
        seconds={node: draw(st.sampled_from([0.0, 1.0, 2.0, 7.0])) for node in nodes},
        failing=draw(st.frozensets(st.sampled_from(nodes), max_size=3)),
    )


@dataclass
class Laboratory:
    """Measures a case, and records the times in ticks: each start and each end is one tick."""

    case: Case
    clocked: bool
    cut_at: int | None = None
    measured: dict[Node, list[Span]] = field(default_factory=dict)
    order: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ticks, self._lock = count(), threading.Lock()

    def make_tasks(self) -> list[type[BaseTask]]:
        return [
            self._make_task(name, simultaneous=together)
            for name, together in zip(self.case.names, self.case.simultaneous, strict=True)
        ]

    def _make_task(self, name: str, *, simultaneous: bool) -> type[BaseTask]:
        def run_group(hardware: Any, tasks: Sequence[Any]) -> list[object]:
            return self._measure(hardware, name, [one.context.qid for one in tasks])

        def measure(one: Any, hardware: Any) -> object:
            (outcome,) = run_group(hardware, [one])
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        given: dict[str, Any] = {"simultaneous": True, "run_group": staticmethod(run_group)}
        return make_task(name, {}, measure=measure, **(given if simultaneous else {}))

    def _measure(self, hardware: Any, name: str, targets: Sequence[str]) -> list[object]:
        with self._lock:
            if self.cut_at is not None and len(self.order) >= self.cut_at:
                raise KeyboardInterrupt
            self.order.append((name, tuple(targets)))
            begin = next(self._ticks)
        seconds = {target: self.case.seconds[name, target] for target in targets}
        if self.clocked:
            for target in targets:
                hardware.clock.advance(target, seconds[target])
        else:
            threading.Event().wait(1e-4 * max(seconds.values()))
        with self._lock:
            end = next(self._ticks)
            for target in targets:
                self.measured.setdefault((name, target), []).append((begin, end))
        broken = OSError("the cable fell off")
        return [broken if (name, target) in self.case.failing else SIGNAL for target in targets]


class Runs:
    """Runs one case after the other, each in its own store."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._open: list[Bench] = []

    def make_bench(self, laboratory: Laboratory) -> Bench:
        folder = self._factory.mktemp("bench")
        hardware = make_backend(clocked=laboratory.clocked, max_parallel=laboratory.case.lanes)
        self._open.append(
            Bench.open(folder, f"memory://{folder}", *laboratory.make_tasks(), backends=[hardware])
        )
        return self._open[-1]

    def close(self) -> None:
        while self._open:
            self._open.pop().qdash.close()


@pytest.fixture
def runs(tmp_path_factory: pytest.TempPathFactory, no_settings: None) -> Iterator[Runs]:
    made = Runs(tmp_path_factory)
    yield made
    made.close()


anything = settings(
    max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""Attributes of the fixture that a case uses."""


def run(session: CalibOrchestrator, case: Case) -> list[TaskResultModel]:
    planned = [session.plan_task(name) for name in case.names]
    if case.written_down:
        return session.run_plan(Plan(planned, case.groups))
    return session.run_plan(Plan(planned, case.groups, case.conflicts, case.barriers, "drawn", case.ordered))


def list_intervals(spans: Mapping[Node, Span], case: Case) -> dict[str, Span]:
    """Return the occupied interval of each target: from its first task to its last one."""
    found: dict[str, Span] = {}
    for target in TARGETS:
        own = [spans[name, target] for name in case.names if (name, target) in spans]
        if own:
            found[target] = min(begin for begin, _ in own), max(end for _, end in own)
    return found


def check_apart(spans: Mapping[str, Span], case: Case) -> None:
    for one, other in combinations(spans, 2):
        if case.exclude_each_other(one, other):
            assert spans[one][1] <= spans[other][0] or spans[other][1] <= spans[one][0], (one, other)


def check_barriers(spans: Mapping[str, Span], case: Case) -> None:
    for number, block in enumerate(case.blocks):
        ended = max((spans[one][1] for earlier in case.blocks[:number] for one in earlier), default=0)
        assert all(spans[target][0] >= ended for target in block)


def check_lanes(spans: Sequence[Span], lanes: int | None) -> None:
    for moment, _ in spans:
        at_once = sum(begin <= moment < end for begin, end in spans)
        assert lanes is None or at_once <= lanes


def check_outcomes(results: Sequence[TaskResultModel], laboratory: Laboratory) -> None:
    """Assert that every task ran once, in the order of the flow on each target, and only broken ones failed."""
    case = laboratory.case
    assert [(one.name, one.qid) for one in results] == [
        (name, target) for group in case.groups for name in case.names for target in group
    ]
    assert {node: len(spans) for node, spans in laboratory.measured.items()} == dict.fromkeys(case.nodes, 1)
    for target in TARGETS:
        begun = [laboratory.measured[name, target][0][0] for name in case.names]
        assert begun == sorted(begun)
    failed = {(one.name, one.qid) for one in results if one.status == "failed"}
    assert failed == case.failing
    assert {str(one.status) for one in results} <= {"failed", "completed"}


def list_laboratory_spans(results: Sequence[TaskResultModel]) -> dict[Node, Span]:
    found: dict[Node, Span] = {}
    for one in results:
        assert one.lab_start_s is not None
        assert one.lab_s is not None
        found[one.name, one.qid] = one.lab_start_s, one.lab_start_s + one.lab_s
    return found


@anything
@given(draw_case())
def test_in_a_simulated_laboratory_the_rules_hold_in_its_time(runs: Runs, case: Case) -> None:
    laboratory = Laboratory(case, clocked=True)
    session = runs.make_bench(laboratory).start_session()
    results = run(session, case)
    execution = session.complete()
    check_outcomes(results, laboratory)
    occupied = list_intervals(list_laboratory_spans(results), case)
    check_apart(occupied, case)
    check_barriers(occupied, case)
    if not case.written_down:
        limits = [case.conflicts.max_parallel, *([] if any(case.simultaneous) else [case.lanes])]
        for limit in limits:
            check_lanes([*occupied.values()], limit)
    for times in list_stage_times(execution, results):
        assert times.lower_bound_s <= times.makespan_s + 1e-9
        assert times.makespan_s <= sum(case.seconds.values()) + 1e-9
    runs.close()


@anything
@given(draw_case())
def test_a_simulation_is_the_same_every_time(runs: Runs, case: Case) -> None:
    found = []
    for _ in range(2):
        laboratory = Laboratory(case, clocked=True)
        session = runs.make_bench(laboratory).start_session()
        found.append((list_laboratory_spans(run(session, case)), laboratory.order))
        session.complete()
    assert found[0] == found[1]
    runs.close()


@anything
@given(draw_case())
def test_in_threads_the_rules_hold_whoever_is_faster(runs: Runs, case: Case) -> None:
    laboratory = Laboratory(case, clocked=False)
    bench = runs.make_bench(laboratory)
    session = bench.start_session()
    results = run(session, case)
    session.complete()
    check_outcomes(results, laboratory)
    measured = {node: spans[0] for node, spans in laboratory.measured.items()}
    occupied = list_intervals(measured, case)
    check_barriers(occupied, case)
    check_threads_apart(measured, case)
    alone = [
        spans[0]
        for (name, _), spans in laboratory.measured.items()
        if not case.simultaneous[case.names.index(name)]
    ]
    check_lanes(alone, case.lanes)
    if all(case.simultaneous):
        check_lanes([*{spans[0] for spans in laboratory.measured.values()}], 1)
        assert list_recorded(bench) == [(name, qid) for name, qids in laboratory.order for qid in qids]
    runs.close()


def list_recorded(bench: Bench) -> list[Node]:
    """Return the ended results in the order of their events."""
    ended = (event.data for event in bench.list_events() if event.kind in ("task.completed", "task.failed"))
    return [(one["name"], one["qid"]) for one in ended]


@pytest.mark.parametrize("clocked", keep_quick([True, False], 0), ids=["simulated", "threads"])
@anything
@given(draw_case(), st.integers(0, 6))
def test_what_was_cut_goes_on_with_the_rest(runs: Runs, clocked: bool, case: Case, cut_at: int) -> None:
    laboratory = Laboratory(case, clocked=clocked, cut_at=cut_at)
    bench = runs.make_bench(laboratory)
    session = bench.start_session()
    try:
        run(session, case)
    except KeyboardInterrupt:
        execution_id = session.cancel().execution_id
    else:
        session.complete()
        runs.close()
        return
    done = {(one.name, one.qid) for one in bench.list_results(execution_id) if one.status == "completed"}
    before = Counter({node: len(spans) for node, spans in laboratory.measured.items()})
    laboratory.cut_at = None

    session = bench.start_session(resume=True, execution_id=execution_id)
    results = run(session, case)
    session.complete()

    again = Counter({node: len(spans) for node, spans in laboratory.measured.items()}) - before
    assert again == Counter(node for node in case.nodes if node not in done)
    assert {(one.name, one.qid) for one in results if one.status == "failed"} == case.failing
    spans = {node: spans[-1] for node, spans in laboratory.measured.items() if again[node]}
    if clocked:
        check_apart(list_intervals(spans, case), case)
        check_never_at_once(list_laboratory_spans(results), case)
    else:
        check_threads_apart(spans, case)
    runs.close()


def check_threads_apart(spans: Mapping[Node, Span], case: Case) -> None:
    """Batches of simultaneous tasks take turns: their single measurements are apart; in lanes whole targets are."""
    if any(case.simultaneous):
        check_never_at_once(spans, case)
    else:
        check_apart(list_intervals(spans, case), case)


def check_never_at_once(spans: Mapping[Node, Span], case: Case) -> None:
    """Check single measurements: a target that was interrupted may continue after another that excludes it."""
    for (one, first), (other, second) in combinations(((node[1], span) for node, span in spans.items()), 2):
        if one != other and case.exclude_each_other(one, other):
            assert first[1] <= second[0] or second[1] <= first[0], (one, other)
