from qdash_core.documents.tasks import TaskDocument as TaskDocument
