"""Validated readings of one qubit in one program, with their noise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.iq_noise import compute_covariance_of_mean, find_covariance_fault
from qdash_core.errors import BackendError
from qdash_tasks.laboratory.program import IQ, ProgramAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Signals of one qubit in one program.

    Attributes
    ----------
    mean, own
        Mean signals, shape (readouts,), complex, a.u., and the covariance of their I and Q, shape (readouts, 2, 2),
        a.u.², or None if it is unknown.
    each
        Every shot, shape (shots, readouts), if shots are kept.
    scattered
        Number of values whose scatter gave `own`, or None if it was given.
    shared
        Covariance common to all readings of a call, from their common rotation, shape (readouts, 2, 2), a.u.²
    """

    mean: Complexes
    own: Floats | None = None
    each: Complexes | None = None
    scattered: int | None = None
    shared: Floats | None = None
    call: int = 0

    @property
    def covariance(self) -> Floats | None:
        """Covariance of I and Q of the mean with that of its rotation, shape (readouts, 2, 2), a.u.²; None if unknown."""
        return self.own if self.own is None or self.shared is None else self.own + self.shared

    def rotate(self, angle_rad: float, variance: float, *, call: int) -> Reading:
        """Rotate the reading about the origin of the IQ plane, by an angle with a variance in rad²."""
        turn = np.exp(1j * angle_rad)
        mean = self.mean * turn
        rotation = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        own = None if self.own is None else rotation @ self.own @ rotation.T
        across = np.stack([-mean.imag, mean.real], axis=-1)
        shared = variance * across[:, :, None] * across[:, None, :]
        each = None if self.each is None else self.each * turn
        return Reading(mean, own, each, self.scattered, shared, call)


def pool_blocks(blocks: Sequence[Reading]) -> Reading:
    """Return the mean of blocks of equal size, with their noise or, if unknown, that of their scatter.

    The noise shared by the blocks of one call does not scatter, and is added.
    """
    means = np.array([block.mean for block in blocks])
    given = [block.own for block in blocks if block.own is not None]
    own, scattered = None, blocks[0].scattered
    if len(given) == len(blocks):
        own = np.asarray(np.sum(given, axis=0) / len(blocks) ** 2)
    elif len(blocks) > 1:
        own, scattered = compute_covariance_of_mean(means.T), len(blocks)
    return Reading(means.mean(axis=0), own, blocks[0].each, scattered, _compute_shared_covariance(blocks))


def _compute_shared_covariance(blocks: Sequence[Reading]) -> Floats | None:
    """Return the covariance of the mean of blocks from noise shared within calls, or None without any."""
    calls = Counter(block.call for block in blocks)
    # Each call contributes one error to all of its blocks: their weights add up, not their squares.
    shared = [
        calls[block.call] / len(blocks) ** 2 * block.shared for block in blocks if block.shared is not None
    ]
    return np.asarray(np.sum(shared, axis=0)) if shared else None


def estimate_angle(reference: Reading, target: Reading) -> tuple[float, float]:
    """Return the angle between two readings of |0> in the plane, and its variance, in rad and rad².

    It rotates `reference` onto `target`.
    """
    then, now = target.mean[0], reference.mean[0]
    turn = float(np.angle(then / now))
    covariance = np.zeros((2, 2)) if reference.covariance is None else reference.covariance[0]
    across = np.array([-now.imag, now.real]) / abs(now)
    return turn, float(across @ covariance @ across) / abs(now) ** 2


def extract_reading(
    answer: ProgramAnswer, qid: str, program: Program, shots: Shots, *, where: str
) -> Reading | BackendError:
    """Return the reading of a qubit in a program, or the error that explains its absence and says `where`."""
    if qid in answer.failed:
        return BackendError(f"{where}: {qid}: {answer.failed[qid]}")
    found = answer.iq.get(qid)
    if not isinstance(found, IQ):
        return BackendError(f"{where}: {qid} was read, but has no IQ data")
    readouts = sum(one.qid == qid for one in program.readouts)
    each = shots.keep == "each"
    arrays: list[tuple[str, object, tuple[int, ...], Literal["c", "f"]]] = [
        ("each", found.each, (shots.count, readouts), "c") if each else ("mean", found.mean, (readouts,), "c")
    ]
    if not each and found.covariance is not None:
        arrays.append(("covariance", found.covariance, (readouts, 2, 2), "f"))
    wrong = next((one for one in (_find_fault(*array) for array in arrays) if one is not None), None)
    if wrong is None and each and np.shape(found.mean) != (readouts,):
        wrong = f"mean has shape {np.shape(found.mean)}, not {(readouts,)}"
    if wrong is None and not each and found.covariance is not None:
        wrong = _find_covariance_fault(np.asarray(found.covariance))
    if wrong is not None:
        return BackendError(f"{where}: {qid}: {wrong}")
    if not each or found.each is None:
        return Reading(np.asarray(found.mean), found.covariance)
    every = np.asarray(found.each)
    own = compute_covariance_of_mean(every.T) if shots.count > 1 else None
    return Reading(every.mean(axis=0), own, every, shots.count)


def _find_fault(name: str, array: object, shape: tuple[int, ...], kind: Literal["c", "f"]) -> str | None:
    """Return the fault of an array, or None if it is valid."""
    if array is None:
        return f"{name} is missing"
    found = np.asarray(array)
    if found.shape != shape:
        return f"{name} has shape {found.shape}, not {shape}"
    if found.dtype.kind != kind:
        return f"{name} is of {found.dtype}, not of {'complex' if kind == 'c' else 'real'} numbers"
    return None if np.isfinite(found).all() else f"{name} has values that are not finite"


def _find_covariance_fault(covariance: Floats) -> str | None:
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    if (variances <= 0).any() or not np.allclose(covariance[:, 0, 1], covariance[:, 1, 0], atol=0):
        return "covariance must be symmetric with positive variances of both quadratures"
    i_sigma, q_sigma = np.sqrt(variances.T)
    return find_covariance_fault(i_sigma, q_sigma, covariance[:, 0, 1])
