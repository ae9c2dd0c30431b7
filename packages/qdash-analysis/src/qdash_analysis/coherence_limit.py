"""Coherence limit of a gate from T1, T2 and its length: computed, not measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_analysis.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence


def coherence_limit(t1: Sequence[Estimate], t2: Sequence[Estimate], *, length_ns: float) -> Estimate:
    """Return the average gate fidelity limited by relaxation and dephasing alone.

    Each qubit has the process fidelity ``F = (1 + exp(-t/T1) + 2 exp(-t/T2)) / 4``, their product is Fe, and
    the average fidelity is ``(d Fe + 1) / (d + 1)`` (Horodecki et al., Phys. Rev. A 60, 1888 (1999)): the
    error is 1/2 (1 - 2/3 exp(-t/T2) - 1/3 exp(-t/T1)) for one qubit, 4/5 (1 - Fe) for two.

    Parameters
    ----------
    t1, t2
        Relaxation and echo time of each qubit in µs, one or two of them in the same order.
    length_ns
        Length of the whole gate.

    Returns
    -------
    Estimate
        Average fidelity, with the error from independent errors of the times; ``None`` if one of those is.

    Raises
    ------
    ValueError
        If `t1` and `t2` differ in length, or a time or the length is not positive and finite.
    """
    if not t1 or len(t1) != len(t2):
        raise ValueError(f"t1 and t2 must be of the same qubits, got {len(t1)} and {len(t2)}")
    for name, value in (
        *(("t1", one.value) for one in t1),
        *(("t2", one.value) for one in t2),
        ("length_ns", length_ns),
    ):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive, got {value:g}")
    dimension, time_us = 2 ** len(t1), length_ns * 1e-3
    kept = [
        (1 + math.exp(-time_us / relaxation.value) + 2 * math.exp(-time_us / coherence.value)) / 4
        for relaxation, coherence in zip(t1, t2, strict=True)
    ]
    process = math.prod(kept)
    share = dimension / (dimension + 1)
    parts: list[float] = []
    for qubit, fidelity in enumerate(kept):
        for time, weight in ((t1[qubit], 1 / 4), (t2[qubit], 1 / 2)):
            slope = weight * math.exp(-time_us / time.value) * time_us / time.value**2
            parts.append(
                share * process / fidelity * slope * (math.nan if time.error is None else time.error)
            )
    error = math.hypot(*parts)
    return Estimate(1 - share * (1 - process), None if math.isnan(error) else error, "")
