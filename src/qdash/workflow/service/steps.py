"""The steps of a flow."""

from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    OneQubitCheck,
    OneQubitFineTune,
)

__all__ = [
    "BringUp",
    "CustomOneQubit",
    "CustomTwoQubit",
    "FilterByMetric",
    "FilterByStatus",
    "OneQubitCheck",
    "OneQubitFineTune",
]
