from qdash_core.documents.previews import PreviewDocument as PreviewDocument
