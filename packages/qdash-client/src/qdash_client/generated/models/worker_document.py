from qdash_core.documents.queue import WorkerDocument as WorkerDocument
