"""Models and documents of the original with their fields, as its page on the database declares them.

From the documentation of the original QDash (oqtopus-team/qdash, Apache-2.0), as facts of an interface. Fields of collections are in
`docs/reference_model.yaml`.
"""

_PARAMETER = "value value_type error unit description calibrated_at execution_id task_id"
_RESULT = (
    "project_id task_id name upstream_id status message input_parameters output_parameters output_parameter_names note "
    "figure_path json_figure_path raw_data_path start_at end_at elapsed_time task_type system_info"
)
_TARGET = "project_id username qid status chip_id data"

MODELS = {
    "SystemInfoModel": "created_at updated_at",
    "NoteModel": "content updated_by updated_at",
    "ProjectModel": "project_id owner_user_id owner_username name description tags system_info",
    "ProjectRole": "",
    "ProjectMembershipModel": "project_id user_id username role invited_by_user_id invited_by status system_info",
    "ChipModel": "chip_id project_id username size qubits couplings installed_at system_info",
    "QubitModel": _TARGET,
    "CouplingModel": _TARGET,
    "ExecutionStatusModel": "",
    "ExecutionModel": "project_id username name execution_id calib_data_path note status tags chip_id start_at end_at elapsed_time message "
    "system_info",
    "TaskStatusModel": "",
    "RunParameterModel": "unit value_type value description",
    "ParameterModel": _PARAMETER,
    "CalibDataModel": "qubit coupling",
    "BaseTaskResultModel": _RESULT,
    "SystemTaskModel": _RESULT,
    "GlobalTaskModel": _RESULT,
    "QubitTaskModel": f"{_RESULT} qid",
    "CouplingTaskModel": f"{_RESULT} qid",
    "TaskResultModel": "system_tasks global_tasks qubit_tasks coupling_tasks",
    "TaskModel": "username name backend description task_type input_parameters output_parameters",
    "BackendModel": "name username",
}
"""Fields of each model; none for enumerations."""

MEMBERS = {
    "ProjectRole": "owner editor viewer",
    "ExecutionStatusModel": "scheduled running completed failed cancelled",
    "TaskStatusModel": "scheduled running completed failed pending skipped cancelled",
}
"""Values of each enumeration."""

DERIVED = {
    "system_info": "created_at",
    "qubits": "size",
    "couplings": "size",
}
"""Fields that are no fields here, each with a field that stands for it; `docs/reference_model.yaml` has the reasons."""

DOCUMENTS = {
    "ProjectDocument": "project",
    "ProjectMembershipDocument": "project_membership",
    "ChipDocument": "chip",
    "QubitDocument": "qubit",
    "CouplingDocument": "coupling",
    "ExecutionHistoryDocument": "execution_history",
    "TaskResultHistoryDocument": "task_result_history",
    "QubitHistoryDocument": "qubit_history",
    "ChipHistoryDocument": "chip_history",
    "CouplingHistoryDocument": "coupling_history",
    "TaskDocument": "task",
    "BackendDocument": "backend",
    "UserDocument": "user",
    "TagDocument": "tag",
    "ExecutionLockDocument": "execution_lock",
    "ExecutionCounterDocument": "execution_counter",
    "CalibrationNoteDocument": "calibration_note",
    "FlowDocument": "flows",
    "MetricNoteDocument": "metric_note",
    "NoteEventDocument": "note_event",
    "CryostatDocument": "cryostat",
    "CooldownDocument": "cooldown",
}
"""Collection of each document class."""
