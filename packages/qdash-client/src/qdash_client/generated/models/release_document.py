from qdash_core.documents.releases import ReleaseDocument as ReleaseDocument
