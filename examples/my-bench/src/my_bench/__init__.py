"""A bench with one qubit, as a plugin of QDash: what it gives is a backend, and with it come the standard tasks."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_backends():
    from my_bench.bench import BenchBackend

    return [BenchBackend]
