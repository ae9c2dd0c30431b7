"""Single-shot readout: how often what was commanded is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_readout
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK
from qdash_tasks.programs.estimates import parameter, require
from qdash_tasks.programs.grouped import GroupedTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask
    from qdash_tasks.laboratory.session import Session

_DRAWN_POINTS = 1000


class ReadoutClassification(GroupedTask, declarations.ReadoutClassification):
    """Command 0 and 1, keep every shot, and look for the threshold that tells them apart best.

    The fidelities are those of commanded states: what is left after the reset, and the pulse that commands 1, count.
    """

    expected_s = 0.25

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData]:
        """Measure all targets in two calls for each setting that they share. Touches hardware."""
        session: Session = backend.get_instance()
        groups: dict[tuple[int, Repetition], list[str]] = {}
        for task in tasks:
            parameters = task.context.parameters
            key = parameters["shots"], Repetition.asked_for(parameters)
            groups.setdefault(key, []).append(task.context.qid)
        found: dict[str, RawData] = {}
        for (shots, repetition), qids in groups.items():
            begun_s = {qid: session.laboratory.now_s(qid) for qid in qids}
            zero, one = (
                session.readout_shots(qids, prepare=state, **repetition.arguments(shots)) for state in (0, 1)
            )
            for qid in qids:
                found[qid] = RawData(
                    {"prepared_0": (zero[qid], "a.u."), "prepared_1": (one[qid], "a.u.")},
                    {**repetition.attributes(), CLOCK: begun_s[qid]},
                )
        return [found[task.context.qid] for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Find the axis and the threshold; count the errors."""
        fit = _fitted(result)
        wrong_0, wrong_1 = fit.parameters["p_meas1_prep0"], fit.parameters["p_meas0_prep1"]
        return TaskOutput(
            {
                "average_readout_fidelity": parameter(fit.parameters["average_readout_fidelity"]),
                "readout_fidelity_0": Parameter(1 - wrong_0.value, wrong_0.error),
                "readout_fidelity_1": Parameter(1 - wrong_1.value, wrong_1.error),
            },
            note={name: fit.parameters[name].value for name in ("threshold", "rotation")},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Shots in the IQ plane, and the line that tells them apart."""
        data = [
            scatter(
                f"commanded {state}",
                np.real(raw[f"prepared_{state}"][:_DRAWN_POINTS]),
                np.imag(raw[f"prepared_{state}"][:_DRAWN_POINTS]),
                marker={"size": 3, "opacity": 0.5},
            )
            for state in (0, 1)
        ]
        if "threshold" in output.note:
            data.append(_border(raw, output.note["threshold"], output.note["rotation"]))
        found = output.parameters.get("average_readout_fidelity")
        title = (
            "no result: the shots as measured"
            if found is None
            else f"average readout fidelity {found.value:.4f}"
        )
        drawn = figure(title, "I (a.u.)", "Q (a.u.)", data)
        drawn["layout"]["yaxis"]["scaleanchor"] = "x"
        return with_values(drawn, cls, output)


def _border(raw: RawData, threshold: float, rotation: float) -> dict[str, Any]:
    """Return the line through the IQ plane on one side of which 1 is read."""
    turned = np.exp(-1j * rotation) * np.concatenate([raw[f"prepared_{state}"] for state in (0, 1)])
    ends = np.exp(1j * rotation) * (threshold + 1j * np.array([turned.imag.min(), turned.imag.max()]))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "threshold",
        "x": ends.real.tolist(),
        "y": ends.imag.tolist(),
        "line": {"dash": "dash"},
    }


def _fitted(raw: RawData) -> FitResult:
    zero, one = raw["prepared_0"], raw["prepared_1"]
    # The clouds of a dead readout coincide; a fit could still make a number of their scatter.
    distance = abs(zero.mean() - one.mean())
    scatter_of_means = np.hypot(np.std(zero), np.std(one)) / np.sqrt(zero.size)
    if distance < 5 * scatter_of_means:
        raise AnalysisError(
            "both commanded states give the same cloud: the readout is dead, or the pulse does nothing"
        )
    return require(fit_readout(zero, one))
