from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.devices_document_n_qubits import DevicesDocumentNQubits


T = TypeVar("T", bound="DevicesDocument")


@_attrs_define
class DevicesDocument:
    """View model of the devices that twins can be made from, besides built-in topologies.

    Attributes:
        devices (list[str]):
        n_qubits (DevicesDocumentNQubits): Number of qubits of each device.
    """

    devices: list[str]
    n_qubits: DevicesDocumentNQubits

    def to_dict(self) -> dict[str, Any]:
        devices = self.devices

        n_qubits = self.n_qubits.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "devices": devices,
                "n_qubits": n_qubits,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.devices_document_n_qubits import DevicesDocumentNQubits  # noqa: PLC0415

        d = dict(src_dict)
        devices = cast(list[str], d.pop("devices"))

        n_qubits = DevicesDocumentNQubits.from_dict(d.pop("n_qubits"))

        devices_document = cls(
            devices=devices,
            n_qubits=n_qubits,
        )

        return devices_document
