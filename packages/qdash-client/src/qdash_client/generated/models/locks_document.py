from qdash_core.documents.locks import LocksDocument as LocksDocument
