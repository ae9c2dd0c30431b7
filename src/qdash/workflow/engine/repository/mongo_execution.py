"""Executions in the store of the settings under the import path of the original."""

from qdash.repository import MongoExecutionRepository

__all__ = ["MongoExecutionRepository"]
