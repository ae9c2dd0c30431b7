"""The 24 one-qubit Cliffords as X90 pulses and virtual Z, and random sequences of them.

Each is ``Z(after) X90^n Z(before)`` with quarter turns about z and n = 0, 1 or 2 pulses in 4, 16 and 4 of
them: one pulse on average. A virtual Z takes no time: it is the phase of the pulses that follow (McKay et
al., PRA 96, 022330 (2017)). Numbers 0 to 23 stand for them; 0 is the identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Bytes = NDArray[np.uint8]

Interleaved = Literal["X90", "X180"]

COUNT = 24
_X90 = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
_Z90 = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
_PARTS = np.array(
    [(before, 0, 0) for before in range(4)]
    + [(before, 1, after) for before in range(4) for after in range(4)]
    + [(before, 2, 0) for before in range(4)],
    dtype=np.uint8,
)
BEFORE, PULSES, AFTER = _PARTS.T
"""Quarter turns before the pulses, pulses, quarter turns after them, of each Clifford, shape (24,)."""


@cache
def rotations() -> Floats:
    """Return the rotation of the Bloch vector (x, y, z) by each Clifford, shape (24, 3, 3)."""
    found = [
        np.linalg.matrix_power(_Z90, after)
        @ np.linalg.matrix_power(_X90, pulses)
        @ np.linalg.matrix_power(_Z90, before)
        for before, pulses, after in _PARTS.tolist()
    ]
    return np.array(found, dtype=np.float64)


def after(later: ArrayLike, earlier: ArrayLike) -> Integers:
    """Compose two Cliffords elementwise, `earlier` first in time.

    Raises
    ------
    ValueError
        If a number is not one of 0 to 23.
    """
    first = validate_numbers("earlier", earlier, below=COUNT)
    return np.asarray(
        _tabulate_quotients()[validate_numbers("later", later, below=COUNT), _tabulate_quotients()[0, first]],
        np.int64,
    )


def inverse(of: ArrayLike) -> Integers:
    """Return the inverse of each Clifford. Raises as `after`."""
    return np.asarray(_tabulate_quotients()[0, validate_numbers("of", of, below=COUNT)], np.int64)


def validate_numbers(name: str, values: ArrayLike, *, below: int) -> Integers:
    """Return `values` as whole numbers below `below`, or raise `ValueError` naming `name`."""
    given = np.asarray(values)
    if given.dtype.kind not in "iu" or (given.size and (given.min() < 0 or given.max() >= below)):
        raise ValueError(f"{name} must be whole numbers from 0 to {below - 1}, got {values!r}")
    return given.astype(np.int64)


def validate_lengths(lengths: ArrayLike) -> Integers:
    """Return the Clifford counts of sequences as whole numbers, or raise `ValueError`."""
    given = np.asarray(lengths)
    if given.ndim != 1 or not given.size or given.dtype.kind not in "iuf":
        raise ValueError(f"lengths must be a list of whole numbers, one for each sequence, got {lengths!r}")
    if not np.isfinite(given).all() or (given < 0).any() or (given % 1).any():
        raise ValueError(f"lengths must be whole and not negative, got {lengths!r}")
    return given.astype(np.int64)


@cache
def _tabulate_quotients() -> Bytes:
    """Tabulate the index of a b^-1 for Cliffords a and b, shape (24, 24)."""
    turns = rotations()
    products = np.einsum("aij,bkj->abik", turns, turns).reshape(COUNT, COUNT, 9)
    return np.asarray(np.argmax(products @ turns.reshape(COUNT, 9).T, axis=-1), dtype=np.uint8)


@cache
def _append_gate(gate: Interleaved | None) -> Bytes:
    """Return the index of `gate` after each Clifford, shape (24,)."""
    if gate is None:
        return np.arange(COUNT, dtype=np.uint8)
    inverse = _tabulate_quotients()[0]
    turn = np.linalg.matrix_power(_X90, 1 if gate == "X90" else 2)
    return np.asarray(_tabulate_quotients()[_find_index(turn), inverse])


@cache
def list_endings() -> Bytes:
    """Return two Cliffords that keep |0>, and two that flip it, shape (2, 2)."""
    z180, x180 = _Z90 @ _Z90, _X90 @ _X90
    stay, flip = (np.eye(3), z180), (x180, x180 @ z180)
    return np.array([[_find_index(turn) for turn in group] for group in (stay, flip)], dtype=np.uint8)


def _find_index(turn: NDArray[np.generic]) -> int:
    return int(np.argmax(rotations().reshape(COUNT, 9) @ np.asarray(turn, dtype=np.float64).ravel()))


def ends_in_one(count: int) -> NDArray[np.bool_]:
    """Return which of `count` sequences are meant to end in |1>: every second one, shape (count,).

    The middle of both halves is the asymptote of the signal; leakage or asymmetric decay, which push both to the same
    side, do not look like survival.
    """
    return np.asarray(np.arange(count) % 2 == 1)


@dataclass(frozen=True, slots=True)
class Sequences:
    """Random sequences as pulses in time order, concatenated.

    From |0>, sequence k ends in |1> where ``ends_in_one(n)[k]``, else in |0>.

    Attributes
    ----------
    turns
        Quarter turns about z since the previous pulse, 0 to 3, shape (pulses,); irrelevant before the first
        pulse of a sequence.
    is_x180
        Whether the pulse is an X180; otherwise it is an X90, shape (pulses,).
    counts
        Pulses of each sequence, shape (n,).
    """

    turns: NDArray[np.int8]
    is_x180: NDArray[np.bool_]
    counts: Integers

    @classmethod
    def random(
        cls, lengths: ArrayLike, *, interleaved: Interleaved | None = None, rng: np.random.Generator
    ) -> Sequences:
        """Draw one independent sequence for each of `lengths`; every second one ends in |1>.

        The draws are the accumulated products, which are as uniform as the Cliffords and give the recovery Clifford.

        Parameters
        ----------
        lengths
            Cliffords of each sequence, shape (n,), without the recovery Clifford.
        interleaved
            Pulse that follows each Clifford except the recovery Clifford.

        Raises
        ------
        ValueError
            If a length is not whole, or negative, or the interleaved pulse is unknown.
        """
        lengths = validate_lengths(lengths)
        if interleaved not in (None, "X90", "X180"):
            raise ValueError(f"interleaved must be None, 'X90' or 'X180', got {interleaved!r}")
        last = np.cumsum(lengths + 1) - 1
        done = rng.integers(COUNT, size=int(last[-1]) + 1, dtype=np.uint8)
        done[last] = list_endings()[ends_in_one(lengths.size).astype(int), rng.integers(2, size=lengths.size)]
        so_far = np.zeros_like(done)
        so_far[1:] = _append_gate(interleaved)[done[:-1]]
        so_far[last[:-1] + 1] = 0
        clifford = np.take(_tabulate_quotients(), COUNT * done.astype(np.intp) + so_far)
        return cls._from_cliffords(clifford, last, interleaved)

    def programs(self) -> Iterator[list[tuple[Interleaved, float]]]:
        """Yield the pulses of each sequence in time order: name, and phase of the axis in rad.

        Phase 0 rotates about +x, pi/2 about +y, right-handed. Virtual Z rotations are in the phases; the one
        after the last pulse is omitted, since the readout does not depend on it.
        """
        for end, count in zip(np.cumsum(self.counts).tolist(), self.counts.tolist(), strict=True):
            own = slice(end - count, end)
            phases = np.pi / 2 * (-np.cumsum(self.turns[own]) % 4)
            names: list[Interleaved] = ["X180" if is_x180 else "X90" for is_x180 in self.is_x180[own]]
            yield list(zip(names, phases.tolist(), strict=True))

    def duration_us(self, x90_ns: float, x180_ns: float) -> Floats:
        """Return the total pulse time of each sequence, shape (n,)."""
        gates = np.concatenate([[0], np.cumsum(self.is_x180)])
        end = np.cumsum(self.counts)
        x180 = gates[end] - gates[end - self.counts]
        return np.asarray((self.counts - x180) * x90_ns + x180 * x180_ns) * 1e-3

    @classmethod
    def _from_cliffords(cls, clifford: Bytes, last: Integers, interleaved: Interleaved | None) -> Sequences:
        # Only quarter turns modulo 4 count, so bytes may overflow.
        after = np.cumsum(np.take(BEFORE + AFTER, clifford), dtype=np.uint8)
        during = after - np.take(AFTER, clifford)
        each = np.take(PULSES, clifford)
        if interleaved is not None:
            each += 1
            each[last] -= 1
        frames = np.repeat(during, each)
        end = np.cumsum(each, dtype=np.int64)
        is_gate = np.zeros(frames.size, dtype=np.bool_)
        if interleaved is not None:
            has_gate = np.ones(clifford.size, dtype=np.bool_)
            has_gate[last] = False
            gates = end[has_gate] - 1
            frames[gates] = after[has_gate]
            is_gate[gates] = interleaved == "X180"
        total = np.concatenate([[0], end[last]])
        turns = np.diff(frames, prepend=frames[:1]) & 3
        return cls(turns.astype(np.int8), is_gate, np.diff(total))
