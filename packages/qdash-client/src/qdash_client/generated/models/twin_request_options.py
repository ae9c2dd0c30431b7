from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.twin_request_options_additional_property_type_3 import (
        TwinRequestOptionsAdditionalPropertyType3,
    )


T = TypeVar("T", bound="TwinRequestOptions")


@_attrs_define
class TwinRequestOptions:
    """Faults of the twin, by the names of `qdash twin create`."""

    additional_properties: dict[str, bool | float | str | TwinRequestOptionsAdditionalPropertyType3] = (
        _attrs_field(init=False, factory=dict)
    )

    def to_dict(self) -> dict[str, Any]:
        from ..models.twin_request_options_additional_property_type_3 import (
            TwinRequestOptionsAdditionalPropertyType3,  # noqa: PLC0415
        )

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, TwinRequestOptionsAdditionalPropertyType3):
                field_dict[prop_name] = prop.to_dict()
            else:
                field_dict[prop_name] = prop

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.twin_request_options_additional_property_type_3 import (
            TwinRequestOptionsAdditionalPropertyType3,  # noqa: PLC0415
        )

        d = dict(src_dict)
        twin_request_options = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(
                data: object,
            ) -> bool | float | str | TwinRequestOptionsAdditionalPropertyType3:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    additional_property_type_3 = TwinRequestOptionsAdditionalPropertyType3.from_dict(data)

                    return additional_property_type_3
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(bool | float | str | TwinRequestOptionsAdditionalPropertyType3, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        twin_request_options.additional_properties = additional_properties
        return twin_request_options

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> bool | float | str | TwinRequestOptionsAdditionalPropertyType3:
        return self.additional_properties[key]

    def __setitem__(
        self, key: str, value: bool | float | str | TwinRequestOptionsAdditionalPropertyType3
    ) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
