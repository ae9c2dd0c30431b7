"""Old path of `qdash_tasks.laboratory.compiled_request`."""

from __future__ import annotations

from qdash_core.moved_names import moved

__getattr__ = moved(
    __name__,
    {
        "Compiled": "qdash_tasks.laboratory.compiled_request:Compiled",
        "Setup": "qdash_tasks.laboratory.compiled_request:Setup",
    },
)
