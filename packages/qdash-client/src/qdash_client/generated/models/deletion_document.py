from qdash_core.documents.chips import DeletionDocument as DeletionDocument
