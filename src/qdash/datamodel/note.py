"""Notes under the import path of the original."""

from qdash_core.models.base import Note as NoteModel

__all__ = ["NoteModel"]
