from qdash_core.documents.targets import QubitDocument as QubitDocument
