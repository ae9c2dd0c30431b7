from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.project_role import ProjectRole, check_project_role
from ..types import UNSET, Unset

T = TypeVar("T", bound="InvitationRequest")


@_attrs_define
class InvitationRequest:
    """Invited user, with the intended role.

    Attributes:
        username (str):
        role (ProjectRole | Unset): Role of a member, which determines the member's rights.
    """

    username: str
    role: ProjectRole | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        username = self.username

        role: str | Unset = UNSET
        if not isinstance(self.role, Unset):
            role = self.role

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "username": username,
            }
        )
        if role is not UNSET:
            field_dict["role"] = role

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        username = d.pop("username")

        _role = d.pop("role", UNSET)
        role: ProjectRole | Unset
        if isinstance(_role, Unset):
            role = UNSET
        else:
            role = check_project_role(_role)

        invitation_request = cls(
            username=username,
            role=role,
        )

        return invitation_request
