"""Old import paths of models, one module for each: `qdash_client.generated.models.note_request.NoteRequest`."""

from __future__ import annotations

import re
import sys
from types import ModuleType

from qdash_core.moved_names import moved

API = "qdash_client.generated.api"
HOMES = {
    f"{API}.auth:": "LoginRequest PasswordRequest PreferencesRequest SetUpRequest TokenRequest TokenScope",
    f"{API}.chips:": "ChipEdit ChipRequest DesignRequest",
    f"{API}.cooldowns:": "CooldownEdit CooldownRequest EndRequest",
    f"{API}.cryostats:": "CryostatEdit CryostatRequest CryostatStatus",
    f"{API}.digests:": "ShowDigestPageFormat",
    f"{API}.executions:": "AdoptionRequest ListExecutionsStatusItem ResultRerunRequest",
    f"{API}.flows:": "FlowRequest SourceRequest",
    f"{API}.health:": "HealthDocument ReadyDocument",
    f"{API}.members:": "InvitationRequest ProjectRole RoleRequest",
    f"{API}.metrics:": "Mode",
    f"{API}.note_events:": "NoteScope",
    f"{API}.notes:": "NoteRequest",
    f"{API}.plans:": "ChipScheduleKind",
    f"{API}.plugins_fake:": "DevicesDocument NewTwinDocument TwinRequest",
    f"{API}.projects:": "ProjectEdit ProjectRequest TransferRequest",
    f"{API}.provenance:": "TraceResultDirection TraceValueDirection",
    f"{API}.queue:": "QueueChange",
    f"{API}.releases:": "ReleaseRequest",
    f"{API}.reports:": "ReportFormat",
    f"{API}.results:": "Outcome RefitPreviewRequest RefitRequest TaskStatus Verdict",
    f"{API}.tags:": "TagRequest",
    f"{API}.targets:": "ExclusionRequest ExclusionRequestStatus",
    f"{API}.timetables:": "TimetableEdit TimetableRequest TimetableRequestMissed",
    f"{API}.users:": "OffBoardingRequest UserEdit UserRequest",
    f"{API}.value_scopes:": "ClosingRequest",
    f"{API}.values:": "DecisionRequest NewValue ReversionRequest UndoRequest UseRequest ValuesRequest",
    "builtins:dict": "RefitPreviewRequestOptions RefitRequestOptions TwinRequestOptions ValuesRequestValues"
    " DesignRequestCouplings DesignRequestQubits",
}
"""Names of models by their new module, or by the type that is used instead."""


def add_old_paths(package: str) -> None:
    """Add the old modules of the models to a package, so that each import from them warns."""
    for home, names in HOMES.items():
        for name in names.split():
            module = ModuleType(f"{package}.{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', name).lower()}")
            new_place = f"{home}{name}" if home.endswith(":") else home
            module.__getattr__ = moved(module.__name__, {name: new_place})  # type: ignore[method-assign]
            sys.modules[module.__name__] = module
