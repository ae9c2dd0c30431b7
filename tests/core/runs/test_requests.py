"""What a runner is asked to do: a value that survives the way to another process, and the runner of the core."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, MissingInputError, NotFoundError
from qdash_core.flows.job import FlowJob, TargetSelection, is_file
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.runners.local import LocalRunner
from qdash_core.runs.resuming import interrupted, job_to_resume

from ..bench import CHIP, PROJECT, raises, task
from ..flows.samples import FREQUENCY, RABI

if TYPE_CHECKING:
    from ..conftest import MakeBench

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
    st.builds(TargetSelection, muxes=st.lists(st.integers(), max_size=4).map(tuple), exclude=NAMES),
    st.builds(TargetSelection, couplings=NAMES),
)
JOBS = st.builds(
    FlowJob,
    username=TEXT,
    chip_id=st.none() | TEXT,
    flow=TEXT.filter(bool),
    project_id=st.none() | TEXT,
    targets=SELECTIONS,
    tags=NAMES,
    run_parameters=st.dictionaries(TEXT, VALUES, max_size=3),
    backend_name=st.none() | TEXT,
    parameters=st.dictionaries(TEXT, VALUES, max_size=3),
    resume=st.none() | TEXT,
)


def job(flow: str = "Measure", **asked: Any) -> FlowJob:
    selected = asked.pop("targets", TargetSelection(qubits=("0",)))
    return FlowJob(username="admin", chip_id=CHIP, flow=flow, targets=selected, **asked)


class Unwatched:
    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


# ----------------------------------------------------------------------------------------------------------- as a value


@given(JOBS)
def test_a_job_comes_back_from_json_as_it_was(asked: FlowJob) -> None:
    assert FlowJob.from_json(json.loads(json.dumps(asked.as_json()))) == asked


def test_every_job_has_an_id_of_its_own_and_keeps_it_when_it_is_resumed() -> None:
    assert job().flow_run_id != job().flow_run_id
    first = job(tags=("night",))
    again = first.resuming("20260101-000", project_id="other", username="bob")
    assert (again.resume, again.project_id, again.username) == ("20260101-000", "other", "bob")
    assert (again.flow_run_id, again.tags) == (first.flow_run_id, ("night",))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"username": "a"}, "flow"),
        ({"username": "a", "flow": ""}, "flow"),
        ({"username": "a", "flow": "f", "password": "x"}, "password"),
        ({"username": "a", "flow": "f", "targets": {"qubits": ["0"], "muxes": [1]}}, "targets"),
        ({"username": "a", "flow": "f", "targets": {"couplings": [], "exclude": ["0"]}}, "targets"),
        (3, "the document"),
    ],
)
def test_what_is_not_a_job_is_refused_with_the_field(document: object, field: str) -> None:
    with pytest.raises(InvalidInputError, match=f"not a job: {field}"):
        FlowJob.from_json(document)


@pytest.mark.parametrize(
    ("selection", "targets"),
    [
        (TargetSelection(), AllMuxTargets()),
        (TargetSelection(exclude=("3",)), AllMuxTargets(("3",))),
        (TargetSelection(qubits=("1", "2"), exclude=("2",)), QubitTargets(("1", "2"), ("2",))),
        (TargetSelection(muxes=(0,)), MuxTargets((0,), ())),
        (TargetSelection(couplings=()), CouplingTargets(())),
    ],
)
def test_targets_are_what_was_selected(selection: TargetSelection, targets: object) -> None:
    assert selection.targets() == targets


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


# ------------------------------------------------------------------------------------------- run where plugins are handed over


def test_the_local_runner_runs_a_job_to_its_end(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    asked = job(tags=("night",))
    ended = LocalRunner().run(bench.qdash, asked, Unwatched())
    assert (ended.status, ended.name, ended.tags) == (ExecutionStatus.COMPLETED, "Measure", ["night"])
    assert ended.flow_run_id == ended.note["flow_run_id"] == asked.flow_run_id
    assert FlowJob.from_json(ended.note["job"]) == asked


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"flow": "Measur"}, NotFoundError, "no flow or task 'Measur'"),
        ({"chip_id": "nix"}, NotFoundError, "nix"),
        ({"chip_id": None}, InvalidInputError, "needs a chip"),
        ({"project_id": "nix"}, NotFoundError, "nix"),
        ({"backend_name": "nix"}, NotFoundError, "no backend 'nix'"),
        ({"parameters": {"depth": 3}}, InvalidInputError, "takes no parameter 'depth'"),
        ({"targets": TargetSelection(qubits=("9",))}, NotFoundError, "no qubit '9'"),
        ({"run_parameters": {"shots": 3}}, InvalidInputError, "shots"),
        ({"flow": "Rabi"}, MissingInputError, "Rabi needs frequency of 0"),
        ({"flow": "nowhere.py"}, NotFoundError, "there is no file"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_anything_begins(
    make_bench: MakeBench, asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    bench = make_bench(task(), FREQUENCY, RABI)
    with pytest.raises(error, match=message):
        LocalRunner().run(bench.qdash, job().model_copy(update=asked), Unwatched())
    assert bench.events() == []


# --------------------------------------------------------------------------------------------------------------- gone on with


def test_the_job_of_an_execution_goes_on_with_it(make_bench: MakeBench) -> None:
    bench = make_bench(task("First"))
    execution = LocalRunner().run(bench.qdash, job("First"), Unwatched())
    resumed = job_to_resume(execution, username="bob")
    assert (resumed.resume, resumed.project_id) == (execution.execution_id, PROJECT)
    assert (resumed.username, resumed.flow) == ("bob", "First")
    with pytest.raises(InvalidInputError, match=rf"QDASH_RESUME={bench.run('First').execution_id}"):
        job_to_resume(bench.qdash.executions.newest(PROJECT)[0], username="bob")


def test_what_was_interrupted_and_not_run_anew_is_found(make_bench: MakeBench) -> None:
    bench = make_bench(task(), task("Other"), task("Failing", run=raises(ValueError)))
    runner = LocalRunner()
    runner.run(bench.qdash, job("Failing"), Unwatched())
    died = [runner.run(bench.qdash, job(flow), Unwatched()) for flow in ("Measure", "Other", "Measure")]
    with bench.qdash.store.transaction() as transaction:
        for execution in died:
            found = transaction.get("execution_history", (PROJECT, execution.execution_id))
            assert found is not None
            dead = {**found, "status": "failed", "message": "interrupted: the process that ran it died"}
            transaction.put("execution_history", dead)
    assert interrupted(bench.qdash, PROJECT) == bench.qdash.executions.newest(PROJECT)[1::-1]
