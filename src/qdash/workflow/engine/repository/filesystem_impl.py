"""Raw data as files under the import path of the original."""

from qdash.repository import FilesystemCalibDataSaver

__all__ = ["FilesystemCalibDataSaver"]
