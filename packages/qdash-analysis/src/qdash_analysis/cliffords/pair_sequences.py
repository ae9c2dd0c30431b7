"""Random sequences of two-qubit Cliffords that end in the four basis states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.cliffords.one_qubit import COUNT as ONE_QUBIT
from qdash_analysis.cliffords.one_qubit import list_endings, validate_lengths
from qdash_analysis.cliffords.two_qubits import (
    COUNT,
    LAYERS,
    MOST_CHOICES,
    build_group,
    core_layers,
    find_gate_index,
    multiply_cores,
    tabulate_inverses,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Integers = NDArray[np.int64]
    Indices = NDArray[np.int16]


def ends_in(count: int) -> NDArray[np.bool_]:
    """Return which of `count` sequences are meant to end in |1>, for control and target, shape (count, 2).

    The control ends in |1> in every second sequence and the target in every second pair of them: the asymptote is the
    middle of all four (`cliffords.ends_in_one`).
    """
    number = np.arange(count)
    return np.stack([number % 2 == 1, number // 2 % 2 == 1], axis=-1)


@dataclass(frozen=True, slots=True)
class PairSequences:
    """Random sequences of two-qubit Cliffords, concatenated, each in time order.

    From |00>, sequence k ends in the state of ``ends_in(n)[k]``.

    Attributes
    ----------
    cores, layers
        Parts of each Clifford: one of `cores`, then a pair of one-qubit Cliffords, shape (total,) each.
    counts
        Cliffords of each sequence, including the recovery Clifford, shape (n,).
    interleaved
        Whether a ZX90 follows each Clifford except the recovery Clifford.
    """

    cores: Integers
    layers: Integers
    counts: Integers
    interleaved: bool

    @classmethod
    def random(
        cls, lengths: ArrayLike, *, interleaved: bool = False, rng: np.random.Generator
    ) -> PairSequences:
        """Draw one independent sequence for each of `lengths`, with the final states of `ends_in`.

        The draws are the accumulated products, which are as uniform as the Cliffords and give the recovery Clifford.

        Parameters
        ----------
        lengths
            Cliffords of each sequence, shape (n,), without the recovery Clifford.
        interleaved
            Whether a ZX90 follows each Clifford except the recovery Clifford.

        Raises
        ------
        ValueError
            If a length is not whole, or negative.
        """
        lengths = validate_lengths(lengths)
        known, last = build_group(), np.cumsum(lengths + 1) - 1
        done = rng.integers(COUNT, size=int(last[-1]) + 1, dtype=np.int16)
        flips = ends_in(lengths.size).astype(np.intp)
        turns = list_endings()[flips, rng.integers(2, size=flips.shape)].astype(np.int16)
        done[last] = ONE_QUBIT * turns[:, 0] + turns[:, 1]
        so_far = np.zeros_like(done)
        so_far[1:] = done[:-1]
        if interleaved:
            so_far = known.after(np.full_like(done, find_gate_index()), so_far)
        so_far[np.concatenate([[0], last[:-1] + 1])] = 0
        return cls._played(known.after(done, tabulate_inverses()[so_far]), lengths + 1, interleaved, rng)

    def programs(self) -> Iterator[list[tuple[int, int] | None]]:
        """Yield each sequence in time order: pairs of one-qubit Cliffords, control first, or None for a ZX90.

        A one-qubit Clifford c is ``one_qubit.BEFORE[c]`` quarter turns about z, ``PULSES[c]`` times X90,
        ``AFTER[c]`` quarter turns; both qubits start together, and the shorter one waits.
        """
        for end, count in zip(np.cumsum(self.counts).tolist(), self.counts.tolist(), strict=True):
            own, played = slice(end - count, end), list[tuple[int, int] | None]()
            cores, layers = core_layers()[self.cores[own]].tolist(), self.layers[own].tolist()
            for place, (core, layer) in enumerate(zip(cores, layers, strict=True)):
                for before in core:
                    if before >= 0:
                        played += [divmod(before, ONE_QUBIT), None]
                played.append(divmod(layer, ONE_QUBIT))
                if self.interleaved and place < count - 1:
                    played.append(None)
            yield played

    @classmethod
    def _played(
        cls, cliffords: Indices, counts: Integers, interleaved: bool, rng: np.random.Generator
    ) -> PairSequences:
        done, first, choices = multiply_cores()
        plain = cliffords // LAYERS
        core = first[plain] + rng.integers(MOST_CHOICES, size=cliffords.size) % choices[plain]
        layers = build_group().after(cliffords, tabulate_inverses()[done[core]])
        return cls(core, layers.astype(np.int64), counts, interleaved)
