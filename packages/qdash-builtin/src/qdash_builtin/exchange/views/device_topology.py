"""View model of the device file that OQTOPUS' device gateway reads.

Qubits are numbered from 0. Times of coherence are in µs, durations in whole ns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.hooks.usable_device import DeviceQubit, UsableDevice

_SPACING = 2 / 3
"""Distance of coupled qubits in a drawing, as in the gateway's example."""


class Position(Document):
    """Position of a qubit in a drawing; y grows upwards."""

    x: float
    y: float


class MeasurementError(Document):
    """Errors of the readout of a qubit."""

    prob_meas1_prep0: float
    prob_meas0_prep1: float
    readout_assignment_error: float


class QubitLifetime(Document):
    """T1 and T2 (echo) of a qubit, in µs."""

    t1: float
    t2: float


class QubitGateDuration(Document):
    """Durations of the gates of a qubit, in ns. `rz` takes no time: it changes the phase of later pulses."""

    rz: int = 0
    sx: int
    x: int


class TopologyQubit(Document):
    """A qubit with its number (`id`), and its number on the chip (`physical_id`)."""

    id: int
    physical_id: int
    position: Position
    fidelity: float
    """Fidelity of X90, from interleaved benchmarking."""
    meas_error: MeasurementError
    qubit_lifetime: QubitLifetime
    gate_duration: QubitGateDuration

    @classmethod
    def from_qubit(cls, index: int, qubit: DeviceQubit) -> Self:
        """Return the qubit with this number in the device."""
        return cls(
            id=index,
            physical_id=int(qubit.qid),
            position=Position(x=qubit.x * _SPACING, y=qubit.y * _SPACING),
            fidelity=qubit.x90_fidelity,
            meas_error=MeasurementError(
                prob_meas1_prep0=1.0 - qubit.readout_fidelity_0,
                prob_meas0_prep1=1.0 - qubit.readout_fidelity_1,
                readout_assignment_error=qubit.readout_error,
            ),
            qubit_lifetime=QubitLifetime(t1=qubit.t1_us, t2=qubit.t2_echo_us),
            gate_duration=QubitGateDuration(sx=round(qubit.hpi_length_ns), x=round(qubit.pi_length_ns)),
        )


class CouplingGateDuration(Document):
    """Duration of ZX90, in ns."""

    rzx90: int


class TopologyCoupling(Document):
    """A coupling from its control to its target, by `id`."""

    control: int
    target: int
    fidelity: float
    """Fidelity of ZX90, from interleaved benchmarking."""
    gate_duration: CouplingGateDuration


class DeviceTopologyDocument(Document):
    """A device as OQTOPUS' device gateway reads it."""

    name: str
    device_id: str
    qubits: list[TopologyQubit]
    couplings: list[TopologyCoupling]
    calibrated_at: UtcDatetime
    simulated_time: UtcDatetime | None = None
    """Time of the home if its clock is simulated."""

    @classmethod
    def from_device(cls, device: UsableDevice) -> Self:
        """Return the file of a device."""
        return cls(
            name=device.name,
            device_id=device.device_id,
            qubits=[TopologyQubit.from_qubit(index, one) for index, one in enumerate(device.qubits)],
            couplings=[
                TopologyCoupling(
                    control=control,
                    target=target,
                    fidelity=one.zx90_fidelity,
                    gate_duration=CouplingGateDuration(rzx90=round(one.zx90_gate_time_ns)),
                )
                for one, (control, target) in zip(device.couplings, device.pairs, strict=True)
            ],
            calibrated_at=device.calibrated_at,
            simulated_time=device.simulated_time,
        )
