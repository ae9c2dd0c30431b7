from qdash_core.documents.people import MeDocument as MeDocument
