"""Noise of readout lines without any pulse."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import (
    AnalysisError,
    ArrayDeclaration,
    BackendError,
    OutputParameter,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)
from qdash_qubex.names import make_target_id
from qdash_qubex.system.task import SystemTask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core import BaseBackend


class CheckNoise(SystemTask):
    """Simultaneous capture of all readout lines of the run, without any pulse.

    The noise of a line is the standard deviation of its samples in one quadrature, sqrt(mean |z - mean z|^2 / 2), and
    its offset is |mean z|, both in the library's units of samples. The note has both for every qubit; the outputs are those of
    the whole chip.
    """

    name = "CheckNoise"
    description = "Noise and offset of every readout line, captured without any pulse."
    expected_s = 2.0
    run_parameters = MappingProxyType(
        {
            "duration": RunParameter(
                value=10240, value_type="int", unit="ns", minimum=128, maximum=1_000_000,
                description="length of the capture",
            )
        }
    )  # fmt: skip
    output_parameters = MappingProxyType(
        {
            "readout_noise_median": OutputParameter("a.u.", "median noise of the readout lines", minimum=0.0),
            "readout_noise_highest": OutputParameter(
                "a.u.", "highest noise of the readout lines", minimum=0.0
            ),
        }
    )
    arrays = MappingProxyType(
        {
            "time": ArrayDeclaration("ns", "time of each sample since the start of the capture"),
            "noise_*": ArrayDeclaration("a.u.", "complex samples of the readout line of a qubit"),
        }
    )

    def run(self, backend: BaseBackend) -> RawData:
        """Capture the readout lines. Touches hardware."""
        experiment = backend.get_instance()
        labels = list(experiment.qubit_labels)
        captured = experiment.check_noise(
            labels, duration=self.context.parameters["duration"], plot=False
        ).data
        if missing := [label for label in labels if label not in captured]:
            raise BackendError(f"there are no captures of {', '.join(missing)}, among {', '.join(labels)}")
        samples = {label: np.asarray(captured[label].raw, dtype=complex).reshape(-1) for label in labels}
        period_ns = float(captured[labels[0]].sampling_period)
        lengths = {len(one) for one in samples.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise BackendError(
                f"the captures of one call have different lengths or are empty: {sorted(lengths)} samples"
            )
        return RawData(
            {
                "time": (np.arange(lengths.pop()) * period_ns, "ns"),
                **{f"noise_{make_target_id(label)}": (found, "a.u.") for label, found in samples.items()},
            }
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Return noise and offset of each line, and the median and the highest noise."""
        lines = analyse_lines(result)
        if still := [qid for qid, line in lines.items() if not line["noise"] > 0]:
            raise AnalysisError(
                f"the captures of the readout lines of qubits {', '.join(still)} are constant or empty"
            )
        noise = [line["noise"] for line in lines.values()]
        return TaskOutput(
            {
                "readout_noise_median": Parameter(float(np.median(noise)), None, "a.u."),
                "readout_noise_highest": Parameter(max(noise), None, "a.u."),
            },
            note={"lines": lines},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:  # noqa: ARG003
        """Draw the noise of each readout line as bars."""
        lines = analyse_lines(raw)
        bars = {
            "type": "bar",
            "x": [f"Q{qid}" for qid in lines],
            "y": [line["noise"] for line in lines.values()],
        }
        layout = {"title": {"text": "Noise of readout lines"}, "yaxis": {"title": {"text": "noise (a.u.)"}}}
        return {"data": [bars], "layout": layout}


def analyse_lines(raw: RawData) -> dict[str, dict[str, float]]:
    """Return noise and offset of each readout line, in the units of its samples, by qubit."""
    names = [name for name in raw.arrays if name.startswith("noise_")]
    return {name.removeprefix("noise_"): _analyse_line(raw[name]) for name in names}


def _analyse_line(samples: NDArray[np.complex128]) -> dict[str, float]:
    offset = samples.mean()
    return {"noise": float(np.sqrt(np.mean(np.abs(samples - offset) ** 2) / 2)), "offset": float(abs(offset))}
