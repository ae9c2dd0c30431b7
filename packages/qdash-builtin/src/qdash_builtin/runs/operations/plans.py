"""Operation for the preview of a run."""

from __future__ import annotations

from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.views.previews import PreviewDocument
from qdash_core.models.request import RunRequest
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("plans", place=400)


@operations.post("/plans", needs=RequiredRole.VIEWER, slow=True, reads=True, for_assistants=True)
def preview_run(call: Call, body: RunRequest) -> PreviewDocument:
    """Preview a run: its tasks, targets and the expected duration of each stage; nothing is written."""
    return PreviewDocument.from_preview(
        call.qdash.get(RUNS).preview(
            call.access, body, trusted_files=call.trusted_files, alone=call.trusted_files
        )
    )
