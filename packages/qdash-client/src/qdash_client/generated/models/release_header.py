from qdash_core.documents.releases import ReleaseHeader as ReleaseHeader
