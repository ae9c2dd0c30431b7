from qdash_core.documents.tokens import TokenDocument as TokenDocument
