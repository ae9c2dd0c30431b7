"""Old import paths of models, one module for each: `qdash_remote.generated.models.note_request.NoteRequest`."""

from __future__ import annotations

import re
import sys
from types import ModuleType

from qdash_core.moved_names import moved

TAGS = {
    "auth": "LoginRequest PasswordRequest PreferencesRequest SetUpRequest TokenRequest TokenScope",
    "chips": "ChipEdit ChipRequest DesignRequest",
    "cooldowns": "CooldownEdit CooldownRequest EndRequest",
    "cryostats": "CryostatEdit CryostatRequest CryostatStatus",
    "digests": "ShowDigestPageFormat",
    "executions": "AdoptionRequest ListExecutionsStatusItem ResultRerunRequest",
    "flows": "FlowRequest SourceRequest",
    "health": "HealthDocument ReadyDocument",
    "members": "InvitationRequest ProjectRole RoleRequest",
    "metrics": "Mode",
    "note_events": "NoteScope",
    "notes": "NoteRequest",
    "plans": "ChipScheduleKind",
    "plugins_fake": "DevicesDocument NewTwinDocument TwinRequest",
    "projects": "ProjectEdit ProjectRequest TransferRequest",
    "provenance": "TraceResultDirection TraceValueDirection",
    "queue": "QueueChange",
    "releases": "ReleaseRequest",
    "reports": "ReportFormat",
    "results": "Outcome RefitPreviewRequest RefitRequest TaskStatus Verdict",
    "tags": "TagRequest",
    "targets": "ExclusionRequest ExclusionRequestStatus",
    "timetables": "TimetableEdit TimetableRequest TimetableRequestMissed",
    "users": "OffBoardingRequest UserEdit UserRequest",
    "value_scopes": "ClosingRequest",
    "values": "DecisionRequest NewValue ReversionRequest UndoRequest UseRequest ValuesRequest",
}
"""Models by the tag of the operations that use them."""
MAPPINGS = (
    "DesignRequestCouplings DesignRequestQubits RefitPreviewRequestOptions RefitRequestOptions TwinRequestOptions"
    " ValuesRequestValues"
)
"""Mappings that were classes: a dictionary is used instead."""


def add_old_paths(package: str) -> None:
    """Add the old modules of the models to a package. An import from one of them warns."""
    new_places = dict.fromkeys(MAPPINGS.split(), "builtins:dict")
    for tag, names in TAGS.items():
        new_places |= {name: f"qdash_remote.generated.api.{tag}:{name}" for name in names.split()}
    for name, new_place in new_places.items():
        module = ModuleType(f"{package}.{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', name).lower()}")
        module.__getattr__ = moved(module.__name__, {name: new_place})  # type: ignore[method-assign]
        sys.modules[module.__name__] = module
