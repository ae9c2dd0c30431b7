"""Runners: the local one, and the process that performs a run."""

from qdash_core.moved_names import moved

__getattr__ = moved(
    __name__,
    {
        "WorksInPool": "qdash_core.hooks.runners:PoolRunner",
        "environment_of": "qdash_core.runners.process:make_environment",
    },
)
