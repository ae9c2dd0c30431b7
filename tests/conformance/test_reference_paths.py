"""Import paths and samples of existing flows, unchanged on a simulated chip."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

import pytest

import qdash_core
from qdash.workflow.engine import ExecutionService
from qdash_core import CalibConfig, CalibService, open_qdash
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

from ..access import ADMIN, access_of

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORIES = (
    "CalibrationNote", "ChipHistory", "Chip", "CouplingCalibration", "ExecutionCounter", "ExecutionLock", "Execution",
    "QubitCalibration", "Task", "TaskResultHistory", "User",
)  # fmt: skip
PATHS = {
    "qdash.workflow.engine": [
        "CRScheduler", "CalibConfig", "CalibOrchestrator", "ExecutionService", "OneQubitScheduler", "ResultProcessor", "TaskContext", "TaskExecutor",
        "TaskHistoryRecorder", "TaskStateManager",
    ],
    "qdash.workflow.calibtasks.base": [
        "BaseTask", "InputParameter", "OutputParameter", "Parameter", "RawData", "RunParameter", "TaskOutput",
    ],
    "qdash.workflow.service": ["CalibService"],
    "qdash.workflow.service.calib_service": ["CalibService"],
    "qdash.workflow.service.targets": ["AllMuxTargets", "CouplingTargets", "MuxTargets", "QubitTargets"],
    "qdash.workflow.service.steps": [
        "BringUp", "ConfigureAll", "CustomOneQubit", "CustomTwoQubit", "FilterByMetric", "FilterByStatus",
        "GenerateCRSchedule", "OneQubitCheck", "SetCRSchedule", "TwoQubitCalibration",
    ],
    "qdash.repository": [
        "CalibDataSaver", "CalibrationNoteRepository", "ChipHistoryRepository", "ChipRepository",
        "CouplingCalibrationRepository", "ExecutionCounterRepository", "ExecutionLockRepository",
        "ExecutionRepository", "FilesystemCalibDataSaver", "QubitCalibrationRepository", "TaskRepository",
        "TaskResultHistoryRepository", "UserRepository", *(f"Mongo{name}Repository" for name in REPOSITORIES),
    ],
    "qdash.repository.inmemory": [f"InMemory{name}Repository" for name in REPOSITORIES],
}  # fmt: skip

QUICKSTART = """
from qdash.workflow.engine import CalibOrchestrator, CalibConfig

# Configure the session
config = CalibConfig(
    username="alice",
    chip_id="64Qv3",
    qids=["0", "1"],
    execution_id="20240101-001",
)

# Initialize and run
orchestrator = CalibOrchestrator(config)
orchestrator.initialize()

# Execute a task
result = orchestrator.run_task("CheckRabi", qid="0")

# Complete the session
orchestrator.complete()
"""

OWN_TASK = """
from qdash.workflow.calibtasks.base import BaseTask

class MyNewTask(BaseTask):
    name = "MyNewTask"

    def preprocess(self, backend):
        # Extract input parameters
        pass

    def run(self, backend):
        # Execute measurement
        pass

    def postprocess(self, backend, result):
        # Process results, generate figures
        pass
"""


@pytest.fixture(params=["sqlite", "memory"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with only the chip `64Qv3`, a twin of seven qubits with values of 0 and 1."""
    for name in [name for name in os.environ if name.upper().startswith("QDASH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    if request.param == "memory":
        monkeypatch.setenv("QDASH_STORE_URL", f"memory://{tmp_path}")
    with open_qdash() as qdash:
        qdash.projects.enroll("alice")
        create_twin_chip(qdash, access_of("alice"), "64Qv3", load_device("jakarta"), seed=1)
        cal = CalibService("alice", "64Qv3", qdash=qdash)
        cal.run(
            QubitTargets(["0", "1"]),
            [CustomOneQubit(["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"])],
        )
        cal.finish_calibration()
    return tmp_path / "home"


@pytest.mark.parametrize(("module", "names"), PATHS.items(), ids=PATHS)
def test_what_existing_flows_import_is_there(module: str, names: list[str]) -> None:
    found = importlib.import_module(module)
    assert set(names) <= set(found.__all__)
    for name in found.__all__:
        assert getattr(found, name).__module__.startswith(("qdash_core.", "qdash."))


def test_the_execution_service_of_existing_flows_runs_and_ends_executions(home: Path) -> None:
    with open_qdash() as qdash:
        executions = ExecutionService(qdash.store, qdash.zone, qdash.artifacts)
        begun = executions.start("default", CalibConfig(username="alice", chip_id="64Qv3"))
        assert executions.interrupted_among([begun]) == {begun.execution_id}
        assert executions.request_cancel("default", begun.execution_id, "alice").cancel_request is not None
        ended = executions.cancel_from_outside("default", begun.execution_id)
        assert executions.find("default", begun.execution_id) == ended


def test_what_authors_need_is_in_the_core_itself() -> None:
    for name in qdash_core.__all__:
        assert getattr(qdash_core, name) is not None
    assert {
        "hookimpl", "PLUGIN_API", "BaseBackend", "BaseTask", "InputParameter", "OutputParameter", "RunParameter",
        "Parameter", "RawData", "TaskOutput", "CalibConfig", "CalibOrchestrator", "CalibService", "QDashError",
    } <= set(dir(qdash_core))  # fmt: skip


def test_the_quickstart_runs_as_it_is_written(home: Path) -> None:
    names: dict[str, object] = {}
    exec(QUICKSTART, names)
    result = names["result"]
    with open_qdash() as qdash:
        execution, (stored,) = qdash.executions.show(ADMIN, "20240101-001")
        values = qdash.metrics.values(ADMIN, "64Qv3").qubits["0"]
        assert qdash.repositories.locks.list_by_project("default") == []
    assert stored == result
    assert (stored.status, stored.verdict, stored.backend) == ("completed", "accepted", "fake")
    assert (execution.status, execution.tasks) == ("completed", {"completed": 1})
    assert execution.lab_seconds is not None
    assert execution.lab_seconds > 0
    assert values["rabi_frequency"].parameter.task_id == stored.task_id
    assert list(home.rglob(f"{stored.task_id}.npz"))


def test_a_task_is_written_as_the_quickstart_says() -> None:
    names: dict[str, type] = {}
    exec(OWN_TASK, names)
    assert issubclass(names["MyNewTask"], qdash_core.BaseTask)


def test_the_repositories_in_memory_serve_tests_of_others() -> None:
    from qdash.repository.inmemory import InMemoryChipRepository, InMemoryUserRepository
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.memory import MemoryStore

    chips = InMemoryChipRepository()
    chip = ChipModel(
        project_id="default", username="", chip_id="64Qv3", size=64, topology_id="t", backend="fake"
    )
    chips.add_chip("alice", chip)
    found = chips.get_current_chip(username="alice")
    assert found is not None
    assert (found.chip_id, found.username) == ("64Qv3", "alice")
    assert InMemoryChipRepository().get_current_chip(username="alice") is None
    chips.clear()
    assert chips.get_current_chip(project_id="default") is None

    shared = MemoryStore.open("memory://")
    InMemoryChipRepository(shared).add_chip("alice", chip)
    InMemoryUserRepository(shared).clear()
    assert InMemoryChipRepository(shared).find("default", "64Qv3") is not None
