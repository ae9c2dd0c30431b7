"""Plans: what a run would do, before it begins."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.routes import Routes
from qdash_core.documents.previews import PreviewDocument
from qdash_core.models.request import RunRequest

routes = Routes("plans")


@routes.post("/plans", needs=Needs.VIEWER, answers=PreviewDocument, slow=True)
def preview_run(call: Call, asked: RunRequest) -> PreviewDocument:
    """What a run would measure on what, and how long each stage is expected to take; nothing is written."""
    return PreviewDocument.of(call.qdash.runs.preview(call.access, asked, trusted_files=False))
