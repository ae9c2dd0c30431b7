"""CalibService, its targets and its steps."""

from qdash.workflow.service.calib_service import (
    CalibService,
    finish_calibration,
    get_session,
    init_calibration,
    on_flow_cancellation,
)
from qdash.workflow.service.execution_id import generate_execution_id
from qdash.workflow.service.github import ConfigFileType, GitHubIntegration, GitHubPushConfig
from qdash.workflow.service.session_context import (
    SessionContext,
    clear_current_session,
    get_current_session,
    set_current_session,
)
from qdash.workflow.service.steps import (
    CalibrationStep,
    ConfigureAll,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    GenerateCRSchedule,
    OneQubitCheck,
    OneQubitFineTune,
    Pipeline,
    Step,
    StepContext,
    TransformStep,
    TwoQubitCalibration,
)
from qdash.workflow.service.targets import (
    AllMuxTargets,
    CouplingTargets,
    MuxTargets,
    QubitTargets,
    Target,
)
from qdash.workflow.service.tasks import (
    CHECK_1Q_TASKS,
    FULL_1Q_TASKS,
    FULL_1Q_TASKS_AFTER_CHECK,
    FULL_2Q_TASKS,
)

__all__ = [
    "CHECK_1Q_TASKS",
    "FULL_1Q_TASKS",
    "FULL_1Q_TASKS_AFTER_CHECK",
    "FULL_2Q_TASKS",
    "AllMuxTargets",
    "CalibService",
    "CalibrationStep",
    "ConfigFileType",
    "ConfigureAll",
    "CouplingTargets",
    "CustomOneQubit",
    "CustomTwoQubit",
    "FilterByMetric",
    "FilterByStatus",
    "GenerateCRSchedule",
    "GitHubIntegration",
    "GitHubPushConfig",
    "MuxTargets",
    "OneQubitCheck",
    "OneQubitFineTune",
    "Pipeline",
    "QubitTargets",
    "SessionContext",
    "Step",
    "StepContext",
    "Target",
    "TransformStep",
    "TwoQubitCalibration",
    "clear_current_session",
    "finish_calibration",
    "generate_execution_id",
    "get_current_session",
    "get_session",
    "init_calibration",
    "on_flow_cancellation",
    "set_current_session",
]
