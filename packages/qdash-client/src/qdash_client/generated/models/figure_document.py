from qdash_core.documents.pictures import FigureDocument as FigureDocument
