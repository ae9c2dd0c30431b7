"""Standard tasks through qubex on a twin: values and errors against the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core import BackendContext, Parameter
from qdash_qubex.backend import QubexBackend
from qdash_tasks.tasks import (
    CheckQubit,
    CheckQubitFrequencies,
    CheckSimultaneousQubitSpectroscopy,
    CheckWaveform,
)

from .conftest import CHIP
from .native.stand_in import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.tasks.base import BaseTask, TaskOutput

    from .conftest import QubexBench

IN_USE = ("readout_frequency", "readout_amplitude", "control_amplitude", "qubit_frequency")
RELAXED: dict[str, Any] = {"reset": "passive", "interval": 500_000.0}


@pytest.fixture(scope="module")
def backend(bench: QubexBench) -> Iterator[QubexBackend]:
    """A connected backend with the true values in use."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bench.environment.items():
            patch.setenv(name, value)
        backend = QubexBackend()
        backend.context = BackendContext("default", CHIP, bench.qids, bench.home)
        backend.connect()
        for qid in bench.qids:
            true = bench.true["qubits"][qid]
            backend.apply({qid: {name: Parameter(true[name][0]) for name in IN_USE}})
        yield backend
        backend.disconnect()


def run(backend: QubexBackend, task: type[BaseTask], qid: str, **parameters: Any) -> TaskOutput:
    """Measure one qubit alone, and analyse."""
    instance = prepared(task, qid, **parameters)
    design = QubexBackend.design(backend.context)
    instance.context = replace(instance.context, design={qid: design[qid]})
    return instance.postprocess(None, instance.run(backend))


def require_right(found: Parameter, true: float) -> None:
    assert found.error is not None
    assert abs(found.value - true) < 4 * found.error


@pytest.mark.slow
@pytest.mark.parametrize("qid", ["0", "1"])
def test_a_waveform_rises_as_its_resonator(backend: QubexBackend, bench: QubexBench, qid: str) -> None:
    """The noise decides in each trace whether the ring-up time is determined; what is told is right."""
    resonator = bench.truth.qubits[qid].resonator
    notes = [run(backend, CheckWaveform, qid).note for _ in range(12)]
    rises = [Parameter(**note["ring_up_ns"]) for note in notes if "ring_up_ns" in note]
    for note in notes:
        require_right(Parameter(**note["arrival_ns"]), resonator.delay_ns)
    for rise in rises:
        require_right(rise, 1e3 / (np.pi * resonator.linewidth_mhz))
    assert rises


@pytest.mark.parametrize(
    "qid", [pytest.param("0", marks=pytest.mark.slow), pytest.param("1", marks=pytest.mark.release)]
)
def test_a_qubit_oscillates_at_the_true_rabi_frequency(
    backend: QubexBackend, bench: QubexBench, qid: str
) -> None:
    found = run(backend, CheckQubit, qid, time_range=list(np.arange(0, 404, 16.0)), **RELAXED).parameters
    require_right(found["rabi_frequency"], bench.true["qubits"][qid]["rabi_frequency"][0])


@pytest.mark.release
@pytest.mark.parametrize("task", [CheckQubitFrequencies, CheckSimultaneousQubitSpectroscopy])
def test_the_line_of_a_qubit_is_found(backend: QubexBackend, bench: QubexBench, task: type[BaseTask]) -> None:
    true = bench.true["qubits"]["0"]
    frequency, anharmonicity = true["qubit_frequency"][0], true["anharmonicity"][0]
    sweep = np.concatenate(
        [
            frequency + np.arange(-0.03, 0.03, 5e-4),
            frequency + anharmonicity / 2 + np.arange(-0.03, 0.03, 5e-4),
        ]
    )
    found = run(backend, task, "0", frequency_range=list(sweep)).parameters
    require_right(found["coarse_qubit_frequency"], frequency)
    if "anharmonicity" in found:
        require_right(found["anharmonicity"], anharmonicity)
