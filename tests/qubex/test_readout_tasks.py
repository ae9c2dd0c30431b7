"""Readout tasks through qubex: schedules, samples and captures of the library, against the truth of the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import BackendContext
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import ChipView, RunContext
from qdash_fake.devices import load_device
from qdash_fake.readout_truth import compute_snr_amplitude
from qdash_fake.truth import compute_ideal_settings
from qdash_qubex.backend import QubexBackend
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.tasks import (
    CheckDispersiveShift,
    CheckElectricalDelay,
    CheckOptimalReadoutFrequency,
    CheckReadoutAmplitude,
    CheckReflectionCoefficient,
    CheckResonatorFrequencies,
)

from .conftest import CHIP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.tasks.base import BaseTask

    from .conftest import QubexBench

pytestmark = pytest.mark.slow

QID = "1"


@pytest.fixture(scope="module")
def backend(bench: QubexBench) -> Iterator[QubexBackend]:
    """Qubex with the settings of a perfect calibration of one qubit."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bench.environment.items():
            patch.setenv(name, value)
        backend = QubexBackend()
        backend.context = BackendContext("default", CHIP, bench.qids, bench.home)
        backend.connect()
        ideal = compute_ideal_settings(bench.truth.qubits[QID]).as_note() | {"readout_length_ns": 1200.0}
        backend.laboratory.adjust(QID, {name: value for name, value in ideal.items() if value is not None})
        yield backend
        backend.disconnect()


@pytest.mark.parametrize(
    "task",
    [
        CheckResonatorFrequencies,
        CheckReflectionCoefficient,
        CheckElectricalDelay,
        CheckOptimalReadoutFrequency,
        CheckDispersiveShift,
        CheckReadoutAmplitude,
    ],
    ids=lambda task: task.name,
)
def test_a_readout_task_finds_the_truth(
    backend: QubexBackend, bench: QubexBench, task: type[BaseTask]
) -> None:
    instance = task()
    resonator_ghz = bench.truth.qubits[QID].resonator.frequency_ghz
    near = Parameter(round(resonator_ghz, 3), None, "GHz")
    known = {"resonator_frequency": near} if "resonator_frequency" in task.input_parameters else {}
    # Passive reset of the qubit between shots, without a T1 trace that would measure it.
    parameters = {name: declared.resolved() for name, declared in task.run_parameters.items()}
    parameters |= {"interval": 500_000.0} if "interval" in parameters else {}
    instance.context = RunContext(
        qid=QID,
        inputs=known,
        parameters=parameters,
        execution_id="20260101-000",
        task_id="t",
        partial=lambda _raw: None,
        _cancelled=lambda: False,
        chip=ChipView(CHIP, "qubex", load_device("square-lattice-mux-4").layout),
        design={QID: bench.truth.qubits[QID].design.as_parameters()},
    )
    raw = instance.run(backend)
    assert isinstance(raw, RawData)
    true = {name: value for name, (value, _) in bench.true["qubits"][QID].items()}
    amplitude = compute_snr_amplitude(
        bench.truth.qubits[QID],
        backend.laboratory.settings[QID],
        ratio=1.0,
        repetition=Repetition.from_attributes(raw.attributes),
    )
    assert amplitude is not None
    true["readout_amplitude"] = amplitude
    for name, found in instance.postprocess(None, raw).parameters.items():
        assert found.error is not None
        assert abs(found.value - true[name]) < 4 * found.error, name
