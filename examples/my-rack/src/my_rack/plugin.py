"""Plugin of this distribution. The standard tasks come with `qdash-tasks`: none has to be written here."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_backends():
    from my_rack.backend import RackBackend

    return [RackBackend]
