from qdash_core.documents.newest_results import (
    NewestResultsDocument as NewestResultsDocument,
)
