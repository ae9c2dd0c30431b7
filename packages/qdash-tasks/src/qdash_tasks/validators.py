"""Validators of what several standard tasks measure, beside those that every result passes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.task import Verdict
from qdash_core.validation.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.validation.judgement import Candidate

_BETAS = ("drag_hpi_beta", "drag_pi_beta")
_SIGMAS = 3.0
_BELL, _SEPARABLE = "bell_state_fidelity", 0.5

DESIGNED_ANHARMONICITY = "designed_anharmonicity_ghz"
"""Name in a result's note, and in its raw data, of the anharmonicity that the qubit was meant to have."""


class DragSign:
    """Flags a DRAG coefficient whose sign contradicts the anharmonicity of the qubit by more than three errors.

    With ``Omega_y = beta dOmega_x/dt`` and the wave ``Re[W exp(-2 pi i f t)]`` of `laboratory.program`, the phase error
    vanishes at ``beta = -1 / (2 alpha)`` with alpha in angular units, ``-1 / (4 pi anharmonicity)`` in ns and GHz: +0.24 ns
    for -0.33 GHz (Motzoi et al., PRL 103, 110501 (2009); Gambetta et al., PRA 83, 012308 (2011)). So beta and anharmonicity
    have opposite signs. The size depends on the envelope by some percent, and is not judged. An envelope that the instrument
    mirrors gives -beta, with a small error and a pulse that looks perfect.

    The anharmonicity is the latest accepted one, else that of the design; without any nothing is said.
    """

    name = "drag-sign"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for each coefficient of the wrong sign."""
        known = _anharmonicity(candidate)
        if known is None:
            return []
        anharmonicity_ghz, source = known
        found = []
        for name in _BETAS:
            beta = candidate.output.parameters.get(name)
            if beta is None or not beta.error:
                continue
            if beta.value * math.copysign(1.0, anharmonicity_ghz) > _SIGMAS * beta.error:
                expected_ns = -1 / (4 * math.pi * anharmonicity_ghz)
                found.append(
                    Finding(
                        Verdict.FLAGGED,
                        f"{name} = {beta.value:.3g} ± {beta.error:.2g} ns has the sign of the {source} anharmonicity of "
                        f"{anharmonicity_ghz:.3g} GHz, which lets expect about {expected_ns:+.2g} ns: the instrument mirrors "
                        "envelopes, or gives answers in another order. `qdash lab check CHIP` names the mistake",
                    )
                )
        return found


def _anharmonicity(candidate: Candidate) -> tuple[float, str] | None:
    """Return the anharmonicity of the qubit in GHz and where it is from; None: its sign is not known."""
    measured = candidate.previous.get("anharmonicity")
    if measured is not None and abs(measured.value) > _SIGMAS * (measured.error or 0.0):
        return measured.value, "measured"
    designed = candidate.output.note.get(DESIGNED_ANHARMONICITY)
    return (float(designed), "designed") if designed else None


class Entanglement:
    """Flags a Bell state whose fidelity is not above 1/2 by more than three errors: it shows no entanglement.

    Product states and their mixtures reach 1/2 (Guehne and Toth, Phys. Rep. 474, 1 (2009)). Such a fidelity tells nothing of a
    gate: two qubits that do not couple, a gate that is far off, and answers in another order all give one.
    """

    name = "entanglement"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for a fidelity that shows no entanglement."""
        found = candidate.output.parameters.get(_BELL)
        if found is None or found.value - _SIGMAS * (found.error or 0.0) > _SEPARABLE:
            return []
        stated = f"{found.value:.3g}" if found.error is None else f"{found.value:.3g} ± {found.error:.2g}"
        reason = (
            f"{_BELL} = {stated} is not surely above {_SEPARABLE:g}, which states without entanglement reach: the gate is far off, the "
            f"qubits do not couple, or answers come in another order. Calibrate the gate again; `qdash lab check CHIP --all` names a "
            "mistake of the instrument"
        )
        return [Finding(Verdict.FLAGGED, reason)]


VALIDATORS = (DragSign(), Entanglement())
