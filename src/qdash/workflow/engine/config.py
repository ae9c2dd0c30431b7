"""Configuration of a session under the import path of the original."""

from qdash_core.record.config import CalibConfig

__all__ = ["CalibConfig"]
