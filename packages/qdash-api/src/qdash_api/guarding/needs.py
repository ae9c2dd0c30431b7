"""What a route asks of its caller."""

from __future__ import annotations

from enum import StrEnum


class Needs(StrEnum):
    """The least that a caller has to be; `OPEN` asks for no token, and `SELF` for any good one."""

    OPEN = "open"
    SELF = "self"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"
