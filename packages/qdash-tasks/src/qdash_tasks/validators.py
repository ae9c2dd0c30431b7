"""Validators of quantities that several standard tasks measure, in addition to those of every result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.task import Verdict
from qdash_core.tasks.figure_layout import quantity
from qdash_core.validation.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.task import PastResult
    from qdash_core.validation.verdicts import Candidate

_BETAS = ("drag_hpi_beta", "drag_pi_beta")
_SIGMAS = 3.0
_FACTOR = 1.6
"""Factor by which a DRAG coefficient may deviate from the estimate by the anharmonicity."""
_T1, _TWICE = "t1", 2.0
_COHERENCES = ("t2_echo", "t2_star")
_CHANGE = 0.05
"""Relative change of T1 within a calibration: it fluctuates by 15 % in days (Burnett et al., npj Quantum Inf.
5, 54 (2019)).
"""
_BELL, _SEPARABLE = "bell_state_fidelity", 0.5

_CONFIRMING = 2
"""Number of earlier results that confirm a changed line."""
_TRAITS = {"phase": "the phase {} with frequency", "shape": "the resonance is a {}"}

LINE = "readout_line"
"""Name of the traits of a readout line in a result's note."""
DESIGNED_ANHARMONICITY = "designed_anharmonicity_ghz"
"""Name of the design anharmonicity in a result's note and raw data."""


class DragSign:
    """Validator that flags a DRAG coefficient whose sign or size surely contradicts the anharmonicity.

    It deviates by more than three errors. With ``Ω_y = β dΩ_x/dt`` and the wave ``Re[W exp(-2 pi i f t)]`` of
    `laboratory.program`, the phase error vanishes at ``beta = -1 / (2 alpha)`` with alpha in angular units,
    ``-1 / (4 pi anharmonicity)`` in ns and GHz: +0.24 ns for -0.33 GHz (Motzoi et al., PRL 103, 110501
    (2009); Gambetta et al., PRA 83, 012308 (2011)). So beta and anharmonicity have opposite signs. An
    envelope mirrored by the instrument gives -beta, with a small error and a pulse that looks perfect; a
    quadrature played at half its height gives twice beta. For pulses of 10 to 60 ns and -0.15 to -0.4 GHz the
    optimum is 0.91 to 1.01 of the estimate; a detuning of 20 kHz makes it 0.94 to 1.06 at 20 ns, 0.76 to 1.24
    at 40 ns. A deviation by more than a factor of 1.6 is flagged. The anharmonicity is the latest accepted
    one, otherwise that of the design; without either there is no finding.
    """

    name = "drag-sign"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for each coefficient of the wrong sign or size."""
        known = _find_anharmonicity(candidate)
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
                        f"{name} = {quantity(f'{beta.value:.3g} ± {beta.error:.2g}', 'ns')} has the sign of the {source} anharmonicity of "
                        f"{quantity(f'{anharmonicity_ghz:.3g}', 'GHz')}, which predicts about {quantity(f'{expected_ns:+.2g}', 'ns')}: the instrument mirrors envelopes or returns answers in another order: `qdash lab check CHIP` identifies the fault. If all its recipes are met, the drive lies on the other side of its local oscillator",
                    )
                )
            elif (wrong := _judge_size(beta.value / expected_ns, beta.error / abs(expected_ns))) is not None:
                found.append(
                    Finding(
                        Verdict.FLAGGED,
                        f"{name} = {quantity(f'{beta.value:.3g} ± {beta.error:.2g}', 'ns')} is too {wrong}: the {source} anharmonicity of "
                        f"{quantity(f'{anharmonicity_ghz:.3g}', 'GHz')} predicts about {quantity(f'{expected_ns:+.2g}', 'ns')}. Compare I and Q of what the instrument "
                        "plays: a gain imbalance of the quadratures changes the coefficient as much. A detuned drive has the same effect, mostly with long pulses: repeat CheckRamsey",
                    )
                )
        return found


def _judge_size(ratio: float, error: float) -> str | None:
    """Return "large" or "small" for an implausible size of a coefficient, otherwise None."""
    if ratio - _SIGMAS * error > _FACTOR:
        return "large"
    return "small" if ratio + _SIGMAS * error < 1 / _FACTOR else None


def _find_anharmonicity(candidate: Candidate) -> tuple[float, str] | None:
    """Return the anharmonicity of the qubit in GHz and its origin, or None if its sign is unknown."""
    measured = candidate.previous.get("anharmonicity")
    if measured is not None and abs(measured.value) > _SIGMAS * (measured.error or 0.0):
        return measured.value, "measured"
    designed = candidate.output.note.get(DESIGNED_ANHARMONICITY)
    return (float(designed), "designed") if designed else None


class Entanglement:
    """Validator that flags a Bell state whose fidelity is not above 1/2 by more than three errors.

    Product states and their mixtures reach 1/2 (Guehne and Toth, Phys. Rep. 474, 1 (2009)). Such a fidelity
    says nothing about a gate: two qubits that do not couple, a gate that is far off, and answers in another
    order all give one.
    """

    name = "entanglement"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for a fidelity that shows no entanglement."""
        found = candidate.output.parameters.get(_BELL)
        if found is None or found.value - _SIGMAS * (found.error or 0.0) > _SEPARABLE:
            return []
        stated = f"{found.value:.3g}" if found.error is None else f"{found.value:.3g} ± {found.error:.2g}"
        reason = f"{_BELL} = {stated} is not significantly above {_SEPARABLE:g}, the maximum for separable states: the gate is far off, the qubits do not couple, or answers are in another order. Calibrate the gate again; `qdash lab check CHIP --all` finds faults of the instrument"
        return [Finding(Verdict.FLAGGED, reason)]


class Coherence:
    """Validator that flags a T2 echo or T2* above twice T1 by more than three combined errors.

    T1 is that of the same result, otherwise the latest accepted one, which may have changed by 5 % since. If
    either has no error, there is no finding.
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
                        f"{name} = {t2.value:.4g} ± {t2.error:.2g}\N{NO-BREAK SPACE}µs is above twice T1 = {t1.value:.4g} ± {t1.error:.2g}\N{NO-BREAK SPACE}µs, the "
                        "physical limit: one of them is wrong, or T1 has changed. Measure T1 again; `qdash lab check CHIP --only "
                        "long_delays` checks the length of delays",
                    )
                )
        return found


class ReadoutLine:
    """Validator that flags a readout line whose phase changed its sign, or whose dip became a peak, within a cool-down.

    Both follow from the wiring, the sideband of the mixers and the sign of Q. The reference is the last accepted result of the
    task; a change that the last two results show, too, is confirmed.
    """

    name = "readout-line"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return a finding for each trait of the line that changed."""
        line = candidate.output.note.get(LINE)
        if not line:
            return []  # without a read of the history
        earlier = [one for one in candidate.history if LINE in one.note]
        accepted = next((one for one in earlier if _is_accepted(one)), None)
        if accepted is None:
            return []
        found = []
        for trait, now in line.items():
            before = accepted.note[LINE].get(trait, now)
            last = [one.note[LINE].get(trait) for one in earlier[:_CONFIRMING]]
            if now == before or last == [now] * _CONFIRMING:
                continue
            found.append(
                Finding(
                    Verdict.FLAGGED,
                    f"{_TRAITS[trait].format(now)}; in the last accepted result of this cool-down {_TRAITS[trait].format(before)}: the wiring, the "
                    "sideband of a mixer or the sign of Q has changed, or the scan is too noisy to tell: measure again with more shots",
                )
            )
        return found


def _is_accepted(result: PastResult) -> bool:
    return bool(result.output_parameters) and all(result.accepts(name) for name in result.output_parameters)


VALIDATORS = (DragSign(), Entanglement(), Coherence(), ReadoutLine())
