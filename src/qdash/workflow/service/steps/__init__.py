"""Steps of a flow."""

from qdash.workflow.service.steps.base import CalibrationStep, Step, TransformStep
from qdash.workflow.service.steps.box_setup import ConfigureAll
from qdash.workflow.service.steps.bringup import BringUp, ExperimentalSimultaneousBringUp
from qdash.workflow.service.steps.filters import FilterByMetric, FilterByStatus
from qdash.workflow.service.steps.one_qubit import CustomOneQubit, OneQubitCheck, OneQubitFineTune
from qdash.workflow.service.steps.pipeline import Pipeline, StepContext
from qdash.workflow.service.steps.two_qubit import (
    CustomTwoQubit,
    GenerateCRSchedule,
    SetCRSchedule,
    TwoQubitCalibration,
)

__all__ = [
    "BringUp",
    "CalibrationStep",
    "ConfigureAll",
    "CustomOneQubit",
    "CustomTwoQubit",
    "ExperimentalSimultaneousBringUp",
    "FilterByMetric",
    "FilterByStatus",
    "GenerateCRSchedule",
    "OneQubitCheck",
    "OneQubitFineTune",
    "Pipeline",
    "SetCRSchedule",
    "Step",
    "StepContext",
    "TransformStep",
    "TwoQubitCalibration",
]
