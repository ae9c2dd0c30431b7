"""The HTTP host: every service of the core for programs and people elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_api.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: every command of `qdash` reads the plugin beside this module, and few need FastAPI."""
    if name == "create_app":
        from qdash_api.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
