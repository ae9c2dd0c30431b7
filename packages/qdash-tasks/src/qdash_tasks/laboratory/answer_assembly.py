"""Assembly of the answer to a request from the readings of its programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.noise import replace_zero_covariances
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.batch import CompiledEntry
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.readings import Reading

    Floats = NDArray[np.float64]


def assemble_answer(
    entry: CompiledEntry, points: Sequence[Mapping[str, Reading]], *, began_s: float | None
) -> Answer:
    """Return the answer to a request from the readings of each of its programs, by qubit.

    Raises
    ------
    InvalidInputError
        If the noise cannot be estimated: too few shots, or all shots equal.
    BackendError
        If a laboratory that states the noise did not, or the number of points differs from the request.
    """
    rows = [[point[qid] for point in points] for qid in entry.compiled.read]
    if entry.request.single_shots:
        every = np.array([[reading.each for reading in row] for row in rows])
        shots = np.moveaxis(every, 2, 0)
        return ShotRecord(shots.reshape(entry.request.shape(len(shots))), began_s)
    mean = np.array([[reading.mean for reading in row] for row in rows])
    shape = entry.request.shape(1)
    if mean.size != np.prod(shape):
        name = type(entry.request).__name__
        raise BackendError(
            f"{entry.target}: {name} was compiled to {mean.size} points, and has {' x '.join(map(str, shape))}"
        )
    covariance = np.array(
        [_assemble_covariances(entry, qid, row) for qid, row in zip(entry.compiled.read, rows, strict=True)]
    )
    sigma = np.sqrt(covariance[..., 0, 0]) + 1j * np.sqrt(covariance[..., 1, 1])
    return Trace(
        entry.request.x,
        mean.reshape(shape),
        sigma.reshape(shape),
        covariance[..., 0, 1].reshape(shape),
        began_s=began_s,
        ends=entry.compiled.ends,
        rows=entry.request.rows,
    )


def _assemble_covariances(entry: CompiledEntry, qid: str, row: Sequence[Reading]) -> Floats:
    """Return the covariance of every point of one qubit, shape (points, readouts, 2, 2)."""
    own = np.array([_get_own_covariance(entry, reading) for reading in row])
    if row[0].scattered is not None:
        try:
            own = replace_zero_covariances(own, row[0].scattered)
        except InvalidInputError as error:
            raise InvalidInputError(
                f"{entry.target}: {type(entry.request).__name__}: qubit {qid}: {error}"
            ) from error
    shared = [np.zeros_like(own[0]) if one.shared is None else one.shared for one in row]
    return np.asarray(own + np.array(shared))


def _get_own_covariance(entry: CompiledEntry, reading: Reading) -> Floats:
    if reading.own is not None:
        return reading.own
    if reading.each is not None:
        raise InvalidInputError(
            f"{entry.target}: the error of a point cannot be estimated from one shot: take at least two"
        )
    raise BackendError(
        f"{entry.target}: the answer has no covariance, although `limits.covariances` declares one"
    )
