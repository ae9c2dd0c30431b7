"""Methods of the original that the core has in another form."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash.repository import ExecutionCounterRepository, MongoExecutionCounterRepository
from qdash.repository.inmemory import InMemoryExecutionCounterRepository
from qdash.workflow.engine import ExecutionStateManager, TaskStateManager, task_runner
from qdash.workflow.engine.params_updater import get_params_updater
from qdash_core import BaseBackend, IllegalTransitionError, Parameter
from qdash_core.attempts.state_manager import ResultOrigin
from qdash_core.models.chip import ParameterModel
from qdash_core.models.execution import ExecutionModel
from qdash_tasks.qubit.decays import CheckT1

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ORIGIN = ResultOrigin(
    project_id="default", username="alice", chip_id="A", execution_id="20240101-001", backend="fake"
)
START = datetime(2024, 1, 1, tzinfo=UTC)
T1 = {"t1": ParameterModel(value=40.0, error=1.0, unit="us")}


class Clock:
    """A clock that is one second later at every look."""

    def __init__(self) -> None:
        self.now = START - timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def test_outputs_and_end_of_a_result_are_set_one_by_one() -> None:
    states = TaskStateManager(ORIGIN, clock=Clock())
    result = states.ensure_task_exists(CheckT1, "0")
    with pytest.raises(IllegalTransitionError, match="it has not started"):
        states.end_task(result)
    states.start_task(result)
    states.put_output_parameters(result, T1)
    states.end_task(result)
    assert (result.status, result.output_parameters) == ("running", T1)
    assert (result.end_at, result.elapsed_time) == (START + timedelta(seconds=1), 1.0)
    states.update_task_status_to_completed(result)
    with pytest.raises(IllegalTransitionError, match="its outputs cannot change"):
        states.put_output_parameters(result, {})
    states.end_task(result)
    assert (result.status, result.output_parameters, result.elapsed_time) == ("completed", T1, 3.0)


def test_the_state_of_an_execution_follows_the_legal_transitions() -> None:
    stored = ExecutionModel(
        project_id="default", username="alice", name="session", execution_id="20240101-001", chip_id="A"
    )
    state = ExecutionStateManager(stored, clock=Clock())
    with pytest.raises(IllegalTransitionError, match="20240101-001 is scheduled and cannot become completed"):
        state.complete()
    ended = state.start().fail().to_datamodel()
    assert (stored.status, ended.status, ended.elapsed_time) == ("scheduled", "failed", 1.0)
    assert (ended.start_at, ended.end_at) == (START, START + timedelta(seconds=1))
    for change in (state.start, state.complete, state.cancel):
        with pytest.raises(IllegalTransitionError):
            change()
    assert ExecutionStateManager.from_datamodel(stored).cancel().status == "cancelled"


@pytest.mark.parametrize("kind", [InMemoryExecutionCounterRepository, MongoExecutionCounterRepository])
def test_the_chip_is_a_plain_argument_of_the_next_index(
    empty_home: Path, kind: type[ExecutionCounterRepository]
) -> None:
    counters = kind()
    assert [counters.get_next_index("default", "20240101", chip) for chip in ("A", "B", "A")] == [0, 1, 2]
    assert counters.get_next_index("default", "20240102", "A") == 0


class Library(BaseBackend):
    """A backend that rounds to whole numbers."""

    name = "library"

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Parameter]] = {}

    def connect(self) -> None:
        """Do nothing."""

    def get_instance(self) -> None:
        """Return nothing."""

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        self.values |= {target: dict(values) for target, values in parameters.items()}

    def read_back(self, target: str) -> dict[str, float]:
        return {name: round(one.value) for name, one in self.values[target].items() if one.value % 1}


class Deaf(Library):
    """A backend that takes no values."""

    apply = BaseBackend.apply


def test_values_are_updated_in_the_library_of_a_backend() -> None:
    library = Library()
    updater = get_params_updater(library)
    assert updater is not None
    assert updater.update("0", T1 | {"t2_echo": ParameterModel(value=30.4, unit="us")}) == {"t2_echo": 30}
    assert library.values["0"]["t1"] == Parameter(40.0, 1.0, "us")
    assert get_params_updater(Deaf()) is None


def test_a_name_of_a_member_that_is_not_installed_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "qdash_prefect.task_runs", None)
    with pytest.raises(
        ModuleNotFoundError,
        match=r"task_runner.TaskRuns needs .* `pip install --find-links RELEASE 'qdash\[prefect\]'`",
    ):
        _ = task_runner.TaskRuns
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        _ = task_runner.other
