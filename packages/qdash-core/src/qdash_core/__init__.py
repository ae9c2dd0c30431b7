"""QDash core: contracts, plugin manager, engine, stores and command line.

What a plugin or flow author needs is importable from here. Names are resolved when they are first used, so that a
light command does not pay for the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_core.application import QDash as QDash
    from qdash_core.application import open_qdash as open_qdash
    from qdash_core.backends.base import BackendContext as BackendContext
    from qdash_core.backends.base import BaseBackend as BaseBackend
    from qdash_core.backends.constraints import InstrumentConstraints as InstrumentConstraints
    from qdash_core.cli.plugin_commands import works_with_host as works_with_host
    from qdash_core.documents.base import CitedPart as CitedPart
    from qdash_core.documents.base import Column as Column
    from qdash_core.documents.base import Document as Document
    from qdash_core.documents.pages import PageOf as PageOf
    from qdash_core.entities.entity import Entity as Entity
    from qdash_core.entities.plugin_entity import declare_plugin_entity as declare_plugin_entity
    from qdash_core.entities.rules import EntityRules as EntityRules
    from qdash_core.errors import (
        AccessDeniedError as AccessDeniedError,
    )
    from qdash_core.errors import (
        AnalysisError as AnalysisError,
    )
    from qdash_core.errors import (
        AssistantError as AssistantError,
    )
    from qdash_core.errors import (
        BackendError as BackendError,
    )
    from qdash_core.errors import (
        CancelledError as CancelledError,
    )
    from qdash_core.errors import (
        ConflictError as ConflictError,
    )
    from qdash_core.errors import (
        FlowError as FlowError,
    )
    from qdash_core.errors import (
        IllegalTransitionError as IllegalTransitionError,
    )
    from qdash_core.errors import (
        InvalidInputError as InvalidInputError,
    )
    from qdash_core.errors import (
        LockedError as LockedError,
    )
    from qdash_core.errors import (
        MissingInputError as MissingInputError,
    )
    from qdash_core.errors import (
        NoSignalError as NoSignalError,
    )
    from qdash_core.errors import (
        NotFoundError as NotFoundError,
    )
    from qdash_core.errors import (
        PluginError as PluginError,
    )
    from qdash_core.errors import (
        QDashError as QDashError,
    )
    from qdash_core.errors import (
        StaleError as StaleError,
    )
    from qdash_core.errors import (
        StoreError as StoreError,
    )
    from qdash_core.errors import (
        StoreUnavailableError as StoreUnavailableError,
    )
    from qdash_core.errors import (
        TaskStuckError as TaskStuckError,
    )
    from qdash_core.errors import (
        TaskTimeoutError as TaskTimeoutError,
    )
    from qdash_core.features import EventKind as EventKind
    from qdash_core.features import Feature as Feature
    from qdash_core.features import FeaturePage as FeaturePage
    from qdash_core.features import Service as Service
    from qdash_core.flows.prefect import on_flow_cancellation as on_flow_cancellation
    from qdash_core.flows.service import CalibService as CalibService
    from qdash_core.hooks.flows import FlowTemplate as FlowTemplate
    from qdash_core.hooks.manager import Registry as Registry
    from qdash_core.hooks.manager import load_plugins as load_plugins
    from qdash_core.models.base import UtcDatetime as UtcDatetime
    from qdash_core.models.editable import Editable as Editable
    from qdash_core.models.estimates import Parameter as Parameter
    from qdash_core.models.plugin_record import PluginRecord as PluginRecord
    from qdash_core.models.project import ProjectRole as ProjectRole
    from qdash_core.models.raw_data import RawData as RawData
    from qdash_core.models.reference_fields import RefersTo as RefersTo
    from qdash_core.models.references import RecordKind as RecordKind
    from qdash_core.models.strategies import StrategySelection as StrategySelection
    from qdash_core.operations.bodies import Body as Body
    from qdash_core.operations.bodies import Filter as Filter
    from qdash_core.operations.call import Call as Call
    from qdash_core.operations.command import Command as Command
    from qdash_core.operations.plugin_operations import PluginOperations as PluginOperations
    from qdash_core.operations.required_role import RequiredRole as RequiredRole
    from qdash_core.plugin_markers import PLUGIN_API as PLUGIN_API
    from qdash_core.plugin_markers import hookimpl as hookimpl
    from qdash_core.record.config import CalibConfig as CalibConfig
    from qdash_core.record.events import record_event as record_event
    from qdash_core.repositories.collection import Collection as Collection
    from qdash_core.sections import Section as Section
    from qdash_core.sections import SectionSubject as SectionSubject
    from qdash_core.session.orchestrator import CalibOrchestrator as CalibOrchestrator
    from qdash_core.settings import Settings as Settings
    from qdash_core.tasks.base import (
        BaseTask as BaseTask,
    )
    from qdash_core.tasks.base import (
        RunContext as RunContext,
    )
    from qdash_core.tasks.base import (
        TaskOutput as TaskOutput,
    )
    from qdash_core.tasks.parameters import (
        ArrayDeclaration as ArrayDeclaration,
    )
    from qdash_core.tasks.parameters import (
        FeatureDeclaration as FeatureDeclaration,
    )
    from qdash_core.tasks.parameters import (
        InputParameter as InputParameter,
    )
    from qdash_core.tasks.parameters import (
        OutputParameter as OutputParameter,
    )
    from qdash_core.tasks.run_parameters import (
        AnalysisOption as AnalysisOption,
    )
    from qdash_core.tasks.run_parameters import (
        RunParameter as RunParameter,
    )

_HOMES = {
    "application": ("QDash", "open_qdash"),
    "backends.base": ("BackendContext", "BaseBackend"),
    "backends.constraints": ("InstrumentConstraints",),
    "cli.plugin_commands": ("works_with_host",),
    "documents.base": ("CitedPart", "Column", "Document"),
    "documents.pages": ("PageOf",),
    "entities.entity": ("Entity",),
    "entities.plugin_entity": ("declare_plugin_entity",),
    "entities.rules": ("EntityRules",),
    "errors": (
        "AccessDeniedError",
        "AnalysisError",
        "AssistantError",
        "BackendError",
        "CancelledError",
        "ConflictError",
        "FlowError",
        "IllegalTransitionError",
        "InvalidInputError",
        "LockedError",
        "MissingInputError",
        "NoSignalError",
        "NotFoundError",
        "PluginError",
        "QDashError",
        "StaleError",
        "StoreError",
        "StoreUnavailableError",
        "TaskStuckError",
        "TaskTimeoutError",
    ),
    "operations.bodies": ("Body", "Filter"),
    "operations.call": ("Call",),
    "operations.command": ("Command",),
    "operations.plugin_operations": ("PluginOperations",),
    "operations.required_role": ("RequiredRole",),
    "record.config": ("CalibConfig",),
    "record.events": ("record_event",),
    "session.orchestrator": ("CalibOrchestrator",),
    "flows.prefect": ("on_flow_cancellation",),
    "flows.service": ("CalibService",),
    "features": ("EventKind", "Feature", "FeaturePage", "Service"),
    "hooks.flows": ("FlowTemplate",),
    "hooks.manager": ("Registry", "load_plugins"),
    "repositories.collection": ("Collection",),
    "sections": ("Section", "SectionSubject"),
    "plugin_markers": ("PLUGIN_API", "hookimpl"),
    "models.base": ("UtcDatetime",),
    "models.editable": ("Editable",),
    "models.estimates": ("Parameter",),
    "models.plugin_record": ("PluginRecord",),
    "models.reference_fields": ("RefersTo",),
    "models.project": ("ProjectRole",),
    "models.raw_data": ("RawData",),
    "models.references": ("RecordKind",),
    "models.strategies": ("StrategySelection",),
    "settings": ("Settings",),
    "tasks.base": ("BaseTask", "RunContext", "TaskOutput"),
    "tasks.parameters": ("ArrayDeclaration", "FeatureDeclaration", "InputParameter", "OutputParameter"),
    "tasks.run_parameters": ("AnalysisOption", "RunParameter"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*sorted(_HOME_OF)]  # noqa: PLE0604  names come from one table


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__]
