from qdash_core.documents.layouts import WiringDocument as WiringDocument
