from qdash_core.documents.metric_history import (
    HistoryPointDocument as HistoryPointDocument,
)
