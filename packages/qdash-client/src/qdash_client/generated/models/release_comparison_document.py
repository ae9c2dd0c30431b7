from qdash_core.documents.releases import (
    ReleaseComparisonDocument as ReleaseComparisonDocument,
)
