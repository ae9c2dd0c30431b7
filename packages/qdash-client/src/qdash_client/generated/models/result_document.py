from qdash_core.documents.results import ResultDocument as ResultDocument
