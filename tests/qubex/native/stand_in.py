"""Stand-in for a `qubex.Experiment`: its procedures return values chosen by the test, in qubex' own classes."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.chips.topology import make_topology
from qdash_core.tasks.base import ChipView, RunContext
from qdash_core.tasks.overrides import apply_overrides
from qdash_qubex.library.notes import let_last_entry_win

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

TOPOLOGY = make_topology("SIM", {"0", "1", "2"}, ["0-1"])


class StandIn:
    """A session in which a test chooses the value or the error of each procedure.

    Parameters
    ----------
    folder
        Folder of the note and classifiers.
    **procedures
        Procedures by their names in the library.
    """

    chip_id = "SIM"
    readout_duration = 384.0

    def __init__(self, folder: Path, **procedures: Callable[..., Any]) -> None:
        from qubex.experiment.models.calibration_note import CalibrationNote

        self.calib_note = CalibrationNote(chip_id="SIM", file_path=folder / "calib_note.json")
        let_last_entry_win(self.calib_note)
        self.classifiers: dict[str, Any] = {}
        self.classifier_dir = folder / "classifiers"
        self.rabi_params = {label: rabi_param(label) for label in ("Q0", "Q1", "Q2")}
        amplitude = defaultdict(lambda: 0.1).__getitem__
        self.params = SimpleNamespace(get_control_amplitude=amplitude, get_readout_amplitude=amplitude)
        self.targets = {f"RQ{index}": SimpleNamespace(frequency=6.8) for index in range(3)}
        self.__dict__.update(procedures)

    def get_qubit_label(self, index: int) -> str:
        return f"Q{index}"

    def zx90(self, control: str, target: str) -> SimpleNamespace:
        return SimpleNamespace(duration=288.0)


class Backend:
    """Minimal backend for a task."""

    name = "qubex-native"

    def __init__(self, library: Any) -> None:
        self._library = library

    def get_instance(self) -> Any:
        return self._library

    def apply(self, parameters: Any) -> None:
        """Do nothing: the library is a stand-in."""

    def observe_reads(self) -> AbstractContextManager[Any]:
        """Report no reads: the stand-in has no laboratory."""
        return nullcontext({})

    def save_note(self) -> Any:
        """Return the library's note."""
        return json.loads(str(self._library.calib_note))

    def disconnect(self) -> None:
        """Do nothing: no connection is open."""


def prepared(
    task: type[BaseTask], target: str, *, inputs: Mapping[str, Any] = MappingProxyType({}), **parameters: Any
) -> BaseTask:
    """Return a task on a target, prepared as by the engine."""
    settings = apply_overrides(task.run_parameters, parameters, task=task.name)
    control, _, other = target.partition("-")
    instance = task()
    instance.context = RunContext(
        qid=target,
        inputs=inputs,
        parameters=MappingProxyType({name: setting.resolved() for name, setting in settings.items()}),
        execution_id="20260101-000",
        task_id="stand-in",
        chip=ChipView("SIM", "qubex-native", TOPOLOGY),
        partial=lambda _raw: None,
        _cancelled=lambda: False,
        control=control if other else "",
        target=other,
    )
    return instance


def outcomes(
    task: type[BaseTask], library: Any, *targets: str, refused: bool = False, **parameters: Any
) -> list[Any]:
    """Return the output of each target, or the error of its measurement or analysis; outputs are accepted as
    by the engine.

    Parameters
    ----------
    refused
        Whether to accept none of the outputs.
    """
    instances, backend = [prepared(task, target, **parameters) for target in targets], Backend(library)
    found: list[Any] = []
    for instance, raw in zip(instances, task.run_group(backend, instances), strict=True):
        try:
            found.append(raw if isinstance(raw, Exception) else instance.postprocess(None, raw))
            if not refused and not isinstance(raw, Exception):
                instance.accepted(backend)
        except Exception as error:  # noqa: BLE001  the test looks at it
            found.append(error)
    return found


def rabi_param(label: str) -> Any:
    """Return a Rabi calibration that places |0> at IQ i, and |1> at -i."""
    from qubex.experiment.models.rabi_param import RabiParam

    return RabiParam(label, 1.0, 0.0125, 0.0, 0.0, 0.01, 0.0, 0.0, 0.99, np.pi / 2)


def signals(z: Mapping[str, Any] | Any) -> Any:
    """Return expectation values of Z as IQ."""
    return 1j * np.asarray(z, dtype=float)


def t1_data(label: str, *, t1: float = 30e3, error: float = 300.0, r2: float = 0.99) -> Any:
    """Return qubex' result of a T1 trace, with these numbers."""
    from qubex.experiment.models.experiment_result import T1Data

    delays = np.geomspace(100, 200e3, 21)
    scatter = np.random.default_rng(0).normal(scale=0.01, size=delays.size)
    z = 1 - 2 * np.exp(-delays / 30e3) + scatter
    return T1Data(label, signals(z), delays, rabi_param(label), t1=t1, t1_err=error, r2=r2)


def calibrating_half_pi(folder: Path) -> StandIn:
    """Return a library that finds a half pi pulse of amplitude 0.2, and writes it to its note immediately."""

    def calibrated(targets: list[str], **_: Any) -> Any:
        for label in targets:
            pulse = {"target": label, "duration": 32, "amplitude": 0.2, "tau": 16}
            library.calib_note.update_hpi_param(label, pulse)
        swept = np.linspace(0.1, 0.3, 21)
        data = SimpleNamespace(
            calib_value=0.2,
            r2=0.99,
            sweep_range=swept,
            data=signals(swept),
            normalized=swept,
            fit=lambda **_: SimpleNamespace(figure=figure()),
        )
        return result_of(dict.fromkeys(targets, data))

    library = StandIn(folder, calibrate_hpi_pulse=calibrated)
    return library


def result_of(data: Mapping[str, Any]) -> Any:
    """Return an `ExperimentResult`."""
    from qubex.experiment.models.experiment_result import ExperimentResult

    return ExperimentResult(data=dict(data))


def figure() -> Any:
    """Return a figure of a fit in the library's style."""
    import plotly.graph_objects as go

    drawn = go.Figure()
    drawn.add_scatter(name="Data", x=np.linspace(0.1, 0.3, 5), y=np.linspace(-1, 1, 5))
    return drawn
