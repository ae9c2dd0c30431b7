"""Single-shot readout as the library judges it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.parameters import ArrayDeclaration, OutputParameter
from qdash_qubex.native.base import NativeTask, given
from qdash_qubex.native.declared import INTERVAL, SHOTS
from qdash_qubex.native.found import Found, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLIND = 0.5
"""What guessing reaches."""


class ReadoutClassification(NativeTask):
    """`build_classifier` with two states: a Gaussian mixture for each target, and how often it reads what was commanded.

    The fidelities are those of commanded states, as everywhere, at the border that the mixture draws rather than at the best
    threshold, and counted on the shots that trained it. The library gives no errors. A classifier that guesses is no result: the
    file of the one before stays.
    """

    name = "ReadoutClassification"
    description = (
        "Assignment fidelities of commanded states, by the classifier that qubex' build_classifier trains."
    )
    expected_s = 4.0
    note_section = "state_params"
    run_parameters = MappingProxyType(
        {
            "shots": replace(SHOTS, minimum=64, description="shots of each state, 10 000 when absent"),
            "interval": INTERVAL,
        }
    )
    output_parameters = MappingProxyType(
        {
            "average_readout_fidelity": OutputParameter(
                description="1 - (p(1|0) + p(0|1)) / 2", minimum=0.5, maximum=1.0
            ),
            "readout_fidelity_0": OutputParameter(description="1 - p(1|0)", minimum=0.0, maximum=1.0),
            "readout_fidelity_1": OutputParameter(description="1 - p(0|1)", minimum=0.0, maximum=1.0),
        }
    )
    arrays = MappingProxyType(
        {
            "prepared_*": ArrayDeclaration(
                "a.u.", "every shot in the IQ plane, 0 or 1 commanded, shape (shots,)"
            )
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Read all targets at once. Touches hardware."""
        found = library.build_classifier(
            list(tasks),
            **given(tasks),
            n_states=2,
            simultaneous=True,
            save_classifier=False,
            plot=False,
        )
        figures = found.figures or {}
        return {
            label: {
                "fidelities": fidelities,
                "average": found["average_readout_fidelity"].get(label),
                "shots": found["data"][label],
                "classifier": found["classifiers"][label],
                "figures": [figures.get(f"{label}_prepared_{state}") for state in (0, 1)],
            }
            for label, fidelities in found["readout_fidelities"].items()
        }

    @classmethod
    def found(cls, library: Any, label: str, answer: Any) -> Found:  # noqa: ARG003
        """Take the fidelities and every shot."""
        zero, one = (float(fidelity) for fidelity in answer["fidelities"])
        said = []
        if not min(zero, one) > _BLIND:
            said.append(f"the classifier reads 0 as 0 in {zero:.1%} and 1 as 1 in {one:.1%}: it guesses")
        return Found(
            values={
                "average_readout_fidelity": Value(float(answer["average"])),
                "readout_fidelity_0": Value(zero),
                "readout_fidelity_1": Value(one),
            },
            arrays={
                f"prepared_{state}": (np.asarray(answer["shots"][state]).ravel(), "a.u.") for state in (0, 1)
            },
            figures=answer["figures"],
            said=said,
        )

    @classmethod
    def accepted(cls, library: Any, label: str, answer: Any) -> None:
        """Keep the classifier where the library looks for it."""
        folder = Path(library.classifier_dir) / library.chip_id
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / f"{label}.pkl.new"
        answer["classifier"].save(written)
        written.replace(folder / f"{label}.pkl")  # half a classifier would keep the library from opening
