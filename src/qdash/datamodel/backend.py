"""Backends of a project under the import path of the original."""

from qdash_core.models.project import BackendModel

__all__ = ["BackendModel"]
