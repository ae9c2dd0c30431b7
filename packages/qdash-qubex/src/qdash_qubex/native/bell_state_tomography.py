"""State tomography of the Bell state made by the library's gate."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.density_matrix import find_nearest_states
from qdash_core import ArrayDeclaration
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.cross_resonance import PAIR_IN_USE
from qdash_qubex.native.declarations import LIBRARY_GATE, MEASUREMENT
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_tasks.declarations import declare_coupling_input, declare_fidelity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

_WANTED = np.array([1, 0, 0, 1]) / np.sqrt(2)


class CheckBellStateTomography(NativeTask):
    """`bell_state_tomography` without its maximum likelihood, in nine pairs of bases.

    The readout is corrected by the library's classifiers.

    `bell_state_fidelity` is that of the density matrix nearest to the linear estimate, with commanded basis states as reference, as
    everywhere; that of the linear estimate, which may be above 1, is in the quality. The library gives no error.
    """

    name = "CheckBellStateTomography"
    task_type = "coupling"
    description = (
        "State tomography of the Bell state made by the library's ZX90, by qubex's bell_state_tomography."
    )
    expected_s = 5.0
    simultaneous = False  # the library measures one after the other
    plays_gate = True
    input_parameters = MappingProxyType(
        {
            **PAIR_IN_USE,
            LIBRARY_GATE: declare_coupling_input(
                "ns", "needed as evidence that the gate is in the library's note"
            ),
        }
    )
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            "bell_state_fidelity": declare_fidelity(
                "fidelity of the Bell state, commanded basis states as reference"
            )
        }
    )
    arrays = MappingProxyType(
        {
            "probabilities": ArrayDeclaration(
                "",
                "shares of 00, 01, 10, 11 in the bases XX to ZZ, corrected for readout errors, shape (9, 4)",
            ),
            "density_matrix": ArrayDeclaration("", "linear estimate, shape (4, 4)"),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Measure a pair. Touches hardware."""
        return {
            label: library.bell_state_tomography(
                *label.split("-"), **collect_options(tasks), mle_fit=False, plot=False, save_image=False
            )
            for label in tasks
        }

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the fidelity and the density matrix."""
        linear = np.asarray(answer["density_matrix"], dtype=complex)
        shares = np.array([answer["probabilities"][bases] for bases in sorted(answer["probabilities"])])
        return LibraryResult(
            values={"bell_state_fidelity": LibraryValue(_compute_physical_fidelity(linear))},
            arrays={
                "probabilities": (shares.astype(float), ""),
                "density_matrix": (linear, ""),
            },
            quality={"bell_state_fidelity_raw": float(answer["fidelity"])},
            figures=[answer.figure],
        )


def _compute_physical_fidelity(linear: npt.NDArray[np.complex128]) -> float:
    """Return the fidelity of the density matrix nearest to a linear estimate, or NaN without an estimate."""
    if not np.isfinite(linear).all():
        return float("nan")
    return min(float((_WANTED @ find_nearest_states(linear[None])[0] @ _WANTED).real), 1.0)  # up to rounding
