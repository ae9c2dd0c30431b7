from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="DevicesDocument")


@_attrs_define
class DevicesDocument:
    """What twins can be made from, besides built-in topologies.

    Attributes:
        devices (list[str]):
    """

    devices: list[str]

    def to_dict(self) -> dict[str, Any]:
        devices = self.devices

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "devices": devices,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        devices = cast(list[str], d.pop("devices"))

        devices_document = cls(
            devices=devices,
        )

        return devices_document
