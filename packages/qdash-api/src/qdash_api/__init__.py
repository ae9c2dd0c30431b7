"""The HTTP host: every service of the core for programs and people elsewhere."""

from qdash_api.app import create_app

__all__ = ["create_app"]
