from qdash_core.documents.backends import BackendDocument as BackendDocument
