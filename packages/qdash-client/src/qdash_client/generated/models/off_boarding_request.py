from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="OffBoardingRequest")


@_attrs_define
class OffBoardingRequest:
    """Permanent off-boarding of a user.

    Attributes:
        to (None | str | Unset): New owner of the projects that the user owns.
        force (bool | Unset): False: refuse with a conflict that lists the consequences. Default: False.
    """

    to: None | str | Unset = UNSET
    force: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        to: None | str | Unset
        if isinstance(self.to, Unset):
            to = UNSET
        else:
            to = self.to

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if to is not UNSET:
            field_dict["to"] = to
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        to = _parse_to(d.pop("to", UNSET))

        force = d.pop("force", UNSET)

        off_boarding_request = cls(
            to=to,
            force=force,
        )

        return off_boarding_request
