from qdash_core.documents.results import RecordedResult as RecordedResult
