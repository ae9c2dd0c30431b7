"""Collections of issues."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

ISSUE = Collection(
    "issue",
    ("project_id", "issue_id"),
    indexes=(
        ("project_id", "-updated_at"),
        ("project_id", "-created_at"),
        ("project_id", "state", "-updated_at"),
        ("project_id", "chip_id", "-updated_at"),
        ("project_id", "chip_id", "state", "-updated_at"),
        ("project_id", "username", "-updated_at"),
        ("project_id", "task", "-updated_at"),
        ("project_id", "task_id"),
        ("project_id", "execution_id"),
        ("project_id", "cooldown_id"),
    ),
    lists=("targets", "labels", "assignees", "metrics"),
    list_indexes=(
        ("project_id", "targets", "-updated_at"),
        ("project_id", "labels", "-updated_at"),
        ("project_id", "assignees", "-updated_at"),
        ("project_id", "metrics", "-updated_at"),
    ),
    text="words",
    text_order=("project_id", "-updated_at"),
    noun="issue",
    plural="issues",
    with_chip="kept",
    contents="issues",
    attached=True,
    references="use",
    model="qdash_builtin.issues.model:IssueModel",
)
ISSUE_EVENT = Collection(
    "issue_event",
    ("project_id", "issue", "number"),
    references="use",
    model="qdash_builtin.issues.model:IssueEventModel",
)
