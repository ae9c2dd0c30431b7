"""Access argument of services: every interface must pass the access of the user to all reads and changes of a
project.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import AccessDeniedError
from qdash_core.features import Service, list_known_features
from qdash_core.models.project import ProjectRole
from qdash_core.runs.feature import RUNS

from ...access import access_of
from ..bench import make_task

if TYPE_CHECKING:
    from qdash_core.application import QDash

    from ..conftest import MakeBench

NOT_OF_A_PROJECT = {
    "answers.count_running", "answers.stop",  # of the process
    "audit_log.list_all", "audit_log.read_all", "configuration.explain_absence", "audit_log.record_login", "audit_log.record_objects", "audit_log.record_request", "audit_log.record_response", "authenticator", "logins",
    "metrics.file", "queue.list_workers", "runs.queue", "tokens", "users",
    "runs.perform", "runs.perform_with_runner",  # called by a worker's process, for submitted runs
    "timetable_clock.handle_due", "timetable_clock.wait_for_activities",  # called by a worker, for due occurrences
    "pruner",  # called by users with access to the home, and by workers for the timetables of owners
    "monitoring",  # of the whole home; targets only of the caller's projects
}  # fmt: skip
READING = {
    "chip_days.page", "chip_days.show",
    "comparisons.compare", "comparisons.read_state", "digests.make", "chips.check_new", "chips.of_project", "chips.describe_deletion",
    "chips.design", "chips.list_by_project", "chips.show", "cooldowns.list_by_chip", "contexts.make", "contexts.make_chip_context",
    "contexts.make_result_context", "contexts.make_target_context", "contexts.resolve",
    "explanations.explain", "explanations.explain_execution", "explanations.explain_result", "explanations.explain_target",
    "cooldowns.list_by_cryostat", "cooldowns.list_by_project", "cooldowns.list_chips", "cooldowns.show", "cryostats.list_by_project", "cryostats.show", "exchange.compare", "exchange.compare_contents", "exchange.describe_device", "exchange.export", "exchange.list_formats", "executions.list_executions", "executions.select_results", "executions.count_failed_tasks", "executions.require_id", "executions.resolve_id", "executions.newest", "executions.page",
    "executions.get_progress", "executions.get_header", "executions.show", "executions.get_timings", "backends.list_by_project", "logs.page", "queue.get_chip_runs", "queue.page", "queue.show",
    "explanations.find_likely_cause", "files.check", "files.compare", "files.get_status", "files.list_files", "files.list_roots", "files.list_versions", "files.open", "files.preview",
    "saved_flows.check_source", "saved_flows.report_source", "saved_flows.find_save_obstacle", "saved_flows.list_by_project", "saved_flows.list_deleted", "saved_flows.get_deleted", "saved_flows.get_versions_page", "saved_flows.show", "saved_flows.get_version", "metrics.get_file", "metrics.get_statistics", "metrics.get_stored", "metrics.get_trends", "metrics.list_marks", "metrics.get_judged_chip", "metrics.get_judged_states", "metrics.select", "metrics.summarise", "metrics.summarise_attention", "metrics.values",
    "answers.get_status", "conversations.page", "conversations.resolve_id", "conversations.show",
    "issues.count", "issues.list_changed_since", "issues.find_similar", "issues.find_similar_to_result", "issues.list_events", "issues.list_open_by_chip", "issues.page", "issues.page_events", "issues.show",
    "notes.get_event", "metric_notes.list_by_chip", "notes.list_noted_results", "notes.list_chip_events", "notes.list_target_events", "notes.list_chip_notes",
    "notes.show", "metric_notes.show", "provenance.find_impact", "provenance.trace_result", "provenance.trace_value", "queue.list_entries", "results.compare", "results.count", "results.figure", "results.preview_refit", "results.resolve_id",
    "specifications.propose", "runs.get_catalogue", "runs.list_task_inputs", "runs.list_completed_results", "runs.end_dead", "runs.follow", "runs.read_changes", "runs.list_interrupted", "runs.preview", "runs.estimate_s", "runs.submissions.rerun", "runs.submissions.rerun_result", "runs.schedule", "runs.wait",
    "tags.list_by_project",
    "citations.check_answer", "citations.resolve", "proposals.describe_drafter", "proposals.list_actions",
    "calibration_notes.get_latest", "calibration_notes.page", "calibration_notes.show",
    "chips.get_header", "chips.page", "chips.get_stored", "targets.show", "chips.get_version", "cooldowns.page", "cryostats.page",
    "events.page", "events.get_position", "events.list_since", "metrics.get_history", "metrics.get_history_page",
    "notes.get_events_page", "notes.get_timeline_page", "metric_notes.page", "notes.get_noted_results_page", "notes.get_chip_notes_page",
    "results.make_archive", "results.summarise_newest", "results.page", "results.load_raw_data", "results.open_raw_data_file", "results.show", "results.make_task_record", "results.make_thumbnail",
    "results.make_thumbnails", "tags.page", "tags.get_use_page",
    "review.count", "review.list_ids", "review.page", "review.show",
    "timetables.list_by_project", "timetables.page", "timetables.show",
    "value_scopes.list_by_chip", "value_scopes.show",
    "values.list_events", "values.show_event",
    "reports.make", "reports.resolve",
    "releases.export", "releases.list_by_chip", "releases.show",
}  # fmt: skip
OF_AUTHORS = {"conversations.delete"}
"""Changes of the caller's own records, with any role."""


def list_services() -> dict[str, Service[Any]]:
    """Return the services that features declare, by the names of their keys."""
    declared = {service for feature in list_known_features() for service in feature.services}
    modules = [module for name, module in sys.modules.items() if name.endswith(".feature")]
    named = {
        name.lower(): one
        for module in modules
        for name, one in vars(module).items()
        if isinstance(one, Service)
    }
    assert {*named.values()} == declared
    return named


def list_methods(qdash: QDash) -> dict[str, Any]:
    """Return the methods that interfaces call, by service and name."""
    found = {}
    parts = {"runs.submissions": qdash.get(RUNS).submissions}
    opened = {name: qdash.get(service) for name, service in list_services().items()}
    for name, service in (parts | opened).items():
        for method in (one for one in dir(type(service)) if not one.startswith("_")):
            if not {name, f"{name}.{method}"} & NOT_OF_A_PROJECT:
                found[f"{name}.{method}"] = getattr(service, method)
    return found


@pytest.mark.every_store
def test_every_method_takes_the_access_of_who_asks(make_bench: MakeBench) -> None:
    found = list_methods(make_bench(make_task()).qdash)
    assert found.keys() > READING
    for name, method in found.items():
        first = next(iter(inspect.signature(method).parameters), None)
        assert first == "access", name


def test_a_viewer_changes_nothing(make_bench: MakeBench) -> None:
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    for name, method in list_methods(make_bench(make_task()).qdash).items():
        if name in READING | OF_AUTHORS:
            continue
        needed = [
            None
            for one in list(inspect.signature(method).parameters.values())[1:]
            if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        ]
        given = {
            one.name: None
            for one in inspect.signature(method).parameters.values()
            if one.kind is one.KEYWORD_ONLY and one.default is one.empty
        }
        with pytest.raises(AccessDeniedError, match=r"this takes (editor|owner)"):
            method(viewer, *needed, **given)
