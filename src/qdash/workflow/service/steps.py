"""The steps of a flow."""

from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    OneQubitCheck,
)

__all__ = ["BringUp", "CustomOneQubit", "CustomTwoQubit", "FilterByMetric", "FilterByStatus", "OneQubitCheck"]
