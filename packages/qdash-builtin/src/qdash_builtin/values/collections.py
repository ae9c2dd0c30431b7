"""Collections of releases."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

RELEASE = Collection(
    "release",
    ("project_id", "chip_id", "name"),
    noun="release",
    plural="releases",
    with_chip="removed",
    references="use",
    model="qdash_builtin.values.release:ReleaseModel",
)
RELEASE_TARGET = Collection(
    "release_target",
    ("project_id", "chip_id", "name", "qid"),
    noun="target of a release",
    plural="targets of releases",
    with_chip="removed",
    references="origin",
    model="qdash_builtin.values.release:ReleaseTargetModel",
)
