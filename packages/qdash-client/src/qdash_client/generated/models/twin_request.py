from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.twin_request_options import TwinRequestOptions


T = TypeVar("T", bound="TwinRequest")


@_attrs_define
class TwinRequest:
    """Request for a twin and its chip.

    Attributes:
        chip_id (str):
        device (str): Device, or built-in topology for which all parameters are drawn at random; not a file.
        seed (int | Unset): Seed for the parameters that are not in the table. Default: 0.
        options (TwinRequestOptions | Unset): Faults of the twin, by the names of `qdash twin create`.
    """

    chip_id: str
    device: str
    seed: int | Unset = 0
    options: TwinRequestOptions | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        chip_id = self.chip_id

        device = self.device

        seed = self.seed

        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "chip_id": chip_id,
                "device": device,
            }
        )
        if seed is not UNSET:
            field_dict["seed"] = seed
        if options is not UNSET:
            field_dict["options"] = options

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.twin_request_options import TwinRequestOptions  # noqa: PLC0415

        d = dict(src_dict)
        chip_id = d.pop("chip_id")

        device = d.pop("device")

        seed = d.pop("seed", UNSET)

        _options = d.pop("options", UNSET)
        options: TwinRequestOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = TwinRequestOptions.from_dict(_options)

        twin_request = cls(
            chip_id=chip_id,
            device=device,
            seed=seed,
            options=options,
        )

        return twin_request
