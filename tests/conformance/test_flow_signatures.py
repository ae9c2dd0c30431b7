"""Signatures of the interface that flows of the original use, as the original declares them."""

from __future__ import annotations

import importlib
import inspect

from ..case_tables import each_case

SERVICE = "qdash.workflow.service"
SIGNATURES = {
    "calib_service.CalibService": (
        "username chip_id qids execution_id backend_name name flow_name tags use_lock note enable_github_pull enable_github "
        "github_push_config muxes project_id skip_execution default_run_parameters source_execution_id parameter_overrides source_task_id "
        "force_update_params persist_output_parameters user_repo lock_repo counter_repo"
    ),
    "calib_service.CalibService.execute_task": "self task_name qid task_details upstream_id",
    "calib_service.CalibService.execute_task_batch": "self task_name qids task_details upstream_id",
    "calib_service.CalibService.get_parameter": "self qid param_name",
    "calib_service.CalibService.set_parameter": "self qid param_name value",
    "calib_service.CalibService.record_stage_result": "self stage_name result",
    "calib_service.CalibService.get_stage_result": "self stage_name",
    "calib_service.CalibService.finish_calibration": "self update_chip_history push_to_github export_note_to_file",
    "calib_service.CalibService.fail_calibration": "self error_message",
    "calib_service.CalibService.cancel_calibration": "self",
    "calib_service.CalibService.run": "self targets steps",
    "calib_service.init_calibration": (
        "username chip_id qids execution_id backend_name flow_name tags use_lock note enable_github_pull github_push_config muxes "
        "project_id"
    ),
    "calib_service.finish_calibration": "update_chip_history push_to_github export_note_to_file",
    "calib_service.on_flow_cancellation": "flow flow_run state",
    "execution_id.generate_execution_id": "username chip_id project_id counter_repo",
    "github.GitHubPushConfig": "enabled file_types params_file_names commit_message branch props_within_24hrs",
    "github.GitHubIntegration": "username chip_id execution_id",
    "results.QubitCalibData": "status metrics raw",
    "results.OneQubitResult": "qubits",
    "results.TwoQubitResult": "couplings",
    "results.FilterResult": "input_qids output_qids filter_criteria",
    "single_task_flow.single_task_executor": (
        "username chip_id qid task_name source_execution_id project_id flow_name tags source_task_id parameter_overrides update_params "
        "persist_output_parameters reconfigure"
    ),
    "steps.box_setup.ConfigureAll": "mux_ids",
    "steps.bringup.BringUp": "mode tasks resonator_assignment_pattern",
    "steps.bringup.ExperimentalSimultaneousBringUp": "resonator_mode qubit_mode simultaneous_spectroscopy_schedule_mode tasks",
    "steps.filters.FilterByMetric": "metric threshold",
    "steps.filters.FilterByStatus": "",
    "steps.one_qubit.CustomOneQubit": "step_name tasks mode",
    "steps.one_qubit.OneQubitCheck": "mode tasks configure",
    "steps.one_qubit.OneQubitFineTune": "mode tasks configure",
    "steps.pipeline.StepContext": "one_qubit_check one_qubit_fine_tune two_qubit filters candidate_qids candidate_couplings metadata",
    "steps.pipeline.Pipeline": "steps",
    "steps.two_qubit.CustomTwoQubit": "step_name tasks max_parallel_ops",
    "steps.two_qubit.SetCRSchedule": "schedule",
    "steps.two_qubit.GenerateCRSchedule": "max_parallel_ops inverse",
    "steps.two_qubit.TwoQubitCalibration": "tasks max_parallel_ops",
    "strategy.OneQubitConfig": "mux_ids exclude_qids tasks flow_name project_id qids simultaneous_spectroscopy_schedule_mode",
    "targets.MuxTargets": "mux_ids exclude_qids",
    "targets.QubitTargets": "qids",
    "targets.CouplingTargets": "pairs",
    "targets.AllMuxTargets": "exclude_qids",
}


@each_case(("path", "names"), SIGNATURES.items(), ids=SIGNATURES)
def test_the_arguments_are_those_of_the_original_in_its_order(path: str, names: str) -> None:
    parts = path.split(".")
    length = next(size for size in (2, 1) if _is_module(".".join(parts[:size])))
    found = importlib.import_module(f"{SERVICE}.{'.'.join(parts[:length])}")
    for name in parts[length:]:
        found = getattr(found, name)
    own = list(inspect.signature(found).parameters)
    assert own[: len(names.split())] == names.split()
    assert set(own[len(names.split()) :]) <= {"qdash", "progress"}


def _is_module(path: str) -> bool:
    try:
        importlib.import_module(f"{SERVICE}.{path}")
    except ModuleNotFoundError:
        return False
    return True
