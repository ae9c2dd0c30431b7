"""Plugin of this distribution: the entity `fridge-reading` and an operation."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_entities():
    from my_fridge.readings import READINGS

    return [READINGS]


@hookimpl
def qdash_operations():
    from my_fridge.operations import operations

    return [operations]
