from qdash_core.documents.chip_days import (
    DayComparisonDocument as DayComparisonDocument,
)
