"""View model of the usable part of a chip, with the targets left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.hooks.usable_device import UsableDevice


class DeviceQubitDocument(Document):
    """A qubit of a device, with its number in the device (`id`) and its id on the chip (`qid`)."""

    id: int
    qid: str
    x: float
    y: float
    mux: int | None = None
    frequency_ghz: float
    t1_us: float
    t2_echo_us: float
    x90_fidelity: float
    x180_fidelity: float | None = None
    readout_fidelity_0: float
    readout_fidelity_1: float
    hpi_length_ns: float
    pi_length_ns: float
    readout_length_ns: float | None = None
    notes: list[str] | None = None
    """Values that are not trusted, with the reasons, and a T2 that is written as twice T1; absent if there are none."""


class DeviceCouplingDocument(Document):
    """A coupling of a device, from its control to its target, both as numbers in the device."""

    control: int
    target: int
    qid: str
    """Id on the chip."""
    zx90_fidelity: float
    zx90_gate_time_ns: float
    notes: list[str] | None = None
    """Values that are not trusted, with the reasons; absent if there are none."""


class LeftOutDocument(Document):
    """A qubit or coupling that is no part of a device, with the reason."""

    target: str
    reason: str


class DeviceDocument(Document):
    """The usable part of a chip as other programs use it, and the targets left out."""

    chip_id: str
    name: str
    device_id: str
    calibrated_at: UtcDatetime
    """Time of the newest value in it."""
    qubits: list[DeviceQubitDocument]
    couplings: list[DeviceCouplingDocument]
    left_out: list[LeftOutDocument]
    simulated_time: UtcDatetime | None = None
    """Time of the home if its clock is simulated."""

    @classmethod
    def from_device(cls, device: UsableDevice) -> Self:
        """Return the view model of a device."""
        return cls.from_record(
            device,
            qubits=[
                DeviceQubitDocument.from_record(one, id=index, notes=list(one.notes) or None)
                for index, one in enumerate(device.qubits)
            ],
            couplings=[
                DeviceCouplingDocument.from_record(
                    one, control=control, target=target, notes=list(one.notes) or None
                )
                for one, (control, target) in zip(device.couplings, device.pairs, strict=True)
            ],
        )
