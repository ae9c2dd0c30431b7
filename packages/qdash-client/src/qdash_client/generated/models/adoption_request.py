from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AdoptionRequest")


@_attrs_define
class AdoptionRequest:
    """Confirmation that simulated values become the chip's.

    Attributes:
        chip_id (str): Id of the chip, typed by the user.
    """

    chip_id: str

    def to_dict(self) -> dict[str, Any]:
        chip_id = self.chip_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "chip_id": chip_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        chip_id = d.pop("chip_id")

        adoption_request = cls(
            chip_id=chip_id,
        )

        return adoption_request
