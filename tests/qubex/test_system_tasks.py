"""Tasks on the instruments: calls of the library, results, and refusals."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.backends.base import BackendContext, BaseBackend
from qdash_core.chips.topology import make_topology
from qdash_core.errors import AnalysisError, BackendError
from qdash_core.hooks.catalogue import Catalogue
from qdash_core.tasks.base import BaseTask, ChipView, RunContext, TaskOutput
from qdash_core.tasks.overrides import apply_overrides
from qdash_qubex.backend import QubexBackend
from qdash_qubex.system.check_noise import CheckNoise
from qdash_qubex.system.check_status import CheckStatus
from qdash_qubex.system.configure import Configure
from qdash_qubex.system.configure_all import ConfigureAll
from qdash_qubex.system.dump_box import DumpBox
from qdash_qubex.system.link_up import LinkUp
from qdash_qubex.system.readout_configure import ReadoutConfigure
from qdash_qubex.system.task import BOXES, SESSION
from qdash_qubex.system.tasks import SYSTEM_TASKS
from qdash_testing import TaskContract

from ..case_tables import each_case
from .experiments import (
    StandInExperiment,
    StandInMeasurement,
    StandInSystem,
    StandInTool,
    StandInWiring,
)
from .sessions import opened

if TYPE_CHECKING:
    from .conftest import QubexBench

BOX_TASKS = [LinkUp, ConfigureAll, Configure, ReadoutConfigure, CheckStatus, DumpBox]
UP = MappingProxyType({"BOXA": {1: True, 2: True}, "BOXB": {1: True, 2: True}})
CLOCKS = MappingProxyType({"BOXA": (True, 4711, 7), "BOXB": (True, 4711, 7)})


def experiment(**changed: Any) -> StandInExperiment:
    """Return two faultless boxes, except for the given changes."""
    return StandInExperiment(**{"links": dict(UP), "clocks": dict(CLOCKS), **changed})


class Boxes(BaseBackend):
    """A backend whose instance is a stand-in."""

    name = "boxes"

    def __init__(self, instance: StandInExperiment) -> None:
        self._instance = instance
        self.context = BackendContext(project_id="default", chip_id="chip", qids=(), home=Path())

    @classmethod
    def offers(cls, context: object) -> frozenset[str]:
        return frozenset({SESSION, BOXES})

    def connect(self) -> None:
        """Do nothing: there is no connection."""

    def get_instance(self) -> StandInExperiment:
        return self._instance

    def on_boxes(self) -> StandInExperiment:
        return self._instance

    def require_folder(self) -> None:
        """Do nothing: there is no folder."""


def run(
    task: type[BaseTask], instance: StandInExperiment, *, qid: str = "", **parameters: object
) -> TaskOutput:
    """Measure and analyse a task on boxes."""
    return run_on(Boxes(instance), task, qid=qid, **parameters)


def run_on(backend: BaseBackend, task: type[BaseTask], *, qid: str = "", **parameters: object) -> TaskOutput:
    """Measure and analyse a task, as the engine does."""
    made = task()
    made.context = RunContext(
        qid=qid,
        inputs={},
        parameters={
            name: found.resolved()
            for name, found in apply_overrides(task.run_parameters, parameters, task=task.name).items()
        },
        execution_id="20260101-000",
        task_id="1",
        chip=ChipView("chip", "boxes", make_topology("chip", {"0"}, [])),
        partial=lambda raw: None,
        _cancelled=lambda: False,
    )
    return made.postprocess(None, made.run(backend))


# --------------------------------------------------------------------------------------------------------------- linked


def test_boxes_are_linked_up_and_each_link_is_told() -> None:
    boxes = experiment()

    output = run(LinkUp, boxes)

    assert boxes.measurement.done == [("linkup", "BOXA", "BOXB", None)]
    assert output.note["links"] == {
        "BOXA": {"1": True, "2": True},
        "BOXB": {"1": True, "2": True},
    }


def test_a_threshold_of_noise_is_the_librarys_to_apply() -> None:
    boxes = experiment()

    run(LinkUp, boxes, noise_threshold=500)

    assert boxes.measurement.done == [("linkup", "BOXA", "BOXB", 500)]


def test_links_begin_anew_only_when_asked_for() -> None:
    boxes = experiment()

    run(LinkUp, boxes, relink=True)

    assert boxes.measurement.done == [("relinkup", "BOXA", "BOXB")]


@each_case(
    ("links", "told"),
    [
        ({**UP, "BOXB": {1: True, 2: False}}, r"down: BOXB \(2\)"),
        ({"BOXA": {1: True}}, "down: BOXB"),
        ({**UP, "BOXB": {}}, "down: BOXB"),
    ],
    ids=["a link is down", "a box is left out", "a box says nothing"],
)
def test_a_box_that_the_library_leaves_out_without_a_word_is_a_failure(links: Any, told: str) -> None:
    with pytest.raises(BackendError, match=told):
        run(LinkUp, experiment(links=links))


def test_a_refusal_of_the_library_says_how_links_begin_anew() -> None:
    with pytest.raises(BackendError, match=r"Linkup failed for box 'BOXA'.*--set LinkUp\.relink=true"):
        run(LinkUp, experiment(fails_to_link="Linkup failed for box 'BOXA'"))


@pytest.mark.parametrize("relink", [False, True])
def test_boxes_without_links_are_told_to_have_none(relink: bool) -> None:
    assert run(LinkUp, experiment(links=None), relink=relink).note == {
        "boxes": ["BOXA", "BOXB"],
        "links": None,
    }


# ----------------------------------------------------------------------------------------------------------- configured


def test_boxes_are_configured_in_the_mode_of_the_session_without_a_question() -> None:
    boxes = experiment()

    output = run(ConfigureAll, boxes)

    assert boxes.measurement.done == [("configure", "BOXA", "BOXB", None)]
    assert output.note == {"boxes": ["BOXA", "BOXB"], "mode": "ge-cr-cr"}


def test_a_connection_that_the_library_drops_on_the_way_is_opened_again() -> None:
    boxes = experiment(forgets=True)

    run(ConfigureAll, boxes)

    assert boxes.measurement.done == [("configure", "BOXA", "BOXB", None), ("connect",)]


def test_a_readout_line_is_set_for_one_qubit_without_the_others_of_its_multiplexer() -> None:
    boxes = experiment(labels=("Q00", "Q01", "Q02", "Q04"))

    output = run(Configure, boxes, qid="1")

    assert boxes.measurement.done == [("configure", "BOXA", "BOXB", None)]
    assert boxes.left_out == output.note["left_out"] == ["RQ00", "RQ02"]


def test_a_qubit_that_is_not_in_the_session_is_not_configured() -> None:
    boxes = experiment()
    with pytest.raises(
        BackendError, match="qubit 7 is not in this session of qubex, which has the qubits 0, 1"
    ):
        run(Configure, boxes, qid="7")
    assert boxes.measurement.done == []


@each_case("qubits", [[1, 4], [1.0, 4.0], ["1", "4"]])
def test_readout_lines_are_set_for_chosen_qubits_and_other_multiplexers_stay(qubits: list[object]) -> None:
    boxes = experiment(labels=("Q00", "Q01", "Q02", "Q04"))

    output = run(ReadoutConfigure, boxes, qubits=qubits)

    assert boxes.left_out == ["RQ00", "RQ02"]
    assert output.note["qubits"] == ["1", "4"]


def test_without_chosen_qubits_nothing_is_sent() -> None:
    boxes = experiment()

    assert run(ReadoutConfigure, boxes).note == {"boxes": [], "qubits": [], "left_out": []}
    assert boxes.measurement.done == []


# ---------------------------------------------------------------------------------------------------------------- asked


def test_settings_of_every_box_are_recorded_as_json() -> None:
    ports = {
        "ports": {(1, 0): {"direction": "out", "rfswitch": {"pass", "loop"}}, 2: {"lo_freq": 8_500_000_000}}
    }
    boxes = experiment(dumps={"BOXA": ports, "BOXB": {"ports": {}}})

    note = run(DumpBox, boxes).note["boxes"]

    assert note["BOXB"] == {"ports": {}}
    assert note["BOXA"]["ports"]["2"] == {"lo_freq": 8_500_000_000}
    assert note["BOXA"]["ports"]["(1, 0)"]["rfswitch"] == ["loop", "pass"]
    assert json.loads(json.dumps(note)) == note


def test_boxes_that_cannot_be_asked_for_settings_fail() -> None:
    with pytest.raises(BackendError, match=r"cannot be asked for their settings: .*`dump_box`"):
        run(DumpBox, experiment())


def test_what_boxes_say_is_kept() -> None:
    note = run(
        CheckStatus, experiment(difference="The current state is different from the cached state. ")
    ).note

    assert note["clocks"] == {"BOXA": [True, 4711, 7], "BOXB": [True, 4711, 7]}
    assert (note["clocks_agree"], note["as_configured"]) == (True, False)
    assert note["differences"] == ["The current state is different from the cached state."]


def test_what_boxes_cannot_be_asked_is_absent() -> None:
    note = run(CheckStatus, experiment(clocks=None)).note

    assert "clocks" not in note
    assert "clocks_agree" not in note


def test_clocks_that_differ_and_links_that_are_down_are_told_together() -> None:
    boxes = experiment(links={**UP, "BOXA": {1: False, 2: True}}, clocks={**CLOCKS, "BOXB": (True, 4800, 7)})
    with pytest.raises(BackendError, match=r"down: BOXA \(1\).*clocks of BOXA, BOXB differ"):
        run(CheckStatus, boxes)


# ---------------------------------------------------------------------------------------------------------------- noise


def noise(sigma: float, offset: complex, n: int = 20_000) -> np.ndarray[Any, np.dtype[np.complex128]]:
    """Return samples with this standard deviation in each quadrature."""
    generator = np.random.default_rng(0)
    return offset + sigma * (generator.normal(size=n) + 1j * generator.normal(size=n))


def test_the_noise_of_every_readout_line_is_told_with_its_offset() -> None:
    """N samples determine the standard deviation to 1 / sqrt(4 N): 12,800 of them, 0.44 %."""
    lines = {"Q00": noise(2.0, 1 + 0j), "Q01": noise(5.0, 3j)}
    output = run(CheckNoise, experiment(noise=lines))

    told = output.note["lines"]
    assert told["0"]["noise"] == pytest.approx(2.0, rel=0.02)
    assert told["1"]["noise"] == pytest.approx(5.0, rel=0.02)
    assert told["1"]["offset"] == pytest.approx(3.0, abs=0.3)
    assert output.parameters["readout_noise_highest"].value == told["1"]["noise"]
    assert output.parameters["readout_noise_median"].value == pytest.approx(3.5, rel=0.02)


def test_a_qubit_of_which_nothing_came_is_named() -> None:
    with pytest.raises(BackendError, match="no captures of Q01"):
        run(CheckNoise, experiment(noise={"Q00": noise(1.0, 0j)}))


@pytest.mark.parametrize("samples", [np.full(20_000, 1j), np.full(20_000, np.nan + 0j)], ids=["still", "NaN"])
def test_a_line_on_which_nothing_moves_has_no_noise_of_zero(samples: Any) -> None:
    with pytest.raises(AnalysisError, match="qubits 1 are constant or empty"):
        run(CheckNoise, experiment(noise={"Q00": noise(1.0, 0j), "Q01": samples}))


# -------------------------------------------------------------------------------------------------------------- refused


@each_case("task", BOX_TASKS)
def test_nothing_is_done_to_boxes_that_a_given_controller_stands_for(task: type[BaseTask]) -> None:
    boxes = experiment(controller=SimpleNamespace())

    with pytest.raises(BackendError, match="QDASH_QUBEX_CONTROLLER"):
        run(task, boxes)

    assert boxes.measurement.done == []


@each_case("task", BOX_TASKS)
def test_qubits_without_boxes_are_refused(task: type[BaseTask]) -> None:
    with pytest.raises(BackendError, match="wired to no box"):
        run(task, experiment(boxes=()))


def test_a_backend_without_boxes_has_none_of_these_tasks_and_says_why() -> None:
    tasks = {(task.backend, task.name): task for task in SYSTEM_TASKS}

    catalogue = Catalogue.from_tasks(tasks, "qubex", frozenset({SESSION}), str)

    assert {task.name for task, why_not in catalogue.all() if why_not is None} == {"CheckNoise"}
    assert catalogue.why_not("LinkUp") == "needs real boxes, which backend qubex does not offer"


@pytest.mark.slow
def test_with_a_controller_in_place_of_boxes_there_is_noise_and_nothing_is_done_to_boxes(
    bench: QubexBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """This uses the library itself, with a twin behind its controller."""
    for name, value in bench.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    run = BackendContext(project_id="default", chip_id=bench.config.name, qids=bench.qids, home=tmp_path)
    assert {SESSION, BOXES} & QubexBackend.offers(run) == {SESSION}
    backend = opened(run)
    try:
        lines = run_on(backend, CheckNoise, duration=1024).note["lines"]
        with pytest.raises(BackendError, match=r"qubex_on_a_twin\.controller\.TwinController in"):
            run_on(backend, ConfigureAll)
    finally:
        backend.disconnect()
    assert lines.keys() == set(bench.qids)
    assert min(line["noise"] for line in lines.values()) > 0


# ------------------------------------------------------------------------------------------------------------- contract


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stand_in", "where", "name"),
    [
        (StandInExperiment, "qubex", "Experiment"),
        (StandInMeasurement, "qubex.measurement", "Measurement"),
        (StandInSystem, "qubex.system", "SystemManager"),
        (StandInWiring, "qubex.system", "ExperimentSystem"),
    ],
)
def test_the_stand_in_is_called_as_the_library_is(stand_in: type, where: str, name: str) -> None:
    library = getattr(__import__(where, fromlist=[name]), name)
    methods = [
        method for method in vars(stand_in) if not method.startswith("_") and callable(vars(stand_in)[method])
    ]
    assert methods
    for method in methods:
        ours, theirs = (
            [(one.name, one.kind) for one in inspect.signature(getattr(kind, method)).parameters.values()]
            for kind in (stand_in, library)
        )
        assert ours == theirs, method


@pytest.mark.slow
def test_the_library_has_what_is_read_of_its_session() -> None:
    from qubex import Experiment

    read = {
        "qubit_labels",
        "box_ids",
        "configuration_mode",
        "backend_controller",
        "measurement",
        "system_manager",
        "experiment_system",
        "tool",
    }
    assert {
        name for name in read if not isinstance(inspect.getattr_static(Experiment, name), property)
    } == set()


@pytest.mark.slow
def test_the_librarys_module_of_tools_dumps_a_box() -> None:
    from qubex.experiment import experiment_tool

    ours, theirs = (
        [one for one in inspect.signature(method).parameters if one != "self"]
        for method in (StandInTool.dump_box, experiment_tool.dump_box)
    )
    assert ours == theirs


@pytest.mark.slow
class TestCheckNoise(TaskContract):
    task = CheckNoise
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment(noise={"Q00": noise(2.0, 0j), "Q01": noise(5.0, 0j)}))


@pytest.mark.slow
class TestCheckStatus(TaskContract):
    task = CheckStatus
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment())


@pytest.mark.slow
class TestLinkUp(TaskContract):
    task = LinkUp
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment())


@pytest.mark.slow
class TestConfigureAll(TaskContract):
    task = ConfigureAll
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment())


@pytest.mark.slow
class TestConfigure(TaskContract):
    task = Configure
    targets = ("0", "1")

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment())


@pytest.mark.slow
class TestReadoutConfigure(TaskContract):
    task = ReadoutConfigure
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment())


@pytest.mark.slow
class TestDumpBox(TaskContract):
    task = DumpBox
    targets = ("",)

    def backend(self, tmp_path: Path) -> BaseBackend:
        return Boxes(experiment(dumps={"BOXA": {"ports": {}}, "BOXB": {"ports": {}}}))
