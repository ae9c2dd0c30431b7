"""Effect of a steady cross-resonance tone: rotation of the target for either control state.

The driven Hamiltonian, with all levels of `pair`, is block-diagonalised by the unitary closest to the identity (least
action: Cederbaum, Schirmer, Meyer, J. Phys. A 22, 2427 (1989); for cross resonance Magesan and Gambetta, PRA 101,
052308 (2020)). Blocks: the target's |0> and |1> with the control in |0>, with it in |1>, and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.pair import COMPUTATIONAL, CONTROL_NUMBER, Drives, Transmons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import CrossResonanceTone

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_BLOCK = np.full(CONTROL_NUMBER.size, 2)
_BLOCK[COMPUTATIONAL] = 0, 0, 1, 1
_WITHIN = np.equal.outer(_BLOCK, _BLOCK)
_MEMBERS = np.equal.outer(np.arange(3), _BLOCK)
_BY_BLOCK = np.argsort(_BLOCK, kind="stable")


@dataclass(frozen=True, slots=True)
class Rates:
    """Coefficients of ``H/h = 1/2 sum c_PQ PQ`` in MHz, control first.

    The target is in the frame of the tone, so its detuning is part of `iz`; the control is in the frame of
    its own frequency.
    """

    zx: float
    zy: float
    zz: float
    ix: float
    iy: float
    iz: float
    zi: float


def rates(pair: Pair, tone: CrossResonanceTone, *, drive_ghz: float) -> Rates:
    """Return the rates of the flat part of `tone`, played at `drive_ghz`, the assumed frequency of the target."""
    transmons = pair.transmons
    hamiltonian = effective_hamiltonian(transmons, pair.drives(tone), pair.target.detuning_mhz(drive_ghz))
    ground, excited = hamiltonian[:2, :2], hamiltonian[2:, 2:]
    x, y = np.array([(2 * block[1, 0].real, 2 * block[1, 0].imag) for block in (ground, excited)]).T
    z = np.array([(block[0, 0] - block[1, 1]).real for block in (ground, excited)])
    control = (np.trace(ground) - np.trace(excited)).real / 2
    return Rates(
        zx=float(x[0] - x[1]) / 2,
        zy=float(y[0] - y[1]) / 2,
        zz=float(z[0] - z[1]) / 2,
        ix=float(x[0] + x[1]) / 2,
        iy=float(y[0] + y[1]) / 2,
        iz=float(z[0] + z[1]) / 2,
        zi=float(control) + transmons.detuning_mhz + pair.target.detuning_mhz(drive_ghz),
    )


@lru_cache(maxsize=256)
def effective_hamiltonian(transmons: Transmons, drives: Drives, detuning_mhz: float) -> Complexes:
    """Return the block-diagonal Hamiltonian of the flat part on |00>, |01>, |10>, |11> in MHz, shape (4, 4).

    `detuning_mhz` is target minus tone; both qubits' frames rotate with the tone.
    """
    dressed = transmons.dressed
    energies, states = np.linalg.eigh(np.diag(dressed.energies_at(detuning_mhz)) + dressed.drive(drives))
    order = _assign_to_blocks(states)
    energies, states = energies[order], states[:, order]
    kept = np.where(_WITHIN, states, 0.0)
    # With S the eigenstates and B their part within blocks, H becomes W E W^+, W the unitary part of B.
    left, _, right = np.linalg.svd(kept)
    rotation = left @ right
    blocks = (rotation * energies) @ rotation.conj().T
    found = np.where(_WITHIN, blocks, 0.0)[np.ix_(COMPUTATIONAL, COMPUTATIONAL)]
    found.flags.writeable = False
    return np.asarray(found)


def _assign_to_blocks(states: Complexes) -> NDArray[np.intp]:
    """Return one eigenstate for each level, with the largest total share in the blocks of their levels."""
    shares = _MEMBERS @ np.abs(states) ** 2
    likeliest = np.argmax(shares, axis=0)
    by_block = np.argsort(likeliest, kind="stable")
    if np.array_equal(likeliest[by_block], _BLOCK[_BY_BLOCK]):
        order = np.empty_like(by_block)
        order[_BY_BLOCK] = by_block
        return order
    from scipy.optimize import linear_sum_assignment  # slow to import, and needed near resonances alone

    return np.asarray(linear_sum_assignment(-shares[_BLOCK])[1])
