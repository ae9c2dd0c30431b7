"""Comparison of two twins with the same truth: one answers by closed forms, the other plays pulses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qdash_analysis.iq_noise import compute_variance_along
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.physics.streams import stream
from qdash_fake.pulse_level.laboratory import PulseTwin
from qdash_fake.sampling import make_clouds
from qdash_fake.truth import compute_ideal_settings
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]

WRONG = ("right", "frequency 0.4 MHz low", "amplitude 3 % high", "beta -0.5 ns")
"""Errors of the settings in use."""


class Difference(NamedTuple):
    """Difference between the answers of both twins.

    Attributes
    ----------
    values
        Played minus closed form, in units of the distance between |0> and |1>.
    errors
        Combined errors of the values, in the same units.
    """

    values: Floats
    errors: Floats

    @property
    def largest(self) -> float:
        """Largest magnitude of the values."""
        return float(np.abs(self.values).max())

    @property
    def pulls(self) -> Floats:
        """Values divided by their errors."""
        return self.values / self.errors


class _SameSequences(PulseTwin):
    """Twin whose first random sequences of a target are those of the closed form."""

    drawn_from: tuple[int, str] = (0, "")

    def rng(self) -> np.random.Generator:
        """Return the random generator for the first measurement of a target."""
        seed, target = self.drawn_from
        return stream(seed, "session", 1, target, 1)


@dataclass
class BothTwins:
    """Two twins of one chip with the same settings in use; each request goes to fresh ones, so that both
    start alike.
    """

    chip: ChipTruth
    changes: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def calibrate(self, *qids: str, wrong: str = "right") -> None:
        """Put perfect DRAG pulses in use, of whole nanoseconds, or such pulses with one error."""
        for qid in qids:
            self.changes[qid] = _calibration(self.chip, qid, wrong)

    def settings(self, qid: str) -> Settings:
        """Return the settings in use."""
        return self._opened(TwinLaboratory).settings[qid]

    def answers(self, target: str, request: Request, shots: Shots) -> tuple[Answer, Answer]:
        """Return the answers of the closed form and of the played pulses; raise the failure if there is one."""
        played = self._opened(_SameSequences)
        played.drawn_from = self.chip.seed, target
        both = self._opened(TwinLaboratory), played
        closed, also = (_answer(one, target, request, shots) for one in both)
        return closed, also

    def differences(self, target: str, request: Request, shots: Shots) -> list[Difference]:
        """Return the difference between the answers for each qubit that is read."""
        closed, played = self.answers(target, request, shots)
        read = _read(target, request)
        return [
            _difference(self._clouds(qid)[1], *(_of_qubit(one, place, len(read)) for one in (closed, played)))
            for place, qid in enumerate(read)
        ]

    def signal(self, qid: str, answer: Trace) -> tuple[Floats, Floats]:
        """Return a trace of one qubit as the population of |1>, with its error."""
        zero, distance = self._clouds(qid)
        return ((answer.iq - zero) / distance).real, _along(distance, answer)

    def _clouds(self, qid: str) -> tuple[complex, complex]:
        """Return the IQ point of |0>, and the vector from there to that of |1>."""
        settings = self.settings(qid)
        where = make_clouds(
            self.chip.qubits[qid],
            frequency_ghz=settings.readout_frequency_ghz,
            amplitude=settings.readout_amplitude,
        )
        return complex(where.zero), complex(where.difference)

    def _opened(self, kind: type[Any]) -> Any:
        # Another session number gives other noise.
        laboratory = kind(self.chip, number=1 if kind is TwinLaboratory else 2)
        for qid, values in self.changes.items():
            laboratory.adjust(qid, values)
        return laboratory


def _calibration(chip: ChipTruth, qid: str, wrong: str) -> dict[str, float]:
    qubit = chip.qubits[qid]
    ideal = compute_ideal_settings(qubit)
    lengths = {
        name: float(np.ceil(value))
        for name, value in (("hpi_length_ns", ideal.hpi_length_ns), ("pi_length_ns", ideal.pi_length_ns))
    }
    ideal = ideal.changed(lengths)
    beta_ns = -0.5 if wrong == WRONG[3] else 1 / (4 * np.pi * abs(qubit.anharmonicity_ghz))
    factor = 1.03 if wrong == WRONG[2] else 1.0
    known = {name: value for name, value in ideal.as_note().items() if value is not None}
    known |= {
        "drive_frequency_ghz": ideal.drive_frequency_ghz - (0.4e-3 if wrong == WRONG[1] else 0.0),
        "drag_hpi_amplitude": factor * ideal.plain_x90.amplitude,
        "drag_hpi_beta_ns": beta_ns,
        "drag_pi_amplitude": factor * ideal.plain_x180.amplitude,
        "drag_pi_beta_ns": beta_ns,
    }
    return known


def _answer(laboratory: Laboratory, target: str, request: Request, shots: Shots) -> Answer:
    answers = measure_targets(laboratory, {target: [request]}, shots)[target]
    if isinstance(answers, Exception):
        raise answers
    return answers[0]


def _read(target: str, request: Request) -> list[str]:
    """Return the qubits that are read, in the order of rows."""
    both: Mapping[str, str] = vars(request)
    if "control" not in both:
        return [target]
    several = type(request).__name__ in ("ReadoutReferences", "JointShots", "RandomPairSequences")
    return [both["control"], both["target"]] if several else [both["target"]]


def _of_qubit(answer: Answer, place: int, count: int) -> Trace:
    """Return the points of one of the qubits; of single shots their mean."""
    if isinstance(answer, ShotRecord):
        shots = answer.iq.reshape(len(answer.iq), count)[:, place]
        return Trace.from_shots(np.zeros(1), shots[None])
    if count == 1:
        return answer
    return Trace(answer.x, answer.iq[place], answer.sigma[place], answer.covariance[place])


def _difference(distance: complex, closed: Trace, played: Trace) -> Difference:
    values = ((played.iq - closed.iq) / distance).real.ravel()
    return Difference(values, np.hypot(*(_along(distance, one).ravel() for one in (closed, played))))


def _along(distance: complex, trace: Trace) -> Floats:
    """Return standard errors along the line from |0> to |1>, in units of its length."""
    variance = compute_variance_along(distance / abs(distance), trace.sigma, trace.covariance)
    return np.asarray(np.sqrt(variance) / abs(distance))
