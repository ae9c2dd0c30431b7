from qdash_core.documents.leases import LocksDocument as LocksDocument
