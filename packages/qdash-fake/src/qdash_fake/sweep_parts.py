"""Parts of a sweep that are measured one after the other, for a chip that changes within a sweep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.pair_requests import PairRequest
from qdash_tasks.laboratory.requests import Chevron, ReadoutWaveform
from qdash_tasks.laboratory.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request

MOST_PARTS = 16


def split_request(request: Request) -> list[Request]:
    """Return the parts of a request, in order.

    A part has an even number of points, because an echo alternates the sign of its π pulse. Shots, windows of one
    readout and sweeps of couplings stay whole.
    """
    if isinstance(request, (PairRequest, ReadoutWaveform)) or request.single_shots or not request.swept:
        return [request]
    swept = "frequencies_ghz" if isinstance(request, Chevron) else request.swept
    values = getattr(request, swept)
    points = 2 * -(-values.size // (2 * MOST_PARTS))
    return [
        replace(request, **{swept: values[start : start + points]}) for start in range(0, values.size, points)
    ]


def join_answers(parts: Sequence[Answer]) -> Answer:
    """Return the answer to a request from the answers to its parts."""
    first = parts[0]
    traces = [part for part in parts if isinstance(part, Trace)]
    if len(parts) == 1 or not isinstance(first, Trace):
        return first
    # Parts of a map are rows.
    rows = (
        None if first.rows is None else np.concatenate([one.rows for one in traces if one.rows is not None])
    )
    return replace(
        first,
        x=np.concatenate([one.x for one in traces]) if rows is None else first.x,
        iq=np.concatenate([one.iq for one in traces]),
        sigma=np.concatenate([one.sigma for one in traces]),
        covariance=np.concatenate([one.covariance for one in traces]),
        ends=None
        if first.ends is None
        else np.concatenate([one.ends for one in traces if one.ends is not None]),
        rows=rows,
    )
