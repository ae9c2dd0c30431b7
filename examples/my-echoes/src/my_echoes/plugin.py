"""Hook implementations of the plugin: a request, and a task that measures it."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_requests():
    from my_echoes.carr_purcell import CarrPurcell

    return [CarrPurcell]


@hookimpl
def qdash_tasks():
    from my_echoes.check_carr_purcell import CheckCarrPurcell

    return [CheckCarrPurcell]
