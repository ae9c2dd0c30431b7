"""Collection of timetables."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

TIMETABLE = Collection(
    "timetable",
    ("project_id", "name"),
    indexes=(("next_at",),),
    references="use",
    tags="request.tags",
    model="qdash_builtin.timetables.models.timetable:TimetableModel",
)
