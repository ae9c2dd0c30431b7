from qdash_core.documents.leases import ReleasedDocument as ReleasedDocument
