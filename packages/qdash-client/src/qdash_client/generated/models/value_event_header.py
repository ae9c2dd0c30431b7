from qdash_core.documents.values import ValueEventHeader as ValueEventHeader
