"""Steps of a flow."""

from qdash_core.flows.steps import (
    BringUp,
    ConfigureAll,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    GenerateCRSchedule,
    OneQubitCheck,
    OneQubitFineTune,
    SetCRSchedule,
    TwoQubitCalibration,
)

__all__ = [
    "BringUp",
    "ConfigureAll",
    "CustomOneQubit",
    "CustomTwoQubit",
    "FilterByMetric",
    "FilterByStatus",
    "GenerateCRSchedule",
    "OneQubitCheck",
    "OneQubitFineTune",
    "SetCRSchedule",
    "TwoQubitCalibration",
]
