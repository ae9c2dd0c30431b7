from qdash_core.documents.targets import CouplingDocument as CouplingDocument
