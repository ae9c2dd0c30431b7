from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.exclusion_request_status import (
    ExclusionRequestStatus,
    check_exclusion_request_status,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ExclusionRequest")


@_attrs_define
class ExclusionRequest:
    """Exclusion of a qubit or coupling from measurement, with its reason.

    Attributes:
        note (str):
        status (ExclusionRequestStatus | Unset):  Default: 'excluded'.
    """

    note: str
    status: ExclusionRequestStatus | Unset = "excluded"

    def to_dict(self) -> dict[str, Any]:
        note = self.note

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "note": note,
            }
        )
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        note = d.pop("note")

        _status = d.pop("status", UNSET)
        status: ExclusionRequestStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_exclusion_request_status(_status)

        exclusion_request = cls(
            note=note,
            status=status,
        )

        return exclusion_request
