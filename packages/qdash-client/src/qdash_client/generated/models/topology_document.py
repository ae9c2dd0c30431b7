from qdash_core.documents.layouts import TopologyDocument as TopologyDocument
