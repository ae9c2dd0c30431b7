from qdash_core.documents.impacts import ImpactDocument as ImpactDocument
