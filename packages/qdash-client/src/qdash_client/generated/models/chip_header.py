from qdash_core.documents.chips import ChipHeader as ChipHeader
