from qdash_core.models.digest_request import DigestRequest as DigestRequest
