"""Steps on couplings under the import path of the original."""

from qdash_core.flows.steps import CustomTwoQubit, GenerateCRSchedule, SetCRSchedule, TwoQubitCalibration

__all__ = ["CustomTwoQubit", "GenerateCRSchedule", "SetCRSchedule", "TwoQubitCalibration"]
