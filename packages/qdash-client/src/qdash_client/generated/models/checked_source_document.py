from qdash_core.documents.saved_flows import (
    CheckedSourceDocument as CheckedSourceDocument,
)
