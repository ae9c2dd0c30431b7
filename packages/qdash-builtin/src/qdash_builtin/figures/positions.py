"""Positions of qubits in drawings of a chip."""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import split_coupling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qdash_core.chips.topology import Topology

    Floats = NDArray[np.float64]

Place = tuple[float, float]
"""(x, y) in units of about one coupling; y grows downwards, as rows do."""

_SMALL = ((0, 0), (1, 0), (2, 0), (1, 1), (0, 2), (1, 2), (2, 2))
"""IBM's processors of 7 qubits: an H."""
_STEPS, _STILL = 300, 1e-5
MOST_COMPUTED = 500
"""Maximum number of qubits of a computed layout, for which it takes 3 s; time and memory grow with its square and more."""
_APART = 2.0
"""Distance between parts of a chip that no coupling connects."""


def compute_positions(topology: Topology) -> dict[str, Place]:
    """Return the position of every qubit in a drawing.

    If every qubit of the topology has a position of its own, these are used. If not, and the qubits and
    couplings are those of an IBM processor (7, 16 or 27 qubits, or a heavy-hex lattice), the positions of
    that processor are used. Any other topology of up to `MOST_COMPUTED` qubits is laid out so that distances
    approximate the number of couplings between qubits; larger ones are drawn as a square in order of number.
    The layout is deterministic.
    """
    given = [(site.col, site.row) for site in topology.qubits]
    if len(set(given)) == len(given) and all(None not in place for place in given):
        return {site.id: (float(site.col or 0), float(site.row or 0)) for site in topology.qubits}
    if (known := _find_processor_positions(topology)) is not None:
        return known
    if len(topology.qubits) > MOST_COMPUTED:
        wide = math.ceil(math.sqrt(len(topology.qubits)))
        return {qid: (float(at % wide), float(at // wide)) for at, qid in enumerate(topology.qids)}
    return dict(_compute_layout(topology))


def _find_processor_positions(topology: Topology) -> dict[str, Place] | None:
    """Return the positions of the known processor with the same couplings, or None if there is none."""
    known = _read_processor_positions(len(topology.qubits))
    places = dict(zip(topology.qids, known, strict=False))
    if len(known) != len(topology.qubits) or any(
        math.dist(*(places[qid] for qid in split_coupling(coupling))) > 1 for coupling in topology.couplings
    ):
        return None
    return places


def _read_processor_positions(size: int) -> Sequence[Place]:
    """Return the positions in IBM's processor of this size, in order of number, or none if unknown."""
    if size == len(_SMALL):
        return _SMALL
    with suppress(NotFoundError):
        # The processor with 16 qubits is a section of the one with 27.
        lattice = get_builtin_topology(f"heavy-hex-{27 if size == 16 else size}")
        return [(float(site.col or 0), float(site.row or 0)) for site in lattice.qubits[:size]]
    return []


@lru_cache(maxsize=16)
def _compute_layout(topology: Topology) -> Mapping[str, Place]:
    places: dict[str, Place] = {}
    right = 0.0
    for part in _find_connected_parts(topology):
        found = _draw_part(part, topology)
        left = min(x for x, _ in found.values())
        places |= {qid: (right + x - left, y) for qid, (x, y) in found.items()}
        right = max(x for x, _ in places.values()) + _APART
    return {qid: places[qid] for qid in topology.qids}


def _find_connected_parts(topology: Topology) -> list[dict[str, dict[str, int]]]:
    """Return the connected parts, each with the number of couplings between every two of its qubits."""
    parts: list[dict[str, dict[str, int]]] = []
    seen: set[str] = set()
    for qid in topology.qids:
        if qid not in seen:
            members = _count_steps(qid, topology)
            seen |= members.keys()
            parts.append({member: _count_steps(member, topology) for member in members})
    return parts


def _count_steps(qid: str, topology: Topology) -> dict[str, int]:
    steps, waiting = {qid: 0}, deque([qid])
    while waiting:
        here = waiting.popleft()
        for near in topology.neighbours(here):
            if near not in steps:
                steps[near] = steps[here] + 1
                waiting.append(near)
    return steps


def _draw_part(part: Mapping[str, Mapping[str, int]], topology: Topology) -> dict[str, Place]:
    """Return positions of connected qubits by stress majorisation (Gansner, Koren and North 2004)."""
    import numpy as np

    qids = list(part)
    if len(qids) == 1:
        return {qids[0]: (0.0, 0.0)}
    number = {qid: index for index, qid in enumerate(qids)}
    steps = np.array([[part[a][b] for b in qids] for a in qids], dtype=np.float64)
    pairs = [
        [number[a], number[b]]
        for a, b in map(split_coupling, topology.couplings)
        if a in number and b in number
    ]
    upright = _rotate_positions(_minimise_stress(steps), np.array(pairs))
    return {qid: (round(float(x), 3), round(float(y), 3)) for qid, (x, y) in zip(qids, upright, strict=True)}


def _minimise_stress(steps: Floats) -> Floats:
    """Return positions, shape (n, 2), whose distances approximate `steps`, shape (n, n); short distances have
    more weight.
    """
    import numpy as np

    weights = 1.0 / np.where(steps > 0, steps, np.inf) ** 2
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.inv(laplacian[1:, 1:])  # the first qubit stays fixed
    places = _scale_classically(steps)
    for _ in range(_STEPS):
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
        pull = weights * steps / np.where(apart > 0, apart, np.inf)
        target = (np.diag(pull.sum(axis=1)) - pull) @ places
        moved = np.vstack([np.zeros(2), inverse @ target[1:]])
        change = np.abs((moved - moved.mean(axis=0)) - (places - places.mean(axis=0))).max()
        places = moved
        if change < _STILL:
            break
    return places


def _scale_classically(steps: Floats) -> Floats:
    """Return positions by classical multidimensional scaling, as the start of the majorisation."""
    import numpy as np

    centred = steps**2 - (steps**2).mean(axis=0)
    values, vectors = np.linalg.eigh(-0.5 * (centred - centred.mean(axis=1, keepdims=True)))
    chosen = vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 1e-3))
    # A line has no second dimension, and qubits with the same neighbours coincide: offset both a little.
    numbers = np.arange(len(steps))
    places: Floats = chosen + 1e-3 * np.column_stack([np.cos(numbers), np.sin(numbers)])
    return places


def _rotate_positions(places: Floats, pairs: NDArray[np.int64]) -> Floats:
    """Return positions rotated so that couplings follow the axes and the drawing is wider than high.

    The first qubit is near the top left. The smallest distance of two qubits becomes about 1.
    """
    import numpy as np

    along = places[pairs[:, 1]] - places[pairs[:, 0]]
    # The mean of directions modulo a right angle is the mean of their fourth powers.
    angle = np.angle(np.sum((along[:, 0] + 1j * along[:, 1]) ** 4)) / 4
    turned = (places[:, 0] + 1j * places[:, 1]) * np.exp(-1j * angle)
    upright = np.column_stack([turned.real, turned.imag])
    if np.ptp(upright[:, 1]) > np.ptp(upright[:, 0]):
        upright = upright[:, ::-1]
    upright = upright - (upright.min(axis=0) + upright.max(axis=0)) / 2
    upright = upright * np.where(upright[0] > 0, -1.0, 1.0)
    apart = np.linalg.norm(upright[:, None] - upright[None], axis=-1) + np.diag(np.full(len(upright), np.inf))
    fitting: Floats = (upright - upright.min(axis=0)) / np.quantile(apart.min(axis=1), 0.1)
    return fitting
