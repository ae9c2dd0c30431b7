"""Old path of `qdash_remote.event_stream`."""

from __future__ import annotations

from qdash_core.moved_names import moved

__getattr__ = moved(
    __name__,
    {name: f"qdash_remote.event_stream:{name}" for name in ("Gap", "SILENCE_S", "follow")},
)
