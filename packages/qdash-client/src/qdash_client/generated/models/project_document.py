from qdash_core.documents.people import ProjectDocument as ProjectDocument
