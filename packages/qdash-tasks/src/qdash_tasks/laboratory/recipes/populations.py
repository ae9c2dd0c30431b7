"""Populations of |1> from programs of any length, scaled by references from the same call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.alignment import align_programs
from qdash_tasks.laboratory.limits import is_within
from qdash_tasks.laboratory.program import Program
from qdash_tasks.laboratory.program_player import ProgramGroup
from qdash_tasks.laboratory.recipes.recipe_finding import NotClear, NotPossible
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program_player import Point
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.readings import Reading
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_CLEAR = 10.0
"""Least distance of |0> and X180 in standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Mean points of programs in the plane of one call, complex, shape (programs,), a.u.

    `covariance` is that of I and Q of each mean, shape (programs, 2, 2), a.u.²
    """

    iq: Complexes
    covariance: Floats

    def compute_variance(self, direction: complex) -> Floats:
        """Return the variance along a unit vector, shape (programs,)."""
        axis = np.array([direction.real, direction.imag])
        return np.asarray(np.einsum("i,nij,j->n", axis, self.covariance, axis))


@dataclass(frozen=True, slots=True, eq=False)
class Populations:
    """Population of |1>, 0 at |0> and 1 at X180, with its standard error, each shape (programs,)."""

    value: Floats
    error: Floats


def make_timeline(laboratory: PulseLaboratory) -> Timeline:
    """Return an empty program builder."""
    return Timeline(laboratory.settings, laboratory.limits)


def detune_generator(laboratory: PulseLaboratory, qid: str, off_mhz: float) -> float:
    """Return a generator frequency in GHz, `off_mhz` above the one in use; raise `NotPossible` beyond the line."""
    frequency_ghz = laboratory.settings[qid].drive_frequency_ghz + 1e-3 * off_mhz
    if not is_within(laboratory.limits.line(qid).frequencies_ghz, frequency_ghz):
        raise NotPossible(
            f"this recipe needs a generator at {frequency_ghz:.6g}\N{NO-BREAK SPACE}GHz, outside the range of the line of qubit {qid}"
        )
    return frequency_ghz


def read_together(programs: Sequence[Program]) -> list[Program]:
    """Move the readouts of programs to the latest of all; leave their pulses unchanged."""
    latest_ns = max(program.readouts[0].start_ns for program in programs)
    return [
        Program(program.plays, tuple(one.at(latest_ns) for one in program.readouts)) for program in programs
    ]


def measure_populations(
    laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots
) -> Populations:
    """Play programs that read a qubit once, together with references. Touches hardware.

    Raises `NotClear` if the qubit could not be measured, or the references are not separated.
    """
    nothing, flip = make_timeline(laboratory), make_timeline(laboratory)
    flip.pulse(qid, laboratory.settings[qid].x180)
    references = [nothing.read(qid), flip.read(qid)]
    found = measure_points(
        laboratory, qid, align_programs([*references, *programs], laboratory.limits), shots
    )
    return _compute_populations(qid, found)


def measure_points(
    laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots
) -> Points:
    """Play programs that read a qubit once, in few calls and in one IQ plane. Touches hardware.

    Raises `NotClear` if the qubit could not be measured, or there is only one shot.
    """
    found = _extract_readings(laboratory, qid, lambda: laboratory.read_means(programs, shots))
    known = [one.covariance[0] for one in found if one.covariance is not None]
    if len(known) < len(found):
        raise NotClear("the error cannot be estimated from one shot: take at least two")
    return Points(np.array([one.mean[0] for one in found]), np.array(known))


def measure_in_one_call(
    laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots
) -> Complexes:
    """Play programs that read a qubit once, all in one call, and return their means. Touches hardware.

    Raises `NotClear` if the qubit could not be measured.
    """
    kept = replace(shots, keep="mean" if "mean" in laboratory.limits.keeps else "each")
    player = laboratory.make_player(dict(laboratory.settings))
    group = ProgramGroup(laboratory.as_sent(programs), kept, blocks=1)
    found = _extract_readings(laboratory, qid, lambda: _unwrap_points(player.play([group])))
    return np.array([one.mean[0] for one in found])


def _unwrap_points(results: Sequence[Sequence[Point] | Exception]) -> Sequence[Point]:
    """Return the points of the only group played, or raise its exception."""
    (points,) = results
    if isinstance(points, Exception):
        raise points
    return points


def _extract_readings(
    laboratory: PulseLaboratory, qid: str, played: Callable[[], Sequence[Point]]
) -> list[Reading]:
    """Return the readings of a qubit; any exception of `play` is reported for this recipe and qubit."""
    try:
        points = played()
    except (BackendError, InvalidInputError) as reason:
        raise NotClear(str(reason)) from reason
    except Exception as error:
        who = type(laboratory).__name__
        raise NotClear(f"{who}.play raised {type(error).__name__}: {error}") from error
    found = [point.read[qid] for point in points]
    failed = next((one for one in found if isinstance(one, BackendError)), None)
    if failed is not None:
        raise NotClear(str(failed))
    return [one for one in found if not isinstance(one, BackendError)]


def _compute_populations(qid: str, found: Points) -> Populations:
    zero, axis = found.iq[0], found.iq[1] - found.iq[0]
    distance = abs(axis)
    variance = found.compute_variance(axis / distance) if distance else np.zeros(len(found.iq))
    if distance <= _CLEAR * np.sqrt(variance[:2].sum()):
        raise NotClear(
            f"|0> and X180 of qubit {qid} are {distance:.3g} apart with an error of {np.sqrt(variance[:2].sum()):.2g}: take "
            "more shots, or calibrate its readout and its pulses roughly"
        )
    value = np.real((found.iq[2:] - zero) / axis)
    squares = variance[2:] + (1 - value) ** 2 * variance[0] + value**2 * variance[1]
    return Populations(value, np.sqrt(squares) / distance)
