"""Old import paths of models: each model is in the module of its operations now."""

from qdash_remote.old_models import add_old_paths

add_old_paths(__name__)
