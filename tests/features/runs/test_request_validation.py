"""Run requests: validation, transfer to another process, and execution."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.runs.views.previews import PreviewDocument
from qdash_core import (
    AccessDeniedError,
    InvalidInputError,
    MissingInputError,
    NotFoundError,
    PluginError,
    RawData,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets, make_targets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection, is_file
from qdash_core.models.strategies import StrategySelection
from qdash_core.repositories.queue import LogRepository, QueueRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, SIGNAL, make_raising, make_task
from ...core.flows.samples import FREQUENCY, RABI

if TYPE_CHECKING:
    from ...core.conftest import MakeBench

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = st.lists(TEXT, max_size=4).map(tuple)
SELECTIONS = st.one_of(
    st.builds(TargetSelection, exclude=NAMES),
    st.builds(TargetSelection, qubits=NAMES, exclude=NAMES),
    st.builds(
        TargetSelection, muxes=st.lists(st.integers(0, 2**31 - 1), max_size=4).map(tuple), exclude=NAMES
    ),
    st.builds(TargetSelection, couplings=NAMES),
)
REQUESTS = st.builds(
    RunRequest,
    username=TEXT,
    chip_id=st.none() | TEXT,
    flow=TEXT.filter(bool),
    project_id=st.none() | TEXT,
    targets=SELECTIONS,
    tags=NAMES,
    run_parameters=st.dictionaries(TEXT, VALUES, max_size=3),
    backend_name=st.none() | TEXT,
    parameters=st.dictionaries(TEXT, VALUES, max_size=3),
    single=st.none() | TEXT,
    saved=st.booleans(),
    since=st.none() | TEXT,
)


def make_request(flow: str = "Measure", **asked: Any) -> RunRequest:
    selected = asked.pop("targets", TargetSelection(qubits=("0",)))
    return RunRequest(username="admin", chip_id=CHIP, flow=flow, targets=selected, **asked)


# ----------------------------------------------------------------------------------------------------------- as a value


@given(REQUESTS)
def test_a_request_comes_back_from_json_as_it_was(asked: RunRequest) -> None:
    assert RunRequest.model_validate_json(asked.model_dump_json(exclude_defaults=True)) == asked


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"username": "a"}, "flow"),
        ({"username": "a", "flow": ""}, "flow"),
        ({"username": "a", "flow": "f", "password": "x"}, "password"),
        ({"username": "a", "flow": "f", "targets": {"qubits": ["0"], "muxes": [1]}}, "targets"),
        ({"username": "a", "flow": "f", "targets": {"couplings": [], "exclude": ["0"]}}, "targets"),
    ],
)
def test_what_is_no_request_is_refused_with_the_field(document: object, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RunRequest.model_validate(document)
    assert refused.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize(
    ("selection", "targets"),
    [
        (TargetSelection(), AllMuxTargets()),
        (TargetSelection(exclude=("3",)), AllMuxTargets(("3",))),
        (TargetSelection(qubits=("1", "2"), exclude=("2",)), QubitTargets(("1", "2"), ("2",))),
        (
            TargetSelection(qubits=("0-2", "Q07"), exclude=("1..2",)),
            QubitTargets(("0", "1", "2", "7"), ("1", "2")),
        ),
        (TargetSelection(muxes=(0,)), MuxTargets((0,), ())),
        (TargetSelection(couplings=("Q01-Q00",)), CouplingTargets(("0-1",))),
        (TargetSelection(couplings=()), CouplingTargets(())),
    ],
)
def test_targets_are_what_was_selected(selection: TargetSelection, targets: object) -> None:
    assert make_targets(selection) == targets


@pytest.mark.parametrize(
    ("flow", "own"),
    [
        ("my_flow.py", True),
        ("/a/b.py:main", True),
        ("bring-up", False),
        ("CheckT1", False),
        ("flow.py:", False),
        ("flow.txt:main", False),
    ],
)
def test_a_flow_of_ones_own_is_named_by_its_file(flow: str, own: bool) -> None:
    assert is_file(flow) is own


# ------------------------------------------------------------------------------------------ run where plugins are handed over


@pytest.mark.every_store
def test_a_request_is_run_to_its_end_and_kept_with_its_execution(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    request = make_request(tags=("night",))
    ended = bench.qdash.get(RUNS).run(ADMIN, request)
    assert (ended.status, ended.name, ended.tags) == (ExecutionStatus.COMPLETED, "Measure", ["night"])
    assert ended.flow_run_id == ended.note["flow_run_id"]
    assert ended.request == request.model_copy(update={"project_id": PROJECT})
    assert bench.qdash.get(RUNS).queue.view.list_entries() == []


def test_a_request_is_kept_with_the_ids_of_its_targets(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    selection = TargetSelection(qubits=("0-1", "Q03"))
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(targets=selection))
    assert ended.request is not None
    assert ended.request.targets == TargetSelection(qubits=("0", "1", "3"))
    single = bench.qdash.get(RUNS).run(ADMIN, make_request(single="Q03"))
    assert single.request is not None
    assert single.request.single == "3"


def test_a_request_that_selects_a_broken_strategy_of_a_plugin_is_refused_before_anything_is_written(
    make_bench: MakeBench,
) -> None:
    broken = SimpleNamespace(name="broken", kind="qubit", colour=make_raising(KeyError("7")))
    bench = make_bench(make_task(), schedulers=[broken])
    request = make_request(scheduling=StrategySelection(strategies=("broken",)))

    with pytest.raises(PluginError, match=r"the strategy 'broken' .* raised KeyError"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, request)

    assert bench.repositories.of(QueueRepository).list_all() == []
    assert list_newest(bench.repositories, PROJECT) == []


def test_every_run_has_a_flow_run_of_its_own_and_keeps_it_when_it_is_resumed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(run=make_raising(ValueError)))
    first, other = (bench.qdash.get(RUNS).run(ADMIN, make_request()) for _ in range(2))
    assert first.flow_run_id != other.flow_run_id
    again = bench.qdash.get(RUNS).resume(ADMIN, first.execution_id)
    assert (again.execution_id, again.flow_run_id) == (first.execution_id, first.flow_run_id)
    assert [one.reason for one in again.attempts] == ["nothing completed"] * 2


def test_a_request_that_cannot_be_is_refused_before_anything_is_written(
    make_bench: MakeBench, subtests: pytest.Subtests
) -> None:
    bench = make_bench(make_task(), FREQUENCY, RABI)
    for asked, error, message in [
        ({"flow": "Measur"}, NotFoundError, "no flow or task 'Measur'"),
        ({"chip_id": "nix"}, NotFoundError, "nix"),
        ({"chip_id": None}, InvalidInputError, "needs a chip"),
        ({"project_id": "nix"}, AccessDeniedError, "the request is one of 'nix'"),
        ({"username": "bob"}, AccessDeniedError, "one of 'bob': 'admin' asks for it"),
        ({"backend_name": "nix"}, NotFoundError, "no backend 'nix'"),
        ({"parameters": {"depth": 3}}, InvalidInputError, "takes no parameter 'depth'"),
        ({"targets": TargetSelection(qubits=("9",))}, NotFoundError, "no qubit 9"),
        ({"run_parameters": {"shots": 3}}, InvalidInputError, "shots"),
        ({"flow": "Rabi"}, MissingInputError, "Rabi needs qubit_frequency of 0"),
        ({"flow": "nowhere.py"}, NotFoundError, "there is no file"),
        ({"single": ""}, InvalidInputError, "runs on a qubit: name it with --qid"),
        ({"single": "9"}, NotFoundError, "no qubit '9'"),
        ({"since": "20200101-000"}, NotFoundError, "no execution '20200101-000'"),
    ]:
        with subtests.test(str(asked)):
            with pytest.raises(error, match=message):
                bench.qdash.get(RUNS).run(ADMIN, make_request().model_copy(update=asked))
            assert bench.list_events() == []
            assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


# --------------------------------------------------------------------------------------------------------------- gone on with


def test_what_nobody_asked_a_runner_for_is_run_again_by_its_program(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("First", run=make_raising(ValueError)))
    died = bench.run("First").execution_id
    with pytest.raises(InvalidInputError, match=rf"QDASH_RESUME={died}"):
        bench.qdash.get(RUNS).resume(ADMIN, died)


def test_what_was_interrupted_and_not_run_anew_is_found(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), make_task("Other"), make_task("Failing", run=make_raising(ValueError)))
    runs = bench.qdash.get(RUNS)
    runs.run(ADMIN, make_request("Failing"))
    died = [runs.run(ADMIN, make_request(flow)) for flow in ("Measure", "Other", "Measure")]
    with bench.qdash.store.transaction() as transaction:
        for execution in died:
            found = transaction.get("execution_history", (PROJECT, execution.execution_id))
            assert found is not None
            transaction.put("execution_history", {**found, "status": "failed", "reason": "interrupted"})
    assert (
        bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN)
        == bench.qdash.get(EXECUTIONS).newest(ADMIN)[1::-1]
    )
    bench.add_chip("other")
    runs.run(ADMIN, make_request("Other").model_copy(update={"chip_id": "other"}))
    assert len(bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN)) == 2, "another chip is another matter"
    runs.run(ADMIN, make_request("Other"))
    assert [one.name for one in bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN)] == ["Measure"]


# ------------------------------------------------------------------------------------------------------ the rest of a run


def test_of_what_is_left_of_a_run_it_is_said_what_is_measured_anew(make_bench: MakeBench) -> None:
    broken = {"1"}

    def measure(one: Any, _backend: object) -> RawData:
        if one.context.qid in broken:
            raise ValueError("no peak")
        return SIGNAL

    bench = make_bench(make_task(measure=measure))
    qubits = TargetSelection(qubits=("0", "1", "2"))
    first = bench.qdash.get(RUNS).run(ADMIN, make_request(targets=qubits))
    rest = bench.qdash.get(RUNS).submissions.rerun(ADMIN, first.execution_id)
    whole, left = (
        bench.qdash.get(RUNS).preview(ADMIN, make_request(targets=qubits)),
        bench.qdash.get(RUNS).preview(ADMIN, rest),
    )
    (stage,) = PreviewDocument.from_preview(left).stages
    assert (stage.targets, stage.anew) == (["0", "1", "2"], ["1"])
    assert PreviewDocument.from_preview(whole).stages[0].anew is None
    assert whole.forecasts[0] is not None
    assert left.forecasts[0] is not None
    assert left.forecasts[0].makespan_s < whole.forecasts[0].makespan_s, "only what is left takes time"
    broken.clear()
    again = bench.qdash.get(RUNS).run(ADMIN, rest)
    said = "".join(
        one.text
        for one in bench.repositories.of(LogRepository).list_by_execution(PROJECT, again.execution_id)
    )
    assert "Measure on 3 targets: 0, 1, 2; of these 1 are measured anew: 1\n" in said


def test_of_a_run_of_which_nothing_is_left_nothing_is_foreseen(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    first = bench.qdash.get(RUNS).run(ADMIN, make_request())
    rest = bench.qdash.get(RUNS).submissions.rerun(ADMIN, first.execution_id)
    with pytest.raises(InvalidInputError, match=f"nothing failed in execution {first.execution_id}"):
        bench.qdash.get(RUNS).preview(ADMIN, rest)
