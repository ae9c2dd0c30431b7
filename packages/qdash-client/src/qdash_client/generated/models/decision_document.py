from qdash_core.documents.values import DecisionDocument as DecisionDocument
