from qdash_core.documents.tokens import NewTokenDocument as NewTokenDocument
