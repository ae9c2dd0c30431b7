"""Times of a record under the import path of the original."""

from qdash_core.models.base import Record as SystemInfoModel

__all__ = ["SystemInfoModel"]
