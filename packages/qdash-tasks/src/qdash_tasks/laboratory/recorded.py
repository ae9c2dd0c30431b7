"""Old path of `qdash_tasks.laboratory.recorded_laboratory`."""

from __future__ import annotations

from qdash_core.moved_names import moved

__getattr__ = moved(
    __name__, {"RecordedLaboratory": "qdash_tasks.laboratory.recorded_laboratory:RecordedLaboratory"}
)
