from qdash_core.documents.events import EventDocument as EventDocument
