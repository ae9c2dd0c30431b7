"""The 11,520 two-qubit Cliffords as ZX90 gates and one-qubit Cliffords.

Each is a pair of one-qubit Cliffords after one of twenty cores: nothing, one ZX90 after nine pairs of
one-qubit Cliffords (the class of CNOT), two (iSWAP) or three ZX90 (SWAP): 576, 5184, 5184 and 576 Cliffords,
1.5 gates on average (Corcoles et al., PRA 87, 030301 (2013)). Each core has as few pulses as possible.

Before each ZX90, either qubit is rotated by pi about a random axis or not at all, and the following layer undoes it
(Wallman and Emerson, PRA 94, 052325 (2016)): small coherent errors of successive gates add up with random signs, and an
interleaved gate does not look worse than it is. Pi rotations about z alone would leave IZ, ZI and ZZ unchanged, as of
static ZZ.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_analysis.cliffords.one_qubit import COUNT as ONE_QUBIT
from qdash_analysis.cliffords.one_qubit import PULSES, rotations, validate_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Indices = NDArray[np.int16]
    Bytes = NDArray[np.int8]

LAYERS = ONE_QUBIT**2
"""Number of pairs of one-qubit Cliffords; the pair (c, t) has the index 24 c + t, control first."""
COUNT = 20 * LAYERS
"""Number of two-qubit Cliffords: number 576 m + k is the layer k after the core m."""

_X, _Y, _Z = range(3)
_GENERATORS = np.array([4, 12, 1, 3])
"""Generators XI, ZI, IX and IZ: their images determine a Clifford."""
_BITS = 5 * np.arange(4)
_PAULIS = (0, 2, 20, 22)
"""One-qubit Cliffords: identity, and pi rotations about z, x and y."""
_HALF_TURNS = tuple(ONE_QUBIT * control + target for control in _PAULIS for target in _PAULIS)
"""Layers of pi rotations of neither, either and both qubits. In a layer with one pulse they cost nothing."""
MOST_CHOICES = len(_HALF_TURNS) ** 3


@cache
def plain_cores() -> tuple[tuple[int, ...], ...]:
    """Return the layers of each of the twenty cores in time order; a ZX90 follows each layer."""
    # Successive gates about XZ, ZX and YY, which commute, give iSWAP, then SWAP.
    control, target = _find_shortest(_X, _Z), _find_shortest(_Z, _X)
    second = ONE_QUBIT * control + target
    third = ONE_QUBIT * _find_shortest(_map_axis(control, _Y), _Z) + _find_shortest(_map_axis(target, _Y), _X)
    return (
        (),
        *((layer,) for layer in _list_axis_maps(_Z, _X)),
        # Two gates are identified by their product, which is along YY.
        *((layer, second) for layer in _list_axis_maps(_Y, _Y)),
        (0, second, third),
    )


@cache
def cores() -> tuple[tuple[int, ...], ...]:
    """Return all 6545 cores as played, with every choice of pi rotations after each layer."""
    known, half_turns = build_group(), np.array(_HALF_TURNS, dtype=np.int16)
    found: list[tuple[int, ...]] = []
    for plain in plain_cores():
        choices = (
            known.after(half_turns, np.full(len(_HALF_TURNS), layer, dtype=np.int16)).tolist()
            for layer in plain
        )
        found += product(*choices)
    return tuple(found)


@cache
def core_layers() -> Integers:
    """Return the layers of `cores` in time order, padded with -1, shape (6545, 3)."""
    return np.array([(*core, -1, -1, -1)[:3] for core in cores()])


def _list_axis_maps(control: int, target: int) -> list[int]:
    """Return layers that map each pair of axes to these axes of control and target."""
    return [
        ONE_QUBIT * _find_shortest(first, control) + _find_shortest(second, target)
        for first, second in product((_Z, _Y, _X), (_X, _Y, _Z))
    ]


def _find_shortest(axis: int, to: int) -> int:
    """Find the one-qubit Clifford with the fewest pulses that maps one axis to another, with either sign."""
    fits = np.flatnonzero(rotations()[:, to, axis])
    return int(fits[np.argmin(PULSES[fits])])


def _map_axis(clifford: int, axis: int) -> int:
    """Return the axis that a one-qubit Clifford maps an axis to, up to sign."""
    return int(np.argmax(np.abs(rotations()[clifford, :, axis])))


def ideal_layers() -> Floats:
    """Return the Pauli transfer matrices of all pairs of one-qubit Cliffords, shape (576, 16, 16)."""
    single = np.zeros((ONE_QUBIT, 4, 4))
    single[:, 0, 0] = 1.0
    single[:, 1:, 1:] = rotations()
    return np.asarray(np.einsum("aij,bkl->abikjl", single, single).reshape(LAYERS, 16, 16))


def ideal_gate() -> Floats:
    """Return the Pauli transfer matrix of ``ZX90 = exp(-i pi/4 ZX)``, shape (16, 16)."""
    x, z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
    unitary = (np.eye(4) - 1j * np.kron(z, x)) / np.sqrt(2)
    paulis = [np.eye(2), x, np.array([[0, -1j], [1j, 0]]), z]
    both = np.array([np.kron(control, target) for control, target in product(paulis, paulis)])
    turned = unitary @ both @ unitary.conj().T
    return np.asarray(np.einsum("pij,qji->pq", both, turned).real / 4)


def after(later: ArrayLike, earlier: ArrayLike) -> Integers:
    """Compose two Cliffords elementwise, `earlier` first in time.

    Raises
    ------
    ValueError
        If a number is not one of 0 to 11519.
    """
    both = np.broadcast_arrays(
        validate_numbers("later", later, below=COUNT), validate_numbers("earlier", earlier, below=COUNT)
    )
    second, first = (each.ravel().astype(np.int16) for each in both)
    return build_group().after(second, first).astype(np.int64).reshape(both[0].shape)


def inverse(of: ArrayLike) -> Integers:
    """Return the inverse of each Clifford. Raises as `after`."""
    return tabulate_inverses()[validate_numbers("of", of, below=COUNT)].astype(np.int64)


def transfer_matrices(of: ArrayLike) -> Floats:
    """Return the Pauli transfer matrix of each Clifford, shape (..., 16, 16).

    The order is II, IX, IY, IZ, XI, ..., the control first. Raises as `after`.
    """
    found = validate_numbers("of", of, below=COUNT)
    image, sign = build_group().image[found], build_group().sign[found]
    matrices = np.zeros((*found.shape, 16, 16))
    np.put_along_axis(
        matrices, image[..., None, :].astype(np.intp), sign[..., None, :].astype(np.float64), -2
    )
    return matrices


class CliffordGroup(NamedTuple):
    """Images of the 16 Pauli products under every Clifford, with their signs, shapes (11520, 16).

    `number` is the Clifford by its action on the generators (`_encode_images`), shape (2**20,); -1 if there is none.
    """

    image: Bytes
    sign: Bytes
    number: Indices

    def after(self, later: Indices, earlier: Indices) -> Indices:
        """Compose two Cliffords elementwise."""
        between = self.image[earlier[:, None], _GENERATORS]
        image, sign = self.image[later[:, None], between], self.sign[later[:, None], between]
        return self.number[_encode_images(image, sign * self.sign[earlier[:, None], _GENERATORS])]


def _encode_images(image: Bytes, sign: Bytes) -> Integers:
    """Encode the images of the generators, shape (n, 4), as 20-bit keys, shape (n,)."""
    return np.asarray(((image + 16 * (sign < 0)).astype(np.int64) << _BITS).sum(axis=1))


@cache
def build_group() -> CliffordGroup:
    layers, zx90 = ideal_layers(), ideal_gate()
    images, signs = [], []
    for core in plain_cores():
        done = np.eye(16)
        for layer in core:
            done = zx90 @ layers[layer] @ done
        every = layers @ done
        rows = np.argmax(np.abs(every), axis=1)
        images.append(rows)
        signs.append(np.sign(np.take_along_axis(every, rows[:, None, :], axis=1)[:, 0]).astype(np.int8))
    image, sign = np.concatenate(images), np.concatenate(signs)
    number = np.full(2**20, -1, dtype=np.int16)
    number[_encode_images(image[:, _GENERATORS], sign[:, _GENERATORS])] = np.arange(COUNT)
    return CliffordGroup(image.astype(np.int8), sign, number)


@cache
def tabulate_inverses() -> Indices:
    """Tabulate the index of the inverse of each Clifford, shape (11520,)."""
    known = build_group()
    back, sign = np.empty_like(known.image), np.empty_like(known.sign)
    np.put_along_axis(back, known.image.astype(np.intp), np.arange(16, dtype=np.int8)[None], axis=1)
    np.put_along_axis(sign, known.image.astype(np.intp), known.sign, axis=1)
    return known.number[_encode_images(back[:, _GENERATORS], sign[:, _GENERATORS])]


@cache
def find_gate_index() -> int:
    """Return the index of ZX90 itself."""
    ideal = ideal_gate()[:, _GENERATORS]
    image = np.argmax(np.abs(ideal), axis=0)
    return int(build_group().number[_encode_images(image[None], ideal[image, np.arange(4)][None])[0]])


@cache
def multiply_cores() -> tuple[Indices, Integers, Integers]:
    """Return the Clifford index (6545,) of each of `cores`, and start and number of variants (20,) of each of the twenty."""
    known, done = build_group(), np.zeros(len(cores()), dtype=np.int16)
    for layer in core_layers().astype(np.int16).T:
        longer = layer >= 0
        with_layer = known.after(layer[longer], done[longer])
        done[longer] = known.after(np.full_like(with_layer, find_gate_index()), with_layer)
    choices = np.array([len(_HALF_TURNS) ** len(core) for core in plain_cores()])
    return done, np.cumsum(choices) - choices, choices
