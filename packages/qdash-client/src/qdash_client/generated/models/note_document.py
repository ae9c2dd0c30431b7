from qdash_core.documents.notes import NoteDocument as NoteDocument
