from qdash_core.documents.chip_days import ChipDayHeader as ChipDayHeader
