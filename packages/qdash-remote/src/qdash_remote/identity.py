"""Logged-in user of a connection: the fields of the answer of `GET /auth/me` that clients read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope

PATH = "/auth/me"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)


class Membership(_Answer):
    """Role of the user in a project, or an invitation to it."""

    project_id: str
    role: ProjectRole
    status: Literal["pending", "active", "revoked"]
    invited_by: str | None = None


class User(_Answer):
    """The user, with their preferences and projects."""

    username: str
    full_name: str | None = None
    default_project_id: str | None = None
    time_zone: str | None = None
    theme: Literal["system", "light", "dark"]
    hides_guide: bool = False
    owns: list[str]
    projects: list[Membership]


class Token(_Answer):
    """The token of the connection, without its secret."""

    name: str
    scope: TokenScope


class Identity(_Answer):
    """The user, the token, and their role in the project of the connection."""

    user: User
    token: Token
    administers: bool
    project_id: str | None = None
    role: ProjectRole | None = None
