"""Catalogue of tasks, and the page of a task: sources of its inputs, run parameters, and statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.plugins.pages import plugins
from qdash_builtin.plugins.pages.plugins import list_contributions, list_replaced_tasks
from qdash_builtin.plugins.views import PluginDocument
from qdash_builtin.results.pages.task_statistics import format_share
from qdash_builtin.runs.pages import tasks
from qdash_builtin.runs.pages.task_page import describe_bounds, list_producers
from qdash_builtin.runs.views.tasks import TaskDocument

from ...ui.tables import read_rows

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry

    from ...ui.conftest import DashboardPages


@pytest.mark.parametrize(
    ("lowest", "highest", "unit", "said"),
    [
        (16, 1_000_000, "", "16 to 1000000"),
        (0.5, None, "ns", "at least 0.5\N{NO-BREAK SPACE}ns"),
        (None, 0.0, "GHz", "at most 0\N{NO-BREAK SPACE}GHz"),
        (None, None, "ns", ""),
    ],
)
def test_a_range_is_described_with_its_unit(
    lowest: float | None, highest: float | None, unit: str, said: str
) -> None:
    assert describe_bounds(lowest, highest, unit) == said


def test_a_share_is_formatted_with_its_count() -> None:
    assert (format_share(12, 250), format_share(0, 250), format_share(0, 0)) == (
        "12 (4.8\N{NO-BREAK SPACE}%)",
        "0 (0.0\N{NO-BREAK SPACE}%)",
        "0",
    )


def test_many_contributions_of_a_plugin_are_counted() -> None:
    plugin = PluginDocument(
        name="tasks", distribution="d", version="1", status="ok", error=None,
        provides={"qdash_tasks": [*"abcde"], "qdash_backends": ["fake"], "qdash_flows": []},
    )  # fmt: skip
    assert list_contributions(plugin) == "tasks: 5; backends: fake"


@pytest.mark.slow
def test_the_producers_of_an_input_are_listed(registry: Registry) -> None:
    known = [TaskDocument.from_task(task) for task in registry.tasks().values()]
    assert list_producers(known, "t1") == ["CheckT1"]
    assert list_producers(known, "no_such_parameter") == []


@pytest.mark.slow
def test_a_task_page_works_without_a_chip_and_without_results(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(tasks.render, "viewer", task="CheckT1")
    assert not page.exception
    assert [one.value for one in page.title] == ["CheckT1"]
    assert [one.value for one in page.header] == [
        *("What it measures", "Failure modes", "Statistics", "Inputs", "Outputs", "Run parameters")
    ]
    assert any("not run in this project" in one.value for one in page.markdown)
    (shots,) = (row for row in read_rows(page, "Run parameters") if row["name"] == "shots")
    assert (shots["type"], shots["default"], shots["range"]) == ("int", "1024", "16 to 1000000")


@pytest.mark.slow
def test_the_catalogue_is_filtered_by_the_url(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(tasks.render, "viewer", type="coupling")
    assert not page.exception
    assert [one.value for one in page.title] == ["Tasks"]
    assert next(one for one in page.selectbox if one.label == "Type").value == "coupling"


@pytest.mark.slow
def test_plugins_and_health_shows_the_host_and_disabled_pages(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(plugins.render, "viewer")
    assert not page.exception
    assert [one.value for one in page.header] == [
        *("Host", "Plugins of the host", "Disabled pages of the dashboard", "Workers", "Backends"),
        *("Settings of the host", "Versions of the dashboard"),
    ]


def test_the_tasks_that_a_plugin_replaces_are_named_with_their_distribution() -> None:
    by = {"task": "CheckT1", "plugin": "ours", "distribution": "our-lab", "version": "1"}
    of = {"task": "CheckT1", "plugin": "tasks", "distribution": "qdash-tasks", "version": "1"}
    replaced = {"name": "CheckT1", "backend": "fake", "by": by, "of": of, "text": ""}
    plugin = PluginDocument.model_validate(
        {"name": "ours", "distribution": "our-lab", "version": "1", "status": "ok", "error": None, "provides": {}, "replaces": [replaced]}
    )  # fmt: skip
    assert list_replaced_tasks(plugin) == "CheckT1 of qdash-tasks on fake"
