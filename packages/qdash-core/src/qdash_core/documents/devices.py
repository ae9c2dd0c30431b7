"""View model of the usable part of a chip, with the targets left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.formats.usable_device import UsableDevice

_QUBIT: dict[str, Any] = {
    "id": 0,
    "qid": "4",
    "x": 0.0,
    "y": 1.0,
    "mux": 1,
    "frequency_ghz": 5.012,
    "t1_us": 81.5,
    "t2_echo_us": 102.3,
    "x90_fidelity": 0.9996,
    "readout_fidelity_0": 0.99,
    "readout_fidelity_1": 0.98,
    "hpi_length_ns": 32.0,
    "pi_length_ns": 32.0,
    "notes": ["t1 is doubtful: measured 8 d ago; the limit is 7 d"],
}
_COUPLING: dict[str, Any] = {
    "control": 1,
    "target": 0,
    "qid": "4-5",
    "zx90_fidelity": 0.992,
    "zx90_gate_time_ns": 240.0,
}
_LEFT_OUT: dict[str, Any] = {"target": "6", "reason": "no x90_gate_fidelity"}


class DeviceQubitDocument(Document):
    """A qubit of a device, with its number in the device (`id`) and its id on the chip (`qid`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_QUBIT]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [_COUPLING]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [_LEFT_OUT]})

    target: str
    reason: str


class DeviceDocument(Document):
    """The usable part of a chip as other programs use it, and the targets left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "64Qv3",
                    "name": "anemone",
                    "device_id": "anemone",
                    "calibrated_at": "2026-11-20T18:30:00Z",
                    "qubits": [_QUBIT],
                    "couplings": [_COUPLING],
                    "left_out": [_LEFT_OUT],
                }
            ]
        }
    )

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
