from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="NewValue")


@_attrs_define
class NewValue:
    """Value of a parameter with its standard deviation, if known.

    Attributes:
        value (float):
        error (float | None | Unset):
        unit (str | Unset): Must be the unit of the parameter; absent: that unit. Default: ''.
    """

    value: float
    error: float | None | Unset = UNSET
    unit: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        value = self.value

        error: float | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        unit = self.unit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "value": value,
            }
        )
        if error is not UNSET:
            field_dict["error"] = error
        if unit is not UNSET:
            field_dict["unit"] = unit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value = d.pop("value")

        def _parse_error(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        unit = d.pop("unit", UNSET)

        new_value = cls(
            value=value,
            error=error,
            unit=unit,
        )

        return new_value
