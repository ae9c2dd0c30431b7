"""Whatever a door reads or changes in a project, it hands over the access of who asks: it cannot be forgotten."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import AccessDeniedError
from qdash_core.application import QDash
from qdash_core.models.project import ProjectRole
from qdash_core.runtime import Runtime

from ...access import access_of
from ..bench import task

if TYPE_CHECKING:
    from ..conftest import MakeBench

NOT_OF_A_PROJECT = {
    "audit.answered", "audit.asked", "audit.everywhere", "audit.told", "callers", "logins",
    "metrics.file", "queue.workers", "runs.queue", "tokens", "users",
    "runs.perform", "runs.have_performed",  # of a worker's process, for what has been submitted
    "timetables.look",  # of a worker's, for what is due
}  # fmt: skip
READING = {
    "chips.check_new", "chips.deletion_impact", "chips.design", "chips.of_project", "chips.show", "cooldowns.of_chip",
    "cooldowns.of_cryostat", "cooldowns.of_project", "cooldowns.show", "cryostats.of_project", "cryostats.show",
    "exchange.compare", "exchange.compare_contents", "exchange.export", "executions.listed", "executions.look", "executions.meant", "executions.named", "executions.newest", "executions.page",
    "executions.how_far", "executions.seen", "executions.show", "executions.timed", "backends.of_project", "logs.page", "queue.of_chip", "queue.page", "queue.show",
    "flows.checked_source", "flows.named", "flows.of_project", "flows.page_of_versions", "flows.show", "flows.version", "flows.versions", "metrics.in_use", "metrics.select", "metrics.summary", "metrics.values",
    "notes.event", "notes.metric_notes", "notes.noted_results", "notes.of_chip", "notes.of_target", "notes.on_chip",
    "notes.search", "notes.show", "notes.show_metric", "queue.entries", "results.figure", "results.named",
    "runs.catalogue", "runs.done_already", "runs.follow", "runs.interrupted", "runs.preview", "runs.rerun", "runs.schedule", "runs.wait",
    "tags.of_project",
    "calibration_notes.latest", "calibration_notes.page", "calibration_notes.show",
    "chips.header", "chips.page", "chips.shown", "chips.target", "chips.version", "cooldowns.page", "cryostats.page",
    "events.page", "events.place", "events.since", "metrics.history",
    "notes.events_page", "notes.metric_notes_page", "notes.noted_results_page", "notes.on_chip_page",
    "results.archive", "results.newest", "results.page", "results.raw_data", "results.raw_data_file", "results.show", "results.task_record", "results.thumbnail",
    "results.thumbnails", "tags.page",
    "timetables.of_project", "timetables.page", "timetables.show",
}  # fmt: skip


def services() -> list[str]:
    """Return the names of the services that a door has, beyond what runs stand on."""
    return [
        name
        for name, value in vars(QDash).items()
        if isinstance(value, cached_property) and name not in vars(Runtime)
    ]


def methods(qdash: QDash) -> dict[str, Any]:
    """Return what a door calls, by service and name."""
    found = {}
    for name in services():
        service = getattr(qdash, name)
        for method in (one for one in dir(type(service)) if not one.startswith("_")):
            if not {name, f"{name}.{method}"} & NOT_OF_A_PROJECT:
                found[f"{name}.{method}"] = getattr(service, method)
    return found


@pytest.mark.every_store
def test_every_method_takes_the_access_of_who_asks(make_bench: MakeBench) -> None:
    found = methods(make_bench(task()).qdash)
    assert found.keys() > READING
    for name, method in found.items():
        first = next(iter(inspect.signature(method).parameters), None)
        assert first == "access", name


def test_a_viewer_changes_nothing(make_bench: MakeBench) -> None:
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    for name, method in methods(make_bench(task()).qdash).items():
        if name in READING:
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
