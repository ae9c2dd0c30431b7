from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.values_request_values import ValuesRequestValues


T = TypeVar("T", bound="ValuesRequest")


@_attrs_define
class ValuesRequest:
    """Values of a qubit or coupling, set by hand.

    Attributes:
        values (ValuesRequestValues):
        reason (str):
    """

    values: ValuesRequestValues
    reason: str

    def to_dict(self) -> dict[str, Any]:
        values = self.values.to_dict()

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "values": values,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.values_request_values import ValuesRequestValues  # noqa: PLC0415

        d = dict(src_dict)
        values = ValuesRequestValues.from_dict(d.pop("values"))

        reason = d.pop("reason")

        values_request = cls(
            values=values,
            reason=reason,
        )

        return values_request
