"""Plugin of this distribution. Heavy modules are imported inside the functions."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_backends():
    from my_lab.backend import BenchBackend

    return [BenchBackend]


@hookimpl
def qdash_tasks():
    from my_lab.check_my_t1 import CheckMyT1

    return [CheckMyT1]
