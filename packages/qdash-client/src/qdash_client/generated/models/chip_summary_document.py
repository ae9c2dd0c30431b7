from qdash_core.documents.metric_summaries import (
    ChipSummaryDocument as ChipSummaryDocument,
)
