"""Relaxation, dephasing and depolarisation of one or two among several qubits, as sparse superoperators.

A density matrix of d states is a vector of length d², row by row. The maps act on the labels of the dressed states.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import expm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.levels import Levels

    Floats = NDArray[np.float64]


def population_rates(levels: Levels, size: int) -> Floats:
    """Return the generator (1/us) of the populations of `size` levels, shape (size, size); |n> relaxes at n/T1."""
    found = np.zeros((size, size))
    up = levels.thermal_population / levels.t1_us
    down = np.arange(size) / levels.t1_us
    # Between |0> and |1> the populations approach thermal equilibrium with T1.
    down[1] = (1 - levels.thermal_population) / levels.t1_us
    found[np.arange(size - 1), np.arange(1, size)] = down[1:]
    found[1, 0] = up
    return found - np.diag(found.sum(axis=0))


def coherence_rates(levels: Levels, size: int) -> Floats:
    """Return the decay rate (1/us) of each element of the density matrix, shape (size, size); 0 on the diagonal."""
    leaving = -np.diag(population_rates(levels, size))
    number = np.arange(size)
    dephasing = 1 / levels.t2_us - 1 / (2 * levels.t1_us)
    rates = np.add.outer(leaving, leaving) / 2 + dephasing * np.subtract.outer(number, number) ** 2
    np.fill_diagonal(rates, 0.0)
    return np.asarray(rates)


def decay(levels: Levels, size: int, time_us: float) -> Floats:
    """Return the map of relaxation and dephasing over a time, shape (size², size²)."""
    found = np.diag(np.exp(-coherence_rates(levels, size).ravel() * time_us))
    diagonal = (size + 1) * np.arange(size)
    found[np.ix_(diagonal, diagonal)] = expm(population_rates(levels, size) * time_us)
    return found


def depolarising(kept: float, sizes: Sequence[int]) -> Floats:
    """Return the map that keeps the fraction `kept` of the deviation from the mixed state, shape (d², d²).

    It applies random Pauli operators to |0> and |1> of all qubits; leaked states keep their population.
    """
    total = math.prod(sizes)
    inside = np.flatnonzero((np.indices(tuple(sizes)).reshape(len(sizes), -1) < 2).all(axis=0))
    count = inside.size
    factors = np.ones((total, total))
    within = np.zeros(total, dtype=np.bool_)
    within[inside] = True
    # Total probability of the identity: a random one of all count² Pauli operators acts with the probability 1 - kept.
    none = kept + (1 - kept) / count**2
    factors[within[:, None] != within[None, :]] = none
    factors[np.ix_(inside, inside)] = kept
    found = np.diag(factors.ravel())
    diagonal = (total + 1) * inside
    found[np.ix_(diagonal, diagonal)] += (1 - kept) / count
    return found


def embed(map_: Floats, qubits: Sequence[int], sizes: Sequence[int]) -> sparse.csr_array:
    """Extend a map on `qubits` to a map on all qubits, shape (d², d²)."""
    others = [index for index in range(len(sizes)) if index not in qubits]
    order = [*qubits, *others]
    here = math.prod(sizes[index] for index in qubits)
    rest = math.prod(sizes[index] for index in others)
    wide = sparse.kron(sparse.csr_array(map_), sparse.identity(rest**2)).tocoo()
    # Axes (here, here', rest, rest') become (all qubits in their own order, the same again).
    shape = [sizes[index] for index in order]
    count = len(qubits)
    places = np.arange((here * rest) ** 2).reshape(
        *shape[:count], *shape[:count], *shape[count:], *shape[count:]
    )
    rows = [*range(count), *range(2 * count, 2 * count + len(others))]
    columns = [*range(count, 2 * count), *range(2 * count + len(others), 2 * len(sizes))]
    back = np.argsort(order)
    axes = [rows[index] for index in back] + [columns[index] for index in back]
    # place[k]: index in the wide vector of the element k of the usual vector.
    place = places.transpose(axes).ravel()
    new = np.argsort(place)
    found = sparse.coo_array((wide.data, (new[wide.row], new[wide.col])), shape=wide.shape)
    return sparse.csr_array(found)
