"""Stored models under the names of the original."""

from qdash.datamodel.backend import BackendModel
from qdash.datamodel.calibration_note import CalibrationNoteModel
from qdash.datamodel.chip import ChipModel
from qdash.datamodel.coupling import CouplingModel
from qdash.datamodel.execution import ExecutionModel, ExecutionStatusModel
from qdash.datamodel.note import NoteModel
from qdash.datamodel.project import ProjectMembershipModel, ProjectModel, ProjectRole
from qdash.datamodel.qubit import QubitModel
from qdash.datamodel.system_info import SystemInfoModel
from qdash.datamodel.task import (
    BaseTaskResultModel,
    CalibDataModel,
    CouplingTaskModel,
    GlobalTaskModel,
    ParameterModel,
    QubitTaskModel,
    RunParameterModel,
    SystemTaskModel,
    TaskModel,
    TaskResultModel,
    TaskStatusModel,
)

__all__ = [
    "BackendModel",
    "BaseTaskResultModel",
    "CalibDataModel",
    "CalibrationNoteModel",
    "ChipModel",
    "CouplingModel",
    "CouplingTaskModel",
    "ExecutionModel",
    "ExecutionStatusModel",
    "GlobalTaskModel",
    "NoteModel",
    "ParameterModel",
    "ProjectMembershipModel",
    "ProjectModel",
    "ProjectRole",
    "QubitModel",
    "QubitTaskModel",
    "RunParameterModel",
    "SystemInfoModel",
    "SystemTaskModel",
    "TaskModel",
    "TaskResultModel",
    "TaskStatusModel",
]
