from qdash_core.documents.raw_data import RawDataDocument as RawDataDocument
