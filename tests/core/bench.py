"""Test bench of the engine: temporary tasks and backends, registered as a plugin, on a small chip in a real
store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import (
    BaseBackend,
    BaseTask,
    CalibConfig,
    CalibOrchestrator,
    CalibService,
    InputParameter,
    OutputParameter,
    Parameter,
    RawData,
    TaskOutput,
    hookimpl,
    load_plugins,
    open_qdash,
)
from qdash_core.backends.laboratory import LaboratoryTime
from qdash_core.chips.topology import Site, Topology
from qdash_core.hooks import host
from qdash_core.models.project import ProjectMembershipModel, ProjectModel, ProjectRole
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.session.session import RunSession
from qdash_core.settings import Settings

from ..access import ADMIN
from ..plain_install import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.backends.base import BackendContext
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.execution import EventModel, ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.runtime.application import QDash
    from qdash_core.tasks.run_parameters import RunParameter

PROJECT = "default"
CHIP = "chip"
LINE = Topology(
    "line",
    tuple(Site(str(number), 0, number, 0 if number < 3 else 1) for number in range(5)),
    ("0-1", "1-2", "2-3", "3-4"),
)
"""Five qubits in a row; 0 to 2 on one multiplexer, 3 and 4 on another. Coupling 2-3 is controlled by 3."""
SIGNAL = RawData({"signal": ([1.0, 2.0, 3.0], "a.u.")}, {"point": 1})


UNITS: Mapping[str, str] = MappingProxyType(
    {
        "t1": "us",
        "t2_echo": "us",
        "qubit_frequency": "GHz",
        "readout_frequency": "GHz",
        "resonator_frequency": "GHz",
        "anharmonicity": "GHz",
        "zx90_gate_time": "ns",
        "static_zz_interaction": "MHz",
    }
)
"""Units of quantities, for tasks of tests that state none."""


class BenchBackend(BaseBackend):
    """Backend that records its calls. Tests extend it by a subclass from `backend()`."""

    name = "bench"
    calls: list[str]
    applied: list[dict[str, dict[str, Parameter]]]
    note: dict[str, Any] | None = None

    clocked: bool = False
    """True if the laboratory has a simulated clock, which only a test advances."""

    def connect(self) -> None:
        self.calls.append("connect")
        if self.clocked:
            self.clock = LaboratoryTime(1000.0)

    def get_instance(self) -> list[str]:
        return self.calls

    def save_note(self) -> dict[str, Any] | None:
        return self.note

    def update_note(self, note: dict[str, Any]) -> None:
        self.calls.append(f"update_note {note}")

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        self.applied.append({target: dict(values) for target, values in parameters.items()})

    def disconnect(self) -> None:
        self.calls.append("disconnect")


def make_backend(**attributes: Any) -> type[BenchBackend]:
    """Return a new subclass of `BenchBackend`, with these attributes and methods."""
    return type("Backend", (BenchBackend,), {"calls": [], "applied": [], **attributes})


def make_backend_by_chip(**attributes: Any) -> type[BenchBackend]:
    """Return a backend with one instrument per chip."""

    def instrument(cls: type[BenchBackend], context: BackendContext) -> str:
        return f"{cls.name}/{context.project_id}/{context.chip_id}"

    return make_backend(instrument=classmethod(instrument), **attributes)


def make_task(
    name: str = "Measure",
    gives: Mapping[str, Parameter] | None = None,
    *,
    needs: Iterable[str] | Mapping[str, InputParameter] = (),
    measure: Callable[[Any, Any], Any] = lambda _task, _backend: SIGNAL,
    analyse: Callable[[Any, Any], Any] | None = None,
    parameters: Mapping[str, RunParameter] | None = None,
    **attributes: Any,
) -> type[BaseTask]:
    """Return a task that declares `gives` as outputs and delivers them by default.

    Parameters
    ----------
    needs : names or declarations
        Its inputs; a name is a required input without a default.
    measure : callable
        Its `run`, given the instance and the backend.
    analyse : callable or None
        Its `postprocess`, given the instance and what was measured.
    parameters : mapping
        Its run parameters.
    **attributes
        Anything else of the class.
    """
    given = {"t1": Parameter(10.0, 0.5, "us")} if gives is None else dict(gives)
    inputs = needs if isinstance(needs, dict) else {need: InputParameter() for need in needs}

    def postprocess(self: BaseTask, backend: BaseBackend | None, result: Any) -> Any:
        return TaskOutput(given) if analyse is None else analyse(self, result)

    def run(self: BaseTask, backend: BaseBackend) -> Any:
        return measure(self, backend)

    declared = {
        "name": name,
        "output_parameters": MappingProxyType(
            {key: OutputParameter(unit=found.unit) for key, found in given.items()}
        ),
        "input_parameters": MappingProxyType(dict(inputs)),
        "run_parameters": MappingProxyType(dict(parameters or {})),
        "postprocess": postprocess,
        "run": run,
    }
    made = {**declared, **attributes}
    made["output_parameters"] = MappingProxyType(
        {key: _add_unit(key, found) for key, found in made["output_parameters"].items()}
    )
    return type(name, (BaseTask,), made)


def _add_unit(name: str, declared: Any) -> Any:
    """Return a declaration with the unit of its quantity, if it is one without a unit."""
    if not isinstance(declared, OutputParameter) or declared.unit or name not in UNITS:
        return declared
    return replace(declared, unit=UNITS[name])


def make_raising(error: BaseException | type[BaseException]) -> Callable[..., Any]:
    """Return a function of any arguments that raises."""

    def function(*_: Any, **__: Any) -> Any:
        raise error

    return function


_register, _registered = host.register_plugin, dict[int, Any]()


def _register_once(candidate: PluginCandidate) -> Any:
    """Register each feature of QDash once: its hooks are always the same, and each test would look for them anew."""
    if not candidate.is_own_feature:
        return _register(candidate)
    feature = candidate.load()  # is kept by its module
    if id(feature) not in _registered:
        _registered[id(feature)] = _register(candidate)
    return _registered[id(feature)]


host.register_plugin = _register_once


@dataclass
class _Plugin:
    tasks: Sequence[type[BaseTask]]
    backends: Sequence[type[BaseBackend]]
    validators: Sequence[Any]
    flows: Sequence[Any] = ()
    formats: Sequence[Format] = ()
    schedulers: Sequence[Any] = ()

    @hookimpl
    def qdash_schedulers(self) -> list[Any]:
        return list(self.schedulers)

    @hookimpl
    def qdash_formats(self) -> list[Format]:
        return list(self.formats)

    @hookimpl
    def qdash_flows(self) -> list[Any]:
        return list(self.flows)

    @hookimpl
    def qdash_tasks(self) -> list[type[BaseTask]]:
        return list(self.tasks)

    @hookimpl
    def qdash_backends(self) -> list[type[BaseBackend]]:
        return list(self.backends)

    @hookimpl
    def qdash_validators(self) -> list[Any]:
        return list(self.validators)


def make_registry(
    tasks: Sequence[type[BaseTask]],
    backends: Sequence[type[BaseBackend]] = (),
    validators: Sequence[Any] = (),
    *,
    flows: Sequence[Any] = (),
    formats: Sequence[Format] = (),
    schedulers: Sequence[Any] = (),
    url: str = "",
    blocked: Collection[str] = (),
    http_host: bool = False,
    others: Mapping[str, object] = MappingProxyType({}),
) -> Registry:
    """Return a registry of the core, the pictures, a plugin of these objects, the plugin for `url`, and on
    request the HTTP host, without other installed plugins.
    """
    plugins: dict[str, object] = {}
    if url.startswith("mongodb:"):
        import qdash_mongo.plugin  # the tests of other members run without it

        plugins["mongo"] = qdash_mongo.plugin
    if find_spec("qdash_pictures"):  # likewise
        plugins["pictures"] = import_module("qdash_pictures.plugin")
    installed = (*PLAIN, *(["qdash-api"] if http_host else []))
    plugins["bench"] = _Plugin(tasks, backends or [make_backend()], validators, flows, formats, schedulers)
    registry = load_plugins(extra={**plugins, **others}, installed_too=installed, blocked=blocked)
    registry.collect_all(of_members_too=False)
    assert all(record.status != "failed" for record in registry.plugins), registry.plugins
    return registry


@cache
def _make_settings() -> Settings:
    """Return settings for a copy, since reading the environment takes milliseconds."""
    return Settings(home="/", store_url="memory://", artifacts_url="file:///")


@dataclass
class Bench:
    """An open QDash with one chip."""

    qdash: QDash
    opened: list[QDash] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        folder: Path,
        url: str,
        *tasks: type[BaseTask],
        backends: Sequence[type[BaseBackend]] = (),
        validators: Sequence[Any] = (),
        flows: Sequence[Any] = (),
        formats: Sequence[Format] = (),
        schedulers: Sequence[Any] = (),
        **settings: Any,
    ) -> Bench:
        """Open a new store, and create the chip."""
        of_home: dict[str, Any] = {
            "home": folder,
            "store_url": url,
            "artifacts_url": (folder / "artifacts").as_uri(),
        }
        found = Settings(**of_home, **settings) if settings else _make_settings().model_copy(update=of_home)
        registry = make_registry(
            tasks, backends, validators, flows=flows, formats=formats, schedulers=schedulers, url=url
        )
        bench = cls(open_qdash(found, registry))
        bench.add_chip(CHIP)
        return bench

    def add_chip(self, chip_id: str) -> None:
        """Create a chip of five qubits in a line."""
        self.qdash.get(CHIPS).create(ADMIN, chip_id, LINE, backend="bench", controls={"2-3": "3"})

    def add_project(self, project_id: str) -> None:
        """Create a project owned by admin."""
        admin = {"project_id": project_id, "user_id": "1", "username": "admin"}
        self.repositories.of(ProjectRepository).add(
            ProjectModel(project_id=project_id, owner_user_id="1", owner_username="admin", name=project_id)
        )
        self.repositories.of(ProjectMembershipRepository).put(
            ProjectMembershipModel(**admin, role=ProjectRole.OWNER, status="active")
        )

    def reinstall(
        self,
        *tasks: type[BaseTask],
        backends: Sequence[type[BaseBackend]] = (),
        validators: Sequence[Any] = (),
        blocked: Collection[str] = (),
        others: Mapping[str, object] = MappingProxyType({}),
    ) -> Bench:
        """Return the same store and artifacts with other plugins."""
        registry = make_registry(tasks, backends, validators, blocked=blocked, others=others)
        return Bench(replace(self.qdash, registry=registry))

    # ----------------------------------------------------------------------------------------------------------- sessions

    def start_session(self, **config: Any) -> CalibOrchestrator:
        """Return an initialized session on the chip."""
        wanted = {"username": "admin", "chip_id": CHIP, **config}
        orchestrator = CalibOrchestrator(CalibConfig(**wanted), self.qdash)
        orchestrator.initialize()
        return orchestrator

    def abandon(self, session: CalibOrchestrator) -> str:
        """Abandon a session like a killed process, with nothing ended and its lock orphaned; return its
        execution.
        """
        execution = session.execution
        locks = self.repositories.of(ExecutionLockRepository)
        lock = locks.get_held_by(execution.hold)
        assert lock is not None
        assert isinstance(session._session, RunSession)
        assert session._session._resources.lock._heartbeat is not None
        session._session._resources.lock._heartbeat.stop()
        locks.put(lock.model_copy(update={"process_start": 1.0}))
        return execution.execution_id

    def get_execution(self, execution_id: str) -> ExecutionModel:
        """Return an execution from the store."""
        return self.qdash.get(EXECUTIONS).show(ADMIN, execution_id)[0]

    def get_last_execution(self) -> ExecutionModel:
        """Return the newest execution from the store."""
        return self.qdash.get(EXECUTIONS).newest(ADMIN)[0]

    def make_service(self, **given: Any) -> CalibService:
        """Return a calibration of the chip."""
        return CalibService("admin", CHIP, qdash=self.qdash, **given)

    def run(self, name: str = "Measure", qid: str = "0", **config: Any) -> TaskResultModel:
        """Run one task in a session of its own and return its result from the store."""
        session = self.start_session(**config)
        result = session.run_task(name, qid)
        session.complete()
        return self.get_stored(result)

    # ------------------------------------------------------------------------------------------------------ what is stored

    @property
    def repositories(self) -> Repositories:
        return self.qdash.repositories

    def get_stored(self, result: TaskResultModel) -> TaskResultModel:
        """Return a result from the store."""
        found = self.repositories.of(TaskResultHistoryRepository).find(PROJECT, result.task_id)
        assert found is not None
        return found

    def list_results(self, execution_id: str) -> list[TaskResultModel]:
        """Return the results of an execution."""
        return self.qdash.get(EXECUTIONS).show(ADMIN, execution_id)[1]

    def get_qubit(self, qid: str = "0") -> QubitModel:
        """Return a qubit from the store."""
        found = self.repositories.of(QubitCalibrationRepository).find(PROJECT, CHIP, qid)
        assert found is not None
        return found

    def get_coupling(self, qid: str) -> CouplingModel:
        """Return a coupling from the store."""
        found = self.repositories.of(CouplingCalibrationRepository).find(PROJECT, CHIP, qid)
        assert found is not None
        return found

    def get_value(self, name: str = "t1", qid: str = "0") -> float | None:
        """Return the accepted value of a qubit, or None."""
        found = self.get_qubit(qid).data.get(name)
        return None if found is None else float(found.value)

    def list_events(self, seq: int = 0) -> list[EventModel]:
        """Return the events of runs after a number."""
        found = self.repositories.of(EventRepository).list_since(PROJECT, seq)
        return [one for one in found if not one.kind.startswith("chip.")]
