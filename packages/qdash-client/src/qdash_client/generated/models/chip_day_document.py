from qdash_core.documents.chip_days import ChipDayDocument as ChipDayDocument
