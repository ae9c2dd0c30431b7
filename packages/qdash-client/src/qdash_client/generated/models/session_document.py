from qdash_core.documents.tokens import SessionDocument as SessionDocument
