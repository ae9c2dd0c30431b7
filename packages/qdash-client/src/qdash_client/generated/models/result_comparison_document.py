from qdash_core.documents.result_comparisons import (
    ResultComparisonDocument as ResultComparisonDocument,
)
