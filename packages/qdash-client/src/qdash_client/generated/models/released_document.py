from qdash_core.documents.locks import ReleasedDocument as ReleasedDocument
