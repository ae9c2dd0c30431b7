from qdash_core.documents.provenance import ImpactDocument as ImpactDocument
