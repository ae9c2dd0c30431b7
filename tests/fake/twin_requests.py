"""Laboratory of a twin with good settings, and requests to it with the checks of every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.truth import compute_ideal_settings
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

_Answer = TypeVar("_Answer", Trace, ShotRecord)


def calibrated(chip: ChipTruth, number: int = 1, *, drag: bool = False) -> TwinLaboratory:
    """Return a laboratory with perfect settings.

    Parameters
    ----------
    number
        Number of the session, which determines the noise.
    drag
        Whether pulses have the DRAG coefficient that cancels most of the phase errors.
    """
    laboratory = TwinLaboratory(chip, number=number)
    for qid, qubit in chip.qubits.items():
        ideal = compute_ideal_settings(qubit)
        known = {name: value for name, value in ideal.as_note().items() if value is not None}
        if drag:
            # First order: 1 / (2 a), a in angular units (Motzoi et al., 2009).
            beta_ns = 1 / (4 * np.pi * abs(qubit.anharmonicity_ghz))
            known |= {
                "drag_hpi_amplitude": ideal.plain_x90.amplitude,
                "drag_hpi_beta_ns": beta_ns,
                "drag_pi_amplitude": ideal.plain_x180.amplitude,
                "drag_pi_beta_ns": beta_ns,
            }
        laboratory.adjust(qid, known)
    return laboratory


def asked(laboratory: Laboratory, requests: Mapping[str, Request], shots: Shots) -> dict[str, Trace]:
    """Measure one sweep of each target, all in one call; raise the failure of the first target that cannot be
    measured.
    """
    return _answers(laboratory, requests, shots, Trace)


def asked_shots(
    laboratory: Laboratory, requests: Mapping[str, Request], shots: Shots
) -> dict[str, NDArray[np.complex128]]:
    """Measure every shot of each target, all in one call; raise the failure of the first target that cannot
    be measured.
    """
    return {target: found.iq for target, found in _answers(laboratory, requests, shots, ShotRecord).items()}


def _answers(
    laboratory: Laboratory, requests: Mapping[str, Request], shots: Shots, kind: type[_Answer]
) -> dict[str, _Answer]:
    found: dict[str, _Answer] = {}
    for target, answers in measure_targets(
        laboratory, {t: [one] for t, one in requests.items()}, shots
    ).items():
        if isinstance(answers, Exception):
            raise answers
        (answer,) = answers
        assert isinstance(answer, kind)
        found[target] = answer
    return found
