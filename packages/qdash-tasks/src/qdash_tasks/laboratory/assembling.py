"""How the readings of a request's programs become its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.batch import Asked
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.readings import Reading


def answer_of(asked: Asked, points: Sequence[Mapping[str, Reading]], *, began_s: float | None) -> Answer:
    """Return the answer to a request.

    Parameters
    ----------
    points
        What each of its programs gave, by qubit.

    Raises
    ------
    InvalidInputError
        If the noise cannot be known from so few shots.
    BackendError
        If it should have been told, and was not; or the programs gave another number of points than the request has.
    """
    rows = [[point[qid] for point in points] for qid in asked.compiled.read]
    if asked.request.single_shots:
        every = np.array([[reading.each for reading in row] for row in rows])
        shots = np.moveaxis(every, 2, 0)
        return ShotRecord(shots.reshape(asked.request.shape(len(shots))), began_s)
    mean = np.array([[reading.mean for reading in row] for row in rows])
    shape = asked.request.shape(1)
    if mean.size != np.prod(shape):
        name = type(asked.request).__name__
        raise BackendError(
            f"{asked.target}: {name} was compiled to {mean.size} points, and has {' x '.join(map(str, shape))}"
        )
    covariance = np.array([[_covariance(asked, reading) for reading in row] for row in rows])
    sigma = np.sqrt(covariance[..., 0, 0]) + 1j * np.sqrt(covariance[..., 1, 1])
    return Trace(
        asked.request.x,
        mean.reshape(shape),
        sigma.reshape(shape),
        covariance[..., 0, 1].reshape(shape),
        began_s=began_s,
        ends=asked.compiled.ends,
        rows=asked.request.rows,
    )


def _covariance(asked: Asked, reading: Reading) -> object:
    if reading.covariance is not None:
        return reading.covariance
    if reading.each is not None:
        raise InvalidInputError(
            f"{asked.target}: one shot of a point tells nothing about its error: take more"
        )
    raise BackendError(f"{asked.target}: a mean without covariance, which `limits.covariances` promises")
