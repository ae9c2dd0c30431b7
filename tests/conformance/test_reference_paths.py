"""Import paths of the original, and their contents."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

import qdash
import qdash_core
from docs import make_original
from qdash import dbmodel
from qdash.workflow.engine import ExecutionService
from qdash_core import CalibConfig, open_qdash

from ..case_tables import each_case
from .reference_models import DOCUMENTS, MODELS

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORIES = (
    "CalibrationNote", "ChipHistory", "Chip", "CouplingCalibration", "ExecutionCounter", "ExecutionLock", "Execution",
    "QubitCalibration", "Task", "TaskResultHistory", "User",
)  # fmt: skip
IMPLEMENTATIONS = ("Mongo", "InMemory")
PROTOCOLS = ["CalibDataSaver", *(f"{name}Repository" for name in REPOSITORIES)]
ENGINE = "qdash.workflow.engine"
SERVICE = "qdash.workflow.service"
STEPS = f"{SERVICE}.steps"
PATHS = {
    ENGINE: [
        "CRScheduler", "CalibConfig", "CalibOrchestrator", "ExecutionService", "ExecutionStateManager", "OneQubitScheduler",
        "ResultProcessor", "TaskContext", "TaskExecutor", "TaskHistoryRecorder", "TaskStateManager",
    ],
    f"{ENGINE}.orchestrator": ["CalibOrchestrator"],
    f"{ENGINE}.config": ["CalibConfig"],
    f"{ENGINE}.task_runner": ["TaskRuns"],
    f"{ENGINE}.params_updater": ["ParamsUpdater", "get_params_updater"],
    f"{ENGINE}.util": ["get_current_timestamp"],
    f"{ENGINE}.task": ["TaskContext", "TaskExecutor", "TaskStateManager"],
    f"{ENGINE}.task.context": ["TaskContext"],
    f"{ENGINE}.task.executor": ["TaskExecutor"],
    f"{ENGINE}.task.state_manager": ["TaskStateManager"],
    f"{ENGINE}.task.result_processor": ["ResultProcessor"],
    f"{ENGINE}.task.history_recorder": ["TaskHistoryRecorder"],
    f"{ENGINE}.execution": ["ExecutionService", "ExecutionStateManager"],
    f"{ENGINE}.execution.service": ["ExecutionService"],
    f"{ENGINE}.execution.state_manager": ["ExecutionStateManager"],
    f"{ENGINE}.execution.models": ["ExecutionModel", "ExecutionStatusModel"],
    f"{ENGINE}.scheduler": ["BOX_A", "BOX_B", "BOX_MIXED", "CRScheduler", "OneQubitScheduler"],
    f"{ENGINE}.scheduler.cr_scheduler": ["CRScheduler"],
    f"{ENGINE}.scheduler.one_qubit_scheduler": ["OneQubitScheduler"],
    f"{ENGINE}.scheduler.plugins": ["CheckerboardStrategy", "Scheduler", "SynchronizedStrategy"],
    f"{ENGINE}.repository": [*PROTOCOLS, *(f"{by}{name}Repository" for by in IMPLEMENTATIONS for name in REPOSITORIES)],
    f"{ENGINE}.repository.protocols": PROTOCOLS,
    f"{ENGINE}.repository.mongo_impl": [f"Mongo{name}Repository" for name in REPOSITORIES if name != "Execution"],
    f"{ENGINE}.repository.mongo_execution": ["MongoExecutionRepository"],
    f"{ENGINE}.repository.filesystem_impl": ["FilesystemCalibDataSaver"],
    f"{ENGINE}.repository.inmemory_impl": [f"InMemory{name}Repository" for name in REPOSITORIES],
    f"{ENGINE}.backend": ["BaseBackend", "create_backend"],
    f"{ENGINE}.backend.base": ["BaseBackend"],
    f"{ENGINE}.backend.factory": ["create_backend"],
    f"{ENGINE}.backend.qubex": ["QubexBackend"],
    f"{ENGINE}.backend.fake": ["FakeBackend"],
    "qdash.workflow.calibtasks": [],
    "qdash.workflow.calibtasks.active_protocols": [],
    "qdash.workflow.calibtasks.base": [
        "BaseTask", "InputParameter", "OutputParameter", "Parameter", "RawData", "RunParameter", "TaskOutput",
    ],
    "qdash.workflow.calibtasks.qubex": ["CheckRabi", "CheckFineChevron", "ChevronPattern"],
    SERVICE: [
        "CHECK_1Q_TASKS", "FULL_1Q_TASKS", "FULL_1Q_TASKS_AFTER_CHECK", "FULL_2Q_TASKS", "AllMuxTargets", "CalibService", "CalibrationStep",
        "ConfigFileType", "ConfigureAll", "CouplingTargets", "CustomOneQubit", "CustomTwoQubit", "FilterByMetric", "FilterByStatus",
        "GenerateCRSchedule", "GitHubIntegration", "GitHubPushConfig", "MuxTargets", "OneQubitCheck", "OneQubitFineTune", "Pipeline",
        "QubitTargets", "SessionContext", "Step", "StepContext", "Target", "TransformStep", "TwoQubitCalibration",
        "clear_current_session", "generate_execution_id", "get_current_session", "on_flow_cancellation", "set_current_session",
    ],
    f"{SERVICE}.calib_service": [
        "CalibService", "_is_cancellation", "finish_calibration", "generate_execution_id", "get_session", "init_calibration",
        "on_flow_cancellation",
    ],
    f"{SERVICE}.targets": ["AllMuxTargets", "CouplingTargets", "MuxTargets", "QubitTargets", "Target"],
    f"{SERVICE}.results": ["CouplingCalibData", "FilterResult", "OneQubitResult", "QubitCalibData", "TwoQubitResult"],
    f"{SERVICE}.tasks": ["BRINGUP_TASKS", "CHECK_1Q_TASKS", "EXPERIMENTAL_SIMULTANEOUS_BRINGUP_TASKS", "FULL_1Q_TASKS", "FULL_2Q_TASKS"],
    f"{SERVICE}.github": ["ConfigFileType", "GitHubIntegration", "GitHubPushConfig"],
    f"{SERVICE}.execution_id": ["generate_execution_id"],
    f"{SERVICE}.session_context": ["SessionContext", "clear_current_session", "get_current_session", "set_current_session"],
    f"{SERVICE}.strategy": [
        "OneQubitConfig", "OneQubitScheduledStrategy", "OneQubitSerialStrategy", "OneQubitSimultaneousSpectroscopyStrategy",
        "OneQubitStrategy", "OneQubitSynchronizedStrategy", "get_one_qubit_strategy",
    ],
    f"{SERVICE}.single_task_flow": ["single_task_executor"],
    STEPS: [
        "BringUp", "CalibrationStep", "ConfigureAll", "CustomOneQubit", "CustomTwoQubit", "ExperimentalSimultaneousBringUp",
        "FilterByMetric", "FilterByStatus", "GenerateCRSchedule", "OneQubitCheck", "OneQubitFineTune", "Pipeline", "SetCRSchedule",
        "Step", "StepContext", "TransformStep", "TwoQubitCalibration",
    ],
    f"{STEPS}.base": ["CalibrationStep", "Step", "TransformStep"],
    f"{STEPS}.pipeline": ["Pipeline", "StepContext"],
    f"{STEPS}.box_setup": ["ConfigureAll"],
    f"{STEPS}.bringup": ["BringUp", "ExperimentalSimultaneousBringUp"],
    f"{STEPS}.filters": ["FilterByMetric", "FilterByStatus"],
    f"{STEPS}.one_qubit": ["CustomOneQubit", "OneQubitCheck", "OneQubitFineTune"],
    f"{STEPS}.two_qubit": ["CustomTwoQubit", "GenerateCRSchedule", "SetCRSchedule", "TwoQubitCalibration"],
    "qdash.repository": [*PROTOCOLS, "FilesystemCalibDataSaver", *(f"Mongo{name}Repository" for name in REPOSITORIES)],
    "qdash.repository.inmemory": [f"InMemory{name}Repository" for name in REPOSITORIES],
    "qdash.datamodel": [*MODELS],
    "qdash.dbmodel": [*DOCUMENTS],
}  # fmt: skip
"""Modules that the original's documents name, with the names that the documents place there."""


@each_case(("module", "names"), PATHS.items(), ids=PATHS)
def test_what_the_documents_of_the_original_name_is_there(module: str, names: list[str]) -> None:
    found = importlib.import_module(module)
    assert [name for name in names if getattr(found, name, None) is None] == []
    assert set(names) <= {*getattr(found, "__all__", names)}


def test_every_module_has_what_it_lists_and_the_page_names_it() -> None:
    page = make_original.list_modules()
    modules = [found.name for found in pkgutil.walk_packages(qdash.__path__, "qdash.")]
    for module in modules:
        found = importlib.import_module(module)
        for name in getattr(found, "__all__", ()):
            assert getattr(found, name) is not None
    assert [module for module in PATHS if module not in page] == []


def test_a_task_is_imported_by_its_name_or_alias() -> None:
    from qdash.workflow.calibtasks import qubex
    from qdash_tasks.tasks import CheckFineChevron, CheckT1

    assert qubex.CheckT1 is CheckT1
    assert qubex.ChevronPattern is CheckFineChevron
    with pytest.raises(ImportError, match="CheckEverything"):
        from qdash.workflow.calibtasks.qubex import CheckEverything  # noqa: F401


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


def test_a_document_class_is_that_of_its_collection() -> None:
    found = {name: getattr(dbmodel, name) for name in DOCUMENTS}
    assert {name: kind.Settings.name for name, kind in found.items()} == DOCUMENTS
