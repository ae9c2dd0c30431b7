from qdash_core.documents.tags import TagDocument as TagDocument
