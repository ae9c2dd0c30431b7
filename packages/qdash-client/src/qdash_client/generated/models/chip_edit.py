from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChipEdit")


@_attrs_define
class ChipEdit:
    """Changes of a chip; absent fields are unchanged.

    Attributes:
        topology_id (None | str | Unset): Name of a built-in topology with the qubits and couplings of the chip, which
            takes its positions and
            multiplexers.
        note (None | str | Unset):
    """

    topology_id: None | str | Unset = UNSET
    note: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        topology_id: None | str | Unset
        if isinstance(self.topology_id, Unset):
            topology_id = UNSET
        else:
            topology_id = self.topology_id

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if topology_id is not UNSET:
            field_dict["topology_id"] = topology_id
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_topology_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        topology_id = _parse_topology_id(d.pop("topology_id", UNSET))

        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))

        chip_edit = cls(
            topology_id=topology_id,
            note=note,
        )

        return chip_edit
