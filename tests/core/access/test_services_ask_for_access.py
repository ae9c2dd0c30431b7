"""Access argument of services: every interface must pass the access of the user to all reads and changes of a
project.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_core import AccessDeniedError
from qdash_core.features.declarations import Service, list_known_features
from qdash_core.models.project import ProjectRole

from ...access import access_of
from ..bench import make_task

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash

    from ..conftest import MakeBench

NOT_OF_A_PROJECT = {
    "answers.count_running", "answers.stop",  # of the process
    "audit_log.list_all", "audit_log.read_all", "configuration.explain_absence", "audit_log.record_login", "audit_log.record_objects", "audit_log.record_request", "audit_log.record_response", "logins",
    "judgements",  # of the engine, within its snapshots
    "metrics.file", "queue.list_workers", "runs.queue", "tokens", "users",
    "runs.perform", "runs.perform_with_runner",  # called by a worker's process, for submitted runs
    "timetable_clock.handle_due", "timetable_clock.wait_for_activities",  # called by a worker, for due occurrences
    "members.accept", "members.leave", "projects.create", "projects.list_by_user", "projects.page",  # of the user, by name
    "pruner",  # called by users with access to the home, and by workers for the timetables of owners
    "monitoring",  # of the whole home; targets only of the caller's projects
}  # fmt: skip
READING_VERBS = {
    "compare", "count", "describe", "explain", "find", "get", "is", "list", "page", "preview", "read", "select", "show", "summarise",
    "trace",
}  # fmt: skip
"""Verbs with which the names of methods begin that change nothing."""
READING = {
    "chips.check_new", "chips.design", "citations.check_answer", "citations.resolve",
    "contexts.make", "contexts.make_chip_context", "contexts.make_result_context", "contexts.make_target_context",
    "contexts.resolve", "conversations.resolve_id", "digests.make", "exchange.export", "executions.newest",
    "executions.require_id", "executions.resolve_id", "files.check", "files.open", "issue_files.make_thumbnail", "issue_files.open",
    "metrics.values", "note_files.make_thumbnail", "note_files.open",
    "releases.export", "reports.make", "reports.resolve", "results.figure", "results.load_raw_data",
    "results.make_archive", "results.make_netcdf", "results.make_task_record", "results.make_thumbnail", "results.make_thumbnails",
    "results.open_raw_data_file", "results.overlay", "runs.end_dead", "runs.follow",
    "runs.submissions.rerun", "runs.wait",
    "saved_flows.check_source", "saved_flows.report_source", "specifications.propose",
}  # fmt: skip
"""Further methods for viewers."""
OF_OWNERS = {"audit_log.list_by_project", "audit_log.read_project"}
"""Methods that read what viewers must not see."""
OF_AUTHORS = {"conversations.delete"}
"""Changes of the caller's own records, with any role."""


def list_services() -> dict[str, Service[Any]]:
    """Return the services that features declare, by the names of their keys, without those of the host and the engine."""
    features = list_known_features()
    declared = {service for feature in features for service in feature.services}
    provided = {service for feature in features for service in feature.provides}
    modules = [module for name, module in sys.modules.items() if name.endswith(".feature")]
    named = {
        name.lower(): one
        for module in modules
        for name, one in vars(module).items()
        if isinstance(one, Service) and one not in provided
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


def reads(name: str) -> bool:
    """Return whether a method is for viewers."""
    verb = name.rpartition(".")[2].partition("_")[0]
    return name in READING or (verb in READING_VERBS and name not in OF_OWNERS)


@pytest.mark.every_store
def test_every_method_takes_the_access_of_who_asks(make_bench: MakeBench) -> None:
    found = list_methods(make_bench(make_task()).qdash)
    assert found.keys() > READING | OF_AUTHORS | OF_OWNERS
    for name, method in found.items():
        first = next(iter(inspect.signature(method).parameters), None)
        assert first == "access", name


def test_a_viewer_changes_nothing(make_bench: MakeBench) -> None:
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    for name, method in list_methods(make_bench(make_task()).qdash).items():
        if name in OF_AUTHORS:
            continue
        if reads(name):
            assert "transaction" not in inspect.unwrap(method).__code__.co_names, f"{name} changes the store"
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
