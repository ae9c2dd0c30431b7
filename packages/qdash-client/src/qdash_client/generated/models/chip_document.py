from qdash_core.documents.chips import ChipDocument as ChipDocument
