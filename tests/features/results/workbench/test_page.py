"""The workbench: its address is its state, invalid values are refused at their field, and a run is started once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.operations.results import list_results, show_result
from qdash_builtin.results.pages import workbench
from qdash_builtin.results.pages.workbench_url import make_workbench_url
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.operations.executions import execution_header
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.request import GivenInput

from ....core.bench import CHIP
from .conftest import perform_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from ....api.conftest import Host
    from ....ui.conftest import DashboardPages

pytestmark = pytest.mark.slow


def open_workbench(pages: DashboardPages, username: str = "admin", **params: str) -> AppTest:
    page = pages.page(
        workbench.render, username, **{"chip": CHIP, "task": "Measure", "targets": "0", **params}
    )
    assert not page.exception, page.exception
    return page


def list_errors(page: AppTest) -> list[str]:
    return [one.value for one in page.error]


def list_row_types(block: Any) -> set[str]:
    """Return the types of the elements beside the choice of the chip."""
    children = block.children.values()
    if any(getattr(one, "label", None) == "Chip" for one in children):
        return {one.type for one in children}
    return set().union(*(list_row_types(one) for one in children if hasattr(one, "children")))


def list_executions(host: Host) -> list[str]:
    access = host.qdash.access("admin")
    return [one.execution_id for one in host.qdash.get(EXECUTIONS).newest(access, chip_id=CHIP, limit=9)]


def test_the_address_holds_task_target_parameters_and_inputs(pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"p.shots": "64", "p.reset": "active", "i.qubit_frequency": "5.1±0.2"})
    assert list_errors(page) == []
    assert page.text_input("workbench.Measure.value.shots").value == "64"
    assert page.selectbox("workbench.Measure.value.reset").value == "active"
    assert page.text_input("workbench.input.qubit_frequency").value == "5.1±0.2"
    request = page.session_state["workbench.asked"].request
    assert (request.flow, request.single, request.saved) == ("Measure", "0", False)
    assert request.run_parameters == {"shots": 64, "reset": "active"}
    given = request.inputs["qubit_frequency"]
    assert (given.value, given.error) == (5.1, 0.2)


def test_a_changed_field_is_in_the_address_and_the_rest_stays(pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"p.reset": "active"})
    page.text_input("workbench.Measure.value.shots").set_value("128").run()
    assert page.query_params["p.shots"] == "128"
    assert page.query_params["p.reset"] == "active"
    page.button("workbench.reset").click().run()
    assert "p.shots" not in page.query_params
    assert "p.reset" not in page.query_params


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"p.shots": "3"}, "below the minimum of 16"),
        ({"p.shots": "many"}, "is not a whole number"),
        ({"p.reset": "none"}, "none"),
        ({"i.qubit_frequency": "55"}, "above its maximum of 9"),
        ({"i.qubit_frequency": "5.1 us"}, "is in GHz, not in µs"),
        ({"i.qubit_frequency": "fast"}, "is not a value"),
        ({"targets": "99"}, "has no qubit 99"),
    ],
)
def test_an_invalid_value_is_refused_at_its_field_before_the_start(
    host: Host, pages: DashboardPages, params: dict[str, str], said: str
) -> None:
    page = open_workbench(pages, **params)
    assert len(list_errors(page)) == 1
    assert said in list_errors(page)[0].replace("\\", "")
    if any(one.key == "workbench.start" for one in page.button):
        page.button("workbench.start").click().run()
    assert list_executions(host) == []


@pytest.mark.parametrize("params", [{"targets": "99"}, {"task": "Nothing"}])
def test_an_error_is_below_the_row_of_choices_which_scrolls_on_a_narrow_page(
    pages: DashboardPages, params: dict[str, str]
) -> None:
    types = list_row_types(open_workbench(pages, **params).main)
    assert "selectbox" in types
    assert not types & {"error", "warning", "info"}


def test_without_a_target_the_page_says_what_to_enter_and_shows_no_error(pages: DashboardPages) -> None:
    page = open_workbench(pages, targets="")
    assert list_errors(page) == []
    assert ["Enter a qubit or coupling" in one.value for one in page.info] == [True]


def test_markdown_in_the_address_is_shown_as_text(pages: DashboardPages) -> None:
    image = "![x](http://elsewhere/x.png)"
    for name in ("p.shots", "i.qubit_frequency", "targets", "execution", "task"):
        page = open_workbench(pages, **{name: image})
        texts = [one.value for one in (*page.error, *page.warning, *page.markdown, *page.info)]
        assert not any("![x](" in text or "](http" in text for text in texts), texts


def test_a_start_that_is_pressed_twice_starts_one_run(host: Host, pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"i.qubit_frequency": "5.1"})
    page.button("workbench.start").click().run()
    page.session_state["workbench.asked"].submitted = None  # as if the response had been lost
    page.run()
    page.button("workbench.start").click().run()
    (started,) = list_executions(host)
    assert page.query_params["execution"] == started


def test_one_change_after_a_run_starts_another_run(host: Host, pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"i.qubit_frequency": "5.1"})
    page.button("workbench.start").click().run()
    perform_waiting(host, list_executions(host)[0])
    assert page.button("workbench.start").disabled
    page.text_input("workbench.Measure.value.shots").set_value("64").run()
    assert not page.button("workbench.start").disabled
    page.button("workbench.start").click().run()
    assert len(list_executions(host)) == 2
    assert page.session_state["workbench.asked"].request.inputs.keys() == {"qubit_frequency"}


def test_the_new_result_is_beside_the_previous_one(
    pages: DashboardPages, measure: Callable[..., str]
) -> None:
    measure("Frequency")
    measure("Measure")
    before = open_workbench(pages)
    assert [one.value.split("]")[0] for one in before.markdown if one.value.startswith("### ")] == [
        "### [Previous result"
    ]
    execution = measure("Measure", saved=False, run_parameters={"shots": 64})
    page = open_workbench(pages, execution=execution)
    assert [one.value.split("]")[0] for one in page.markdown if one.value.startswith("### ")] == [
        "### [Previous result",
        "### [New result",
    ]


def test_the_workbench_opens_with_run_parameters_and_inputs_of_a_result(
    host: Host, pages: DashboardPages, measure: Callable[..., str]
) -> None:
    measure("Frequency")
    given = {"qubit_frequency": GivenInput(value=5.1, error=0.002)}
    execution = measure("Measure", run_parameters={"shots": 64}, inputs=given)
    view = pages.view("admin")
    (listed,) = view.ask(list_results, execution_id=execution).items
    address = urlsplit(make_workbench_url(view, view.ask(show_result, listed.task_id)))
    params = dict(parse_qsl(address.query))
    assert address.path == "/workbench"
    page = open_workbench(pages, **params)
    request = page.session_state["workbench.asked"].request
    assert (request.flow, request.single) == ("Measure", "0")
    assert request.run_parameters == {"shots": 64, "reset": "auto"}
    assert (request.inputs["qubit_frequency"].value, request.inputs["qubit_frequency"].error) == (5.1, 0.002)
    assert page.button("workbench.reset").label == "Undo 2 changes"  # `reset` has its default
    assert page.query_params["before"] == listed.task_id


def test_tags_and_value_scope_are_in_the_address_and_in_the_request(pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"i.qubit_frequency": "5.1", "saved": "on", "tags": "bias, night"})
    page.text_input("workbench.scope").set_value("evening").run()
    assert page.query_params["scope"] == "evening"
    request = page.session_state["workbench.asked"].request
    assert (request.saved, request.scope, request.tags) == (True, "evening", ("bias", "night"))
    page.text_input("workbench.tags").set_value("x" * 300).run()
    assert "is not a tag" in list_errors(page)[0]
    trial = open_workbench(pages, **{"i.qubit_frequency": "5.1", "scope": "evening"})
    assert trial.session_state["workbench.asked"].request.scope is None


def test_a_running_measurement_is_cancelled_on_the_page(host: Host, pages: DashboardPages) -> None:
    page = open_workbench(pages, **{"i.qubit_frequency": "5.1"})
    page.button("workbench.start").click().run()
    (started,) = list_executions(host)
    page.session_state[f"qdash.progress.{started}"] = {"cancel": True}
    page.run()
    next(one for one in page.button if one.label == "Cancel the run").click().run()
    assert pages.view("admin").ask(execution_header, started).status == "cancelled"


def test_a_region_has_results_by_target(pages: DashboardPages, measure: Callable[..., str]) -> None:
    for qid in ("0", "1"):
        measure("Frequency", qid)
    page = open_workbench(pages, targets="0, 1", shown="1")
    assert page.selectbox("address.shown").value == "1"
    request = page.session_state["workbench.asked"].request
    assert (request.single, request.targets.qubits) == (None, ("0", "1"))


def test_a_task_on_the_whole_chip_needs_no_target(pages: DashboardPages, measure: Callable[..., str]) -> None:
    page = open_workbench(pages, task="Whole")
    assert list_errors(page) == []
    assert not page.button("workbench.start").disabled
    assert any("no results on this target yet" in one.value for one in page.info)
    shown = open_workbench(pages, task="Whole", execution=measure("Whole", ""))
    assert any(one.value.startswith("### [New result]") for one in shown.markdown)


def test_a_multiplexer_becomes_the_targets(host: Host, pages: DashboardPages) -> None:
    lattice = get_builtin_topology("square-lattice-mux-16")
    host.qdash.get(CHIPS).create(host.qdash.access("admin"), "lattice", lattice, backend="bench")
    page = open_workbench(pages, chip="lattice")
    page.selectbox("workbench.mux").set_value(1).run()
    assert page.query_params["targets"] == "4-7"
    assert page.session_state["workbench.asked"].request.targets.qubits == ("4", "5", "6", "7")


def test_a_viewer_sees_the_form_read_only_with_the_reason(pages: DashboardPages) -> None:
    page = open_workbench(pages, "viewer", **{"p.shots": "64", "i.qubit_frequency": "5.1"})
    assert any("only editors start runs" in one.value for one in page.info)
    assert page.text_input("workbench.Measure.value.shots").disabled
    assert page.text_input("workbench.input.qubit_frequency").disabled
    assert page.checkbox("workbench.saved").disabled
    assert "workbench.start" not in [one.key for one in page.button]
    page.button("workbench.plan").click().run()
    assert any("This was a dry run" in one.value for one in page.markdown)


def test_a_missing_input_is_named_before_the_start(pages: DashboardPages) -> None:
    page = open_workbench(pages)
    (summary,) = [one.label for one in page.expander if "input" in one.label]
    assert "missing: Qubit frequency" in summary.replace("\\", "")
    assert page.expander[0].proto.expanded
