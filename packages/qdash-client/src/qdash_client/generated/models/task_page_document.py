from qdash_core.documents.tasks import TaskPageDocument as TaskPageDocument
