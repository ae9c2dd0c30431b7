"""Validators of quantities that several standard tasks measure, in addition to those that every result passes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.task import Verdict
from qdash_core.validation.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.validation.judgement import Candidate

_BETAS = ("drag_hpi_beta", "drag_pi_beta")
_SIGMAS = 3.0
_FACTOR = 1.6
"""By which a DRAG coefficient may be off the estimate by the anharmonicity."""
_T1, _TWICE = "t1", 2.0
_COHERENCES = ("t2_echo", "t2_star")
_CHANGE = 0.05
"""Share by which T1 changes within a calibration: it wanders by 15 % in days (Burnett et al., npj Quantum Inf. 5, 54 (2019))."""
_BELL, _SEPARABLE = "bell_state_fidelity", 0.5

DESIGNED_ANHARMONICITY = "designed_anharmonicity_ghz"
"""Name in a result's note, and in its raw data, of the anharmonicity that the qubit was meant to have."""


class DragSign:
    """Flags a DRAG coefficient whose sign or size contradicts the anharmonicity of the qubit by more than three errors.

    With ``Omega_y = beta dOmega_x/dt`` and the wave ``Re[W exp(-2 pi i f t)]`` of `laboratory.program`, the phase error
    vanishes at ``beta = -1 / (2 alpha)`` with alpha in angular units, ``-1 / (4 pi anharmonicity)`` in ns and GHz: +0.24 ns
    for -0.33 GHz (Motzoi et al., PRL 103, 110501 (2009); Gambetta et al., PRA 83, 012308 (2011)). So beta and anharmonicity
    have opposite signs. An envelope that the instrument mirrors gives
    -beta, with a small error and a pulse that looks perfect; a quadrature that it plays at half its height gives twice beta. For
    pulses of 10 to 60 ns and -0.15 to -0.4 GHz the optimum is 0.91 to 1.01 of the estimate; 20 kHz beside the qubit make it 0.94 to
    1.06 at 20 ns, 0.76 to 1.24 at 40 ns. One that is off by more than a factor of 1.6 is flagged.

    The anharmonicity is the latest accepted one, else that of the design; without any nothing is said.
    """

    name = "drag-sign"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for each coefficient of the wrong sign or size."""
        known = _anharmonicity(candidate)
        if known is None:
            return []
        anharmonicity_ghz, source = known
        found = []
        for name in _BETAS:
            beta = candidate.output.parameters.get(name)
            if beta is None or not beta.error:
                continue
            expected_ns = -1 / (4 * math.pi * anharmonicity_ghz)
            if beta.value * math.copysign(1.0, anharmonicity_ghz) > _SIGMAS * beta.error:
                found.append(
                    Finding(
                        Verdict.FLAGGED,
                        f"{name} = {beta.value:.3g} ± {beta.error:.2g} ns has the sign of the {source} anharmonicity of "
                        f"{anharmonicity_ghz:.3g} GHz, which lets expect about {expected_ns:+.2g} ns: the instrument mirrors "
                        "envelopes, or gives answers in another order: `qdash lab check CHIP` names the mistake. Where all its "
                        "recipes are met, the drive lies on the other side of its local oscillator",
                    )
                )
            elif (wrong := _size(beta.value / expected_ns, beta.error / abs(expected_ns))) is not None:
                found.append(
                    Finding(
                        Verdict.FLAGGED,
                        f"{name} = {beta.value:.3g} ± {beta.error:.2g} ns is too {wrong}: the {source} anharmonicity of "
                        f"{anharmonicity_ghz:.3g} GHz lets expect about {expected_ns:+.2g} ns. Compare I and Q of what the instrument "
                        "plays: a quadrature of another gain changes the coefficient by as much. A drive "
                        "beside the qubit does so, too, most with long pulses: repeat CheckRamsey",
                    )
                )
        return found


def _size(ratio: float, error: float) -> str | None:
    """Return in which sense a coefficient is not about as large as it should be; None: it may be."""
    if ratio - _SIGMAS * error > _FACTOR:
        return "large"
    return "small" if ratio + _SIGMAS * error < 1 / _FACTOR else None


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


class Coherence:
    """Flags a T2 echo or T2* that is longer than twice T1 by more than three combined errors: no phase outlives that.

    T1 is that of the same result, else the latest accepted one, which is allowed to have changed by 5 % meanwhile. Without an
    error of both nothing is said.
    """

    name = "coherence"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for each impossible T2."""
        own = candidate.output.parameters
        t1: Parameter | ParameterModel | None = own.get(_T1)
        changed = 0.0
        if t1 is None and (known := candidate.previous.get(_T1)) is not None:
            t1, changed = known, _CHANGE
        if t1 is None or not t1.error:
            return []
        found = []
        for name in _COHERENCES:
            t2 = own.get(name)
            if t2 is None or not t2.error:
                continue
            error_us = math.hypot(t2.error, _TWICE * t1.error, _TWICE * changed * t1.value)
            if t2.value - _TWICE * t1.value > _SIGMAS * error_us:
                found.append(
                    Finding(
                        Verdict.FLAGGED,
                        f"{name} = {t2.value:.4g} ± {t2.error:.2g} us is above twice T1 = {t1.value:.4g} ± {t1.error:.2g} us, which no "
                        "phase outlives: one of both is wrong, or T1 has changed. Measure T1 again; `qdash lab check CHIP --only "
                        "long_delays` tells whether delays are as long as asked",
                    )
                )
        return found


VALIDATORS = (DragSign(), Entanglement(), Coherence())
