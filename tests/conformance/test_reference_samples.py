"""Code samples of the original's documentation, run unchanged on a simulated chip."""

from __future__ import annotations

import abc
import dataclasses
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import typing
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash.workflow.calibtasks import active_protocols
from qdash.workflow.engine import CalibConfig, CalibOrchestrator, CRScheduler
from qdash.workflow.engine.backend.base import BaseBackend
from qdash.workflow.engine.backend.factory import create_backend
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import NotFoundError, TaskOutput, hookimpl, load_plugins, open_qdash
from qdash_core.models.chip import ChipModel, ParameterModel
from qdash_core.models.pages import PageRequest
from qdash_core.repositories.executions import ExecutionLockRepository

from ..access import ADMIN
from ..case_tables import each_case
from .reference_models import DERIVED, MEMBERS, MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FILE = Path(__file__).with_name("reference_samples.md")
SAMPLES = dict(re.findall(r"## (.+?)\n\n```\w+\n(.*?)```", FILE.read_text(encoding="utf-8"), re.DOTALL))
SOURCES = Path(__file__).parents[2] / "src"
PARAMETERS = "    ...\n"
"""Place in a sample where the reader adds arguments or parameters."""
RABI = CalibConfig(username="alice", chip_id="64Qv3", qids=["0", "1"])


def sample(name: str, fill: Mapping[str, str] | None = None) -> str:
    """Return a sample; `fill` maps what it leaves to the reader to the reader's text."""
    text: str = SAMPLES[name]
    for gap, contents in (fill or {}).items():
        assert gap in text
        text = text.replace(gap, contents)
    return text


def run(name: str, fill: Mapping[str, str] | None = None, **names: Any) -> dict[str, Any]:
    """Run a sample among these names, and return all names after it."""
    exec(sample(name, fill), names)
    return names


def test_every_sample_is_run() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in SAMPLES if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("home", ["sqlite", pytest.param("memory", marks=pytest.mark.slow)], indirect=True)
@pytest.mark.parametrize("name", ["session", "session of the engine"])
def test_a_session_runs_and_is_recorded(home: Path, name: str) -> None:
    result = run(name)["result"]
    with open_qdash() as qdash:
        execution, (stored,) = qdash.get(EXECUTIONS).show(ADMIN, "20240101-001")
        values = qdash.get(METRICS).values(ADMIN, "64Qv3").qubits["0"]
        assert qdash.repositories.of(ExecutionLockRepository).list_by_project("default") == []
    assert stored == result
    assert (stored.status, stored.verdict, stored.backend) == ("completed", "accepted", "fake")
    assert (execution.status, execution.tasks) == ("completed", {"completed": 1})
    assert execution.lab_seconds
    assert values["rabi_frequency"].parameter.task_id == stored.task_id
    assert list(home.rglob(f"{stored.task_id}.npz"))


NEW_CHIP = """
from qdash_core import open_qdash
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

with open_qdash() as qdash:
    qdash.enroll("alice")
    create_twin_chip(qdash, qdash.access("alice"), "64Qv3", load_device("jakarta"), seed=1)
"""


@pytest.mark.slow
def test_the_session_on_a_new_chip_says_why_it_measures_nothing_and_runs_again(
    empty_home: Path, tmp_path: Path
) -> None:
    script = tmp_path / "session.py"
    script.write_text(sample("session"))

    def run_script(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env={**os.environ}, capture_output=True, text=True, check=True
        )
        assert done.stdout == ""
        return done.stderr

    assert run_script("-c", NEW_CHIP) == ""
    why = "CheckRabi on qubit 0 failed: "
    assert run_script(str(script)).startswith(why)
    taken, reason = run_script(str(script)).splitlines()
    with open_qdash() as qdash:
        second, first = [one.execution for one in qdash.get(EXECUTIONS).page(ADMIN, PageRequest(10)).items]
    assert taken == f"execution {first.execution_id} exists already: this one is {second.execution_id}"
    assert reason.startswith(why)
    assert {first.status, second.status} == {"failed"}


def test_the_fake_backend_is_named_in_the_configuration(home: Path) -> None:
    fill = {PARAMETERS: '    username="alice",\n    chip_id="64Qv3",\n'}
    with CalibOrchestrator(run("fake backend", fill, CalibConfig=CalibConfig)["config"]) as session:
        result = session.run_task("CheckRabi", qid="0")
    assert (result.status, result.backend) == ("completed", "fake")


def test_a_listed_task_is_found_in_its_own_process(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = run("task", __name__=__name__)["MyNewTask"]

    class MyFinishedTask(written):  # type: ignore[misc]
        name = "MyFinishedTask"

        def postprocess(self, backend: object, result: object) -> TaskOutput:
            super().postprocess(backend, result)
            return TaskOutput(note={"qid": self.context.qid})

    for task in (written, MyFinishedTask):
        monkeypatch.setattr(active_protocols, task.name, task, raising=False)
    with CalibOrchestrator(RABI) as session:
        unfinished = session.run_task("MyNewTask", qid="0")
        finished = session.run_task("MyFinishedTask", qid="1")
    assert unfinished.status == "failed"
    assert "MyNewTask.postprocess returned NoneType, not TaskOutput" in unfinished.message
    assert (finished.status, finished.note) == ("completed", {"qid": "1"})


@pytest.mark.slow
def test_a_task_that_is_listed_in_the_file_is_found_by_every_command(home: Path, tmp_path: Path) -> None:
    sources = tmp_path / "src"
    shutil.copytree(SOURCES, sources)
    tasks = sources / "qdash/workflow/calibtasks"
    (tasks / "my_new_task.py").write_text(sample("task"))
    with (tasks / "active_protocols.py").open("a") as listed:
        listed.write("\nfrom qdash.workflow.calibtasks.my_new_task import MyNewTask\n")

    def qdash(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from qdash_cli.main import main; main()", *arguments],
            env={**os.environ, "PYTHONPATH": str(sources)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "MyNewTask" in qdash("task", "list", "--chip", "64Qv3").stdout
    ran = qdash("task", "run", "MyNewTask", "--chip", "64Qv3", "--qid", "0")
    assert "MyNewTask.postprocess returned NoneType, not TaskOutput" in ran.stdout + ran.stderr


def test_a_listed_task_takes_no_name_and_a_known_one_is_not_listed_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = load_plugins().task("CheckT1")
    monkeypatch.setattr(active_protocols, "CheckT1", known, raising=False)
    assert load_plugins().task("CheckT1") is known
    other = type("CheckT1", (known,), {})
    monkeypatch.setattr(active_protocols, "CheckT1", other)
    plugins = load_plugins()
    assert plugins.task("CheckT1") is known
    errors = {plugin.name: plugin.error for plugin in plugins.plugins}
    assert "'CheckT1' in active_protocols is taken by another task" in (errors["active-protocols"] or "")
    assert errors["tasks"] is None


FLOW_IMPORTS = """
from prefect import flow
from qdash.workflow.service import CalibService
from qdash.workflow.service.steps import CustomOneQubit
from qdash.workflow.service.targets import QubitTargets
"""
MEASURE = 'cal.run(QubitTargets(["0"]), [CustomOneQubit(["CheckRabi"])])'


def write_flow(folder: Path, tasks: str) -> Path:
    """Write the flow with cancellation, with these tasks, to a file."""
    fill = {
        f"{PARAMETERS})": ")",
        "chip_id, ...)": "chip_id, project_id=project_id, flow_name=flow_name)",
        "# ... run tasks ...": tasks,
    }
    file = folder / "my_flow.py"
    file.write_text(FLOW_IMPORTS + sample("cancellation", fill))
    return file


MEASURE_ONE = 'cal.execute_task("CheckRabi", "0")'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("after", "status"),
    [("", "completed"), ("; raise KeyboardInterrupt", "cancelled"), ("; raise ValueError(1)", "failed")],
)
def test_a_flow_ends_as_its_handler_says(home: Path, tmp_path: Path, after: str, status: str) -> None:
    pytest.importorskip("prefect")
    made = runpy.run_path(str(write_flow(tmp_path, MEASURE_ONE + after)))
    flow: Any = made["my_calibration_flow"]
    assert flow.on_cancellation_hooks == [made["on_flow_cancellation"]]
    if after:
        with pytest.raises((KeyboardInterrupt, ValueError)):
            flow.fn("alice", "64Qv3")
    else:
        flow.fn("alice", "64Qv3")
    with open_qdash() as qdash:
        newest, *_ = qdash.get(EXECUTIONS).newest(ADMIN)
    assert (newest.status, newest.tasks) == (status, {"completed": 1})


@pytest.mark.slow
def test_a_flow_is_run_by_the_command(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("prefect")
    script = "from qdash_cli.main import main; main()"
    arguments = ["flow", "run", str(write_flow(tmp_path, MEASURE)), "--chip", "64Qv3", "--user", "alice"]
    subprocess.run([sys.executable, "-c", script, *arguments], check=True)
    with open_qdash() as qdash:
        newest, *_ = qdash.get(EXECUTIONS).newest(ADMIN)
    assert (newest.status, newest.username, newest.tasks) == ("completed", "alice", {"completed": 1})


@pytest.mark.slow
def test_a_flow_registers_the_cancellation_as_the_engine_says() -> None:
    prefect = pytest.importorskip("prefect")
    fill = {"(...):\n    ...": "(username: str, chip_id: str):\n    pass"}
    made = run("cancellation of the engine", fill, flow=prefect.flow, __name__=__name__)
    assert made["my_calibration_flow"].on_cancellation_hooks == [made["on_flow_cancellation"]]


def test_repositories_are_used_with_and_without_a_database(home: Path) -> None:
    chip = ChipModel(
        project_id="default", username="", chip_id="mock", size=4, topology_id="t", backend="fake"
    )
    made = run("repositories", mock_chip=chip, CRScheduler=CRScheduler)
    assert (made["chip"].chip_id, made["chip"].username) == ("64Qv3", "alice")
    assert made["chip_repo"].get_current_chip(username="alice").chip_id == "mock"
    with pytest.raises(NotFoundError):
        made["scheduler"].generate()


def test_a_backend_of_the_interface_of_the_original_is_a_backend() -> None:
    fill = {"(...)": "(self, *arguments: Any)"}
    theirs = run("backend interface", fill, ABC=abc.ABC, abstractmethod=abc.abstractmethod, Any=Any)
    abstract = theirs["BaseBackend"].__abstractmethods__
    assert BaseBackend.__abstractmethods__ <= abstract
    assert all(callable(getattr(BaseBackend, name)) for name in abstract)


def test_an_own_backend_is_connected_by_a_session(home: Path) -> None:
    made = run("own backend", Any=Any)["YourBackend"]
    plugin = SimpleNamespace(qdash_backends=hookimpl(lambda: [made], specname="qdash_backends"))
    config = CalibConfig(username="alice", chip_id="64Qv3", backend_name="your_backend")
    with open_qdash(registry=load_plugins(extra={"yours": plugin})) as qdash:
        with CalibOrchestrator(config, qdash) as session:
            assert session.lanes == 1
        newest, *_ = qdash.get(EXECUTIONS).newest(ADMIN)
    assert newest.status == "completed"
    assert made().get_instance() is None


def test_the_factory_creates_the_backend_of_a_chip(home: Path) -> None:
    backend = create_backend("fake", {"username": "alice", "chip_id": "64Qv3"})
    backend.connect()
    assert (backend.name, backend.context.chip_id) == ("fake", "64Qv3")
    with pytest.raises(NotFoundError):
        create_backend("fake", {"username": "alice", "chip_id": "none"})


@dataclasses.dataclass
class Yours:
    """Model of an author."""

    id: str


class YourDocument:
    """Document class of an author, with the methods of Bunnet that the sample calls."""

    saved: typing.ClassVar[dict[str, Yours]] = {}

    def __init__(self, model: Yours) -> None:
        self.model = model

    @classmethod
    def from_model(cls, model: Yours) -> YourDocument:
        return cls(model)

    def save(self) -> None:
        self.saved[self.model.id] = self.model

    @classmethod
    def find_one(cls, where: Mapping[str, str]) -> SimpleNamespace:
        found = cls.saved.get(where["id"])
        return SimpleNamespace(run=lambda: None if found is None else cls(found))


@pytest.fixture
def own_repositories() -> dict[str, Any]:
    """The samples with repositories of an author, whose conversion of documents the author adds."""
    made = {"YourModel": Yours, "YourDocument": YourDocument}
    made |= {"Protocol": typing.Protocol, "runtime_checkable": typing.runtime_checkable}
    for name in ("repository protocol", "repository on MongoDB", "repository in memory"):
        made = run(name, **made, __name__=__name__) if "__name__" not in made else run(name, **made)
    made["MongoYourRepository"]._to_model = staticmethod(lambda document: document.model)
    return made


@pytest.mark.parametrize("name", ["MongoYourRepository", "InMemoryYourRepository"])
def test_an_own_repository_keeps_what_is_saved(own_repositories: dict[str, Any], name: str) -> None:
    repository = own_repositories[name]()
    assert isinstance(repository, own_repositories["YourRepository"])
    assert repository.find("a") is None
    repository.save(Yours("a"))
    assert repository.find("a") == Yours("a")
    clear: Callable[[], object] = getattr(repository, "clear", YourDocument.saved.clear)
    clear()
    assert repository.find("a") is None


def test_a_service_takes_a_repository_or_its_own(
    own_repositories: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("yours")
    package.__dict__.update(own_repositories)
    monkeypatch.setitem(sys.modules, "yours", package)
    made = run("service", **{**own_repositories, "__package__": "yours.engine.service"})
    given = own_repositories["InMemoryYourRepository"]()
    assert made["YourService"](repo=given)._repo is given
    assert isinstance(made["YourService"]()._repo, own_repositories["MongoYourRepository"])


def test_a_value_of_a_qubit_is_read() -> None:
    given = json.loads(sample("value of a qubit"))
    read = {name: ParameterModel.model_validate(value) for name, value in given.items()}
    stored = read["qubit_frequency"].model_dump(include={*given["qubit_frequency"]} - {"calibrated_at"})
    assert stored | {"calibrated_at": given["qubit_frequency"]["calibrated_at"]} == given["qubit_frequency"]
    calibrated_at = read["qubit_frequency"].calibrated_at
    assert calibrated_at is not None
    assert calibrated_at.isoformat() == "2023-12-31T15:00:00+00:00"


@each_case("name", MODELS)
def test_a_model_has_the_fields_of_the_original(name: str) -> None:
    from qdash import datamodel

    model = getattr(datamodel, name)
    if name in MEMBERS:
        assert {*MEMBERS[name].split()} <= {member.value for member in model}
        return
    ours = {*getattr(model, "model_fields", ()), *getattr(model, "__dataclass_fields__", ())}
    assert [field for field in MODELS[name].split() if DERIVED.get(field, field) not in ours] == []
