from qdash_core.models.request import RunRequest as RunRequest
