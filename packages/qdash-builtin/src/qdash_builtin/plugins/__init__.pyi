from qdash_builtin.plugins.operations import list_plugins as list_plugins
