from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.project_role import ProjectRole, check_project_role

T = TypeVar("T", bound="RoleRequest")


@_attrs_define
class RoleRequest:
    """New role of a member.

    Attributes:
        role (ProjectRole): Role of a member, which determines the member's rights.
    """

    role: ProjectRole

    def to_dict(self) -> dict[str, Any]:
        role: str = self.role

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = check_project_role(d.pop("role"))

        role_request = cls(
            role=role,
        )

        return role_request
