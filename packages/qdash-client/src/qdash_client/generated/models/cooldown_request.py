from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CooldownRequest")


@_attrs_define
class CooldownRequest:
    """Request to start a cool-down, or to record a past one.

    Attributes:
        cooldown_id (str):
        cryo_id (str):
        description (str | Unset):  Default: ''.
        started_at (datetime.datetime | None | Unset): Start; absent: now.
        ended_at (datetime.datetime | None | Unset): End; absent: still in progress.
        chip_ids (list[str] | Unset):
    """

    cooldown_id: str
    cryo_id: str
    description: str | Unset = ""
    started_at: datetime.datetime | None | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    chip_ids: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        cooldown_id = self.cooldown_id

        cryo_id = self.cryo_id

        description = self.description

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        elif isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        elif isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        chip_ids: list[str] | Unset = UNSET
        if not isinstance(self.chip_ids, Unset):
            chip_ids = self.chip_ids

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cooldown_id": cooldown_id,
                "cryo_id": cryo_id,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if chip_ids is not UNSET:
            field_dict["chip_ids"] = chip_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cooldown_id = d.pop("cooldown_id")

        cryo_id = d.pop("cryo_id")

        description = d.pop("description", UNSET)

        def _parse_started_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        def _parse_ended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        chip_ids = cast(list[str], d.pop("chip_ids", UNSET))

        cooldown_request = cls(
            cooldown_id=cooldown_id,
            cryo_id=cryo_id,
            description=description,
            started_at=started_at,
            ended_at=ended_at,
            chip_ids=chip_ids,
        )

        return cooldown_request
