from qdash_core.documents.comparisons import (
    PointComparisonDocument as PointComparisonDocument,
)
