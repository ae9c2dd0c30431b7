"""HTTP host that offers every service of the core to programs and users elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_api.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import an attribute on first use, since most `qdash` commands load this package but not FastAPI."""
    if name == "create_app":
        from qdash_api.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
