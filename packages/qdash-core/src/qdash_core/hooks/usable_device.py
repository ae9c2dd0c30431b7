"""Usable device: the calibrated part of a chip as other programs use it, and the targets left out, with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceQubit:
    """A qubit of a device.

    Parameters
    ----------
    x, y : float
        Position in units of one coupling, x to the right, y upwards, both from 0 on.
    mux : int or None
        Its readout multiplexer, or None if unknown.
    frequency_ghz, t1_us, t2_echo_us : float
        `qubit_frequency`, `t1`, and `t2_echo`, which is at most twice `t1`: no decay allows more, and readers refuse it.
    x90_fidelity, x180_fidelity : float, float or None
        Average gate fidelities from interleaved benchmarking, at most 1; `x180_fidelity` is None if it was not
        measured, or its value does not count by the request, or is below its limit.
    readout_fidelity_0, readout_fidelity_1 : float
        Probabilities to read 0 after preparing 0, and 1 after preparing 1.
    hpi_length_ns, pi_length_ns : float
        Durations of X90 and X180.
    readout_length_ns : float or None
        Duration of the readout pulse, or None if neither values nor design of the chip have it.
    notes : tuple of str
        Values that are not trusted, with the reasons, and a `t2_echo` that was written as twice `t1`.
    """

    qid: str
    x: float
    y: float
    mux: int | None
    frequency_ghz: float
    t1_us: float
    t2_echo_us: float
    x90_fidelity: float
    x180_fidelity: float | None
    readout_fidelity_0: float
    readout_fidelity_1: float
    hpi_length_ns: float
    pi_length_ns: float
    readout_length_ns: float | None
    notes: tuple[str, ...] = ()

    @property
    def readout_error(self) -> float:
        """Assignment error: the mean of p(1|0) and p(0|1)."""
        return 1.0 - (self.readout_fidelity_0 + self.readout_fidelity_1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCoupling:
    """A coupling of a device, in the direction of its calibrated cross resonance.

    Parameters
    ----------
    qid, control, target : str
        Ids of the coupling and its qubits on the chip.
    zx90_fidelity : float
        Average gate fidelity from interleaved benchmarking, at most 1.
    zx90_gate_time_ns : float
        Duration of the whole gate: two tones and two X180 of the control.
    notes : tuple of str
        Values that are not trusted, with the reasons.
    """

    qid: str
    control: str
    target: str
    zx90_fidelity: float
    zx90_gate_time_ns: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A qubit or coupling that is no part of an export for use, with the reason."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsableDevice:
    """The usable qubits and couplings of a chip.

    Parameters
    ----------
    chip_id, name, device_id : str
        The chip, and the name and the id of the device.
    qubits : tuple of DeviceQubit
        In order of number on the chip. The index of a qubit in this tuple is its number in the device.
    couplings : tuple of DeviceCoupling
        In order of number on the chip.
    calibrated_at : datetime
        Time of the newest value in it.
    left_out : tuple of LeftOut
        The other qubits and couplings of the chip.
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    """

    chip_id: str
    name: str
    device_id: str
    qubits: tuple[DeviceQubit, ...]
    couplings: tuple[DeviceCoupling, ...]
    calibrated_at: datetime
    left_out: tuple[LeftOut, ...]
    simulated_time: datetime | None = None

    @property
    def notes(self) -> tuple[LeftOut, ...]:
        """Notes on its qubits and couplings."""
        targets: tuple[DeviceQubit | DeviceCoupling, ...] = (*self.qubits, *self.couplings)
        return tuple(LeftOut(one.qid, note) for one in targets for note in one.notes)

    @property
    def numbering(self) -> tuple[str, ...]:
        """Id on the chip of each qubit, by its number in the device."""
        return tuple(qubit.qid for qubit in self.qubits)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Control and target of each coupling, as numbers in the device."""
        number = {qid: index for index, qid in enumerate(self.numbering)}
        return tuple((number[one.control], number[one.target]) for one in self.couplings)
