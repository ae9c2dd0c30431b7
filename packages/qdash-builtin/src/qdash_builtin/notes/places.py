"""Old import path of `NotePlace`."""

from qdash_core.moved_names import moved

__getattr__ = moved(__name__, {"NotePlace": "qdash_builtin.notes.note_places:NotePlace"})
