from qdash_core.documents.audit import AuditDocument as AuditDocument
