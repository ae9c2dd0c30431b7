from qdash_core.documents.digests import DigestDocument as DigestDocument
