"""Stand-in for a laboratory's rack: three-level qubits, and a program of pulses and waits for each point.
Replace it by your own.
"""

from __future__ import annotations

from functools import lru_cache, reduce

import numpy as np
from scipy.linalg import expm

CONFIGURED = [
    {
        "qubit_frequency": 4.90 + 0.1 * channel,
        "anharmonicity": -0.31,
        "resonator_frequency": 6.90 + 0.05 * channel,
    }
    for channel in range(4)
]
"""Configured design values, in GHz. The true ones differ, as always."""

FULL_SCALE_MHZ = 130.0
"""Rabi frequency at full scale of the drive."""
T1_US, T2_US, THERMAL = 20.0, 25.0, 0.01
CHI_MHZ, LINEWIDTH_MHZ, NOISE = 0.8, 1.6, 0.035
LOWER = np.diag([1.0, np.sqrt(2.0)], 1)
# Excitation from |0> only: with the third level, the steady state would differ from the initial one, and relaxation would be slower than T1_US.
EXCITE = np.diag([1.0, 0.0], -1)
NUMBER = np.diag([0.0, 1.0, 2.0])
JUMPS = (
    LOWER * np.sqrt((1 - THERMAL) / T1_US),
    EXCITE * np.sqrt(THERMAL / T1_US),
    NUMBER * np.sqrt(2 / T2_US - 1 / T1_US),
)
"""Relaxation, excitation, dephasing, per square root of us."""
SLICE_NS = 1.0


class RackError(Exception):
    """Refusal by the rack."""


class Rack:
    """A session at the rack.

    Parameters
    ----------
    address : str
        Address of the rack; `nowhere` does not answer.
    """

    def __init__(self, address: str, *, seed: int | None = 7) -> None:
        if address == "nowhere":
            raise RackError(f"{address} does not answer")
        self.closed = False
        self._noise = np.random.default_rng(seed)
        truth = np.random.default_rng(3)
        self.qubit_ghz = [known["qubit_frequency"] + truth.normal(0, 0.02) for known in CONFIGURED]
        self.anharmonicity_ghz = [known["anharmonicity"] + truth.normal(0, 0.005) for known in CONFIGURED]
        self.resonator_ghz = [known["resonator_frequency"] + truth.normal(0, 0.002) for known in CONFIGURED]

    def run(self, channel, programs, *, drive_ghz, readout_ghz, amplitude, shots, wait_us):
        """Play each program from the idle state and read the qubit; return every shot, shape (programs,
        shots), complex.

        A step is ("pulse", envelope, phase in rad), ("tone", amplitude, length in ns), ("saturate", amplitude, GHz) or
        ("wait", us). `wait_us` comes after each shot; it is long against T1 here.
        """
        states = np.array([self._after(channel, program, drive_ghz) for program in programs])
        return self._read(channel, states.clip(0), readout_ghz, amplitude, shots)

    def close(self):
        """End the session."""
        self.closed = True

    def _after(self, channel, program, drive_ghz):
        """Return the populations of the three levels after a program, shape (3,)."""
        off_mhz = round((self.qubit_ghz[channel] - drive_ghz) * 1e3, 9)
        alpha_mhz = self.anharmonicity_ghz[channel] * 1e3
        rho = np.diag([1 - THERMAL, THERMAL, 0.0]).astype(complex).ravel()
        for kind, what, how in ((*step, 0.0)[:3] for step in program):
            match kind:
                case "pulse":
                    turn = _turn(how)
                    shape = (what.amplitude, what.length_ns, what.beta_ns)
                    rho = turn * (_pulse(off_mhz, alpha_mhz, *shape) @ (turn.conj() * rho))
                case "tone":
                    rho = expm(_generator(off_mhz, alpha_mhz, what * FULL_SCALE_MHZ) * how * 1e-3) @ rho
                case "wait":
                    values, vectors, inverse = _free(off_mhz, alpha_mhz)
                    rho = vectors @ (np.exp(values * what) * (inverse @ rho))
                case "saturate":
                    off = (self.qubit_ghz[channel] - how) * 1e3
                    rho = _steady(_generator(off, alpha_mhz, what * FULL_SCALE_MHZ))
        return rho.reshape(3, 3).diagonal().real

    def _read(self, channel, populations, readout_ghz, amplitude, shots):
        """Return noisy shots around the point of the measured level; some levels decay during the readout."""
        shares = np.cumsum(populations / populations.sum(axis=1, keepdims=True), axis=1)
        found = (self._noise.random((len(shares), shots, 1)) > shares[:, None, :]).sum(axis=-1).clip(max=2)
        # A strong probe induces transitions of the qubit.
        lost = self._noise.random(found.shape) < 0.01 + (amplitude / 0.8) ** 4
        found = np.where(lost, self._noise.integers(2, size=found.shape), found)
        centre = self.resonator_ghz[channel] - 2e-3 * CHI_MHZ * np.arange(3)
        dip = 0.9 / (1 + 2j * (readout_ghz - centre) / (LINEWIDTH_MHZ * 1e-3))
        noise = self._noise.normal(0, NOISE, (2, *found.shape))
        return amplitude * np.exp(0.7j) * (1 - dip)[found] + noise[0] + 1j * noise[1]


@lru_cache(maxsize=64)
def _undriven(off_mhz, alpha_mhz):
    """Return d rho / dt per us without drive, as a matrix on the flattened density matrix, shape (9, 9)."""
    one = np.eye(3)
    found = _commuted(2 * np.pi * (off_mhz * NUMBER + alpha_mhz / 2 * NUMBER @ (NUMBER - one)))
    for jump in JUMPS:
        lost = jump.T @ jump
        found = found + np.kron(jump, jump) - (np.kron(lost, one) + np.kron(one, lost.T)) / 2
    return found


def _commuted(hamiltonian):
    return -1j * (np.kron(hamiltonian, np.eye(3)) - np.kron(np.eye(3), hamiltonian.T))


IN_PHASE, IN_QUADRATURE = (_commuted(np.pi * (turn * LOWER.T + np.conj(turn) * LOWER)) for turn in (1, 1j))


def _generator(off_mhz, alpha_mhz, rabi_mhz):
    """Return d rho / dt per us under a pulse: Rabi frequency, with the quadrature as imaginary part."""
    return _undriven(off_mhz, alpha_mhz) + np.real(rabi_mhz) * IN_PHASE + np.imag(rabi_mhz) * IN_QUADRATURE


@lru_cache(maxsize=1024)
def _pulse(off_mhz, alpha_mhz, amplitude, length_ns, beta_ns):
    """Return the map of a raised-cosine pulse with its derivative in quadrature, shape (9, 9)."""
    steps = max(1, round(length_ns / SLICE_NS))
    angle = 2 * np.pi * (np.arange(steps) + 0.5) / steps
    envelope = (1 - np.cos(angle)) / 2 + 1j * beta_ns * np.pi / length_ns * np.sin(angle)
    played = [_generator(off_mhz, alpha_mhz, value) for value in amplitude * FULL_SCALE_MHZ * envelope]
    slices = expm(np.array(played) * length_ns / steps * 1e-3)
    return reduce(lambda before, this: this @ before, slices, np.eye(9))


@lru_cache(maxsize=64)
def _free(off_mhz, alpha_mhz):
    """Return the free evolution of a density matrix: eigenvalues, eigenvectors and their inverse."""
    values, vectors = np.linalg.eig(_generator(off_mhz, alpha_mhz, 0.0))
    return values, vectors, np.linalg.inv(vectors)


def _steady(generator):
    """Return the steady-state density matrix, shape (9,)."""
    wanted = np.concatenate([generator, np.eye(3).reshape(1, 9)])
    return np.linalg.lstsq(wanted, np.eye(10)[9], rcond=None)[0]


def _turn(phase_rad):
    """Return the rotation about z between a pulse of this phase and one of phase 0, on the flattened density
    matrix.
    """
    phases = np.exp(1j * phase_rad * np.arange(3))
    return np.kron(phases, phases.conj())
