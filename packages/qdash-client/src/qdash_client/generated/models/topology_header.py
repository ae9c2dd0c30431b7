from qdash_core.documents.layouts import TopologyHeader as TopologyHeader
