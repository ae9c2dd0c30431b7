from qdash_core.documents.exchange import ImportDocument as ImportDocument
