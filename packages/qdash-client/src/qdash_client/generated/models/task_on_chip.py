from qdash_core.documents.tasks import TaskOnChip as TaskOnChip
