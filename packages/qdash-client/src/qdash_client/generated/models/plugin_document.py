from qdash_core.documents.plugins import PluginDocument as PluginDocument
