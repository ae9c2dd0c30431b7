"""A bench with one qubit as a plugin of QDash: it provides a backend, which supports the standard tasks."""

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_backends():
    from my_bench.bench import BenchBackend

    return [BenchBackend]
