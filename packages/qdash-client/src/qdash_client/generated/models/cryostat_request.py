from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.cryostat_status import CryostatStatus, check_cryostat_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="CryostatRequest")


@_attrs_define
class CryostatRequest:
    """Request to register a cryostat.

    Attributes:
        cryo_id (str):
        name (str | Unset):  Default: ''.
        manufacturer (str | Unset):  Default: ''.
        model (str | Unset):  Default: ''.
        location (str | Unset):  Default: ''.
        status (CryostatStatus | Unset): Operational status of a cryostat.
        commissioned_at (datetime.datetime | None | Unset):
        decommissioned_at (datetime.datetime | None | Unset):
    """

    cryo_id: str
    name: str | Unset = ""
    manufacturer: str | Unset = ""
    model: str | Unset = ""
    location: str | Unset = ""
    status: CryostatStatus | Unset = UNSET
    commissioned_at: datetime.datetime | None | Unset = UNSET
    decommissioned_at: datetime.datetime | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        cryo_id = self.cryo_id

        name = self.name

        manufacturer = self.manufacturer

        model = self.model

        location = self.location

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        commissioned_at: None | str | Unset
        if isinstance(self.commissioned_at, Unset):
            commissioned_at = UNSET
        elif isinstance(self.commissioned_at, datetime.datetime):
            commissioned_at = self.commissioned_at.isoformat()
        else:
            commissioned_at = self.commissioned_at

        decommissioned_at: None | str | Unset
        if isinstance(self.decommissioned_at, Unset):
            decommissioned_at = UNSET
        elif isinstance(self.decommissioned_at, datetime.datetime):
            decommissioned_at = self.decommissioned_at.isoformat()
        else:
            decommissioned_at = self.decommissioned_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cryo_id": cryo_id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if manufacturer is not UNSET:
            field_dict["manufacturer"] = manufacturer
        if model is not UNSET:
            field_dict["model"] = model
        if location is not UNSET:
            field_dict["location"] = location
        if status is not UNSET:
            field_dict["status"] = status
        if commissioned_at is not UNSET:
            field_dict["commissioned_at"] = commissioned_at
        if decommissioned_at is not UNSET:
            field_dict["decommissioned_at"] = decommissioned_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cryo_id = d.pop("cryo_id")

        name = d.pop("name", UNSET)

        manufacturer = d.pop("manufacturer", UNSET)

        model = d.pop("model", UNSET)

        location = d.pop("location", UNSET)

        _status = d.pop("status", UNSET)
        status: CryostatStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_cryostat_status(_status)

        def _parse_commissioned_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                commissioned_at_type_0 = datetime.datetime.fromisoformat(data)

                return commissioned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        commissioned_at = _parse_commissioned_at(d.pop("commissioned_at", UNSET))

        def _parse_decommissioned_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decommissioned_at_type_0 = datetime.datetime.fromisoformat(data)

                return decommissioned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        decommissioned_at = _parse_decommissioned_at(d.pop("decommissioned_at", UNSET))

        cryostat_request = cls(
            cryo_id=cryo_id,
            name=name,
            manufacturer=manufacturer,
            model=model,
            location=location,
            status=status,
            commissioned_at=commissioned_at,
            decommissioned_at=decommissioned_at,
        )

        return cryostat_request
