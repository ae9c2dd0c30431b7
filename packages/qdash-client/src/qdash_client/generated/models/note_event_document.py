from qdash_core.documents.notes import NoteEventDocument as NoteEventDocument
