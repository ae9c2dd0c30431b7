"""The map of a chip without a browser: positions of qubits, the panel beside it, the page without a chip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.pages import chip
from qdash_builtin.chips.pages.chip_layout import make_layout
from qdash_builtin.chips.pages.status_reason import format_status_reason
from qdash_builtin.chips.pages.target_table import format_results_table, format_values_table
from qdash_builtin.chips.pages.targets import describe_direction
from qdash_builtin.chips.views.layouts import TopologyDocument
from qdash_builtin.chips.views.targets import CouplingDocument, QubitDocument
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
from qdash_core.chips.lattices import get_builtin_topology
from qdash_ui_streamlit.display import notices

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
T1 = MetricDefinitionDocument(title="T1", unit="us", scale=1.0, better="maximize", magnitude=False)
FIDELITY = MetricDefinitionDocument(
    title="Readout fidelity", unit="%", scale=100.0, better="maximize", magnitude=False
)


class Linking:
    """Stand-in for the links between pages."""

    def link(self, path: str, **params: str) -> str:
        return f"/{path}?{'&'.join(f'{name}={value}' for name, value in params.items())}"

    def time(self, moment: datetime) -> str:
        return moment.isoformat()


LINKING: Any = Linking()


def make_qubit(**known: Any) -> QubitDocument:
    return QubitDocument(chip_id="a", id="0", status="calibrated", **known)


def test_qubits_are_drawn_at_their_lattice_positions() -> None:
    layout = make_layout(TopologyDocument.from_topology(get_builtin_topology("square-lattice-mux-16")))
    assert (len(layout.qubits), len(layout.couplings)) == (16, 24)
    assert layout.qubits[6] == ("6", 2.0, 1.0)


def test_another_layout_has_another_version() -> None:
    of = [
        make_layout(TopologyDocument.from_topology(get_builtin_topology(name))).version
        for name in ("linear-16", "linear-17")
    ]
    assert of[0] != of[1]
    assert of[0] == make_layout(TopologyDocument.from_topology(get_builtin_topology("linear-16"))).version


def test_values_are_shown_in_the_unit_of_their_metric() -> None:
    values = {"f": {"value": 0.9784, "error": 0.0013, "unit": "", "calibrated_at": NOON}}
    table = format_values_table(
        LINKING, make_qubit(values=values), {"f": FIDELITY}, ["f"], now=NOON + timedelta(minutes=3)
    )
    assert ">Readout fidelity</a></td><td>97.84(13)\N{NO-BREAK SPACE}%</td>" in table
    assert "<a href='/qubit?chip=a&amp;qubit=0&amp;metric=f'>" in table, (
        "its history and origin are one click away"
    )
    assert "3\N{NO-BREAK SPACE}min ago" in table


def test_the_selected_metric_is_listed_first_and_once() -> None:
    table = format_values_table(
        LINKING, make_qubit(values={}), {"t1": T1, "f": FIDELITY}, ["t1", "f", "t1"], now=NOON
    )
    assert table.count("<tr class=first><td>T1</td>") == table.count("<td>T1</td>") == 1


def test_a_missing_value_is_shown_without_a_number() -> None:
    assert "<td>T1</td><td>– no value</td>" in format_values_table(
        LINKING, make_qubit(), {"t1": T1}, ["t1"], now=NOON
    )


def test_a_value_out_of_specification_is_marked_with_the_specification() -> None:
    asked = T1.model_copy(update={"threshold": 100.0, "specification": "at least 100 us"})
    short, long = ({"t1": {"value": value, "error": 0.2, "unit": "us"}} for value in (12.3, 114.0))
    assert "outside: at least 100\N{NO-BREAK SPACE}µs" in format_values_table(
        LINKING, make_qubit(values=short), {"t1": asked}, ["t1"], now=NOON
    )
    assert "outside" not in format_values_table(
        LINKING, make_qubit(values=long), {"t1": asked}, ["t1"], now=NOON
    )


def test_a_marked_value_is_shown_with_reason_and_link() -> None:
    mark = {"mark": "last-failed", "reason": "CheckT1 failed: no <decay>", "task_id": "r9"}
    values = {
        "t1": {"value": 81.0, "error": 0.2, "unit": "us", "marks": ["last-failed"], "mark_reasons": [mark]}
    }
    table = format_values_table(LINKING, make_qubit(values=values), {"t1": T1}, ["t1"], now=NOON)
    assert "<a href='/result?result=r9'>" in table
    assert "last failed: CheckT1 failed: no &lt;decay&gt;" in table


def test_a_reason_that_values_share_is_written_once() -> None:
    mark = {"mark": "no-signal", "reason": "0 has no signal", "task_id": "r9"}
    value = {"value": 0.9, "error": 0.1, "unit": "", "marks": ["no-signal"], "mark_reasons": [mark]}
    table = format_values_table(
        LINKING, make_qubit(values={"a": value, "b": value}), {}, ["a", "b"], now=NOON
    )
    assert (table.count(": 0 has no signal"), table.count("title='0 has no signal'")) == (1, 2)


def test_the_reason_of_a_failed_status_is_shown_with_a_link() -> None:
    reason = {"text": "CheckRabi failed: no oscillation", "task_id": "r9", "execution_id": "e"}
    failed = QubitDocument(chip_id="a", id="0", status="failed", status_at=NOON, status_reason=reason)
    said = format_status_reason(LINKING, failed)
    assert said.startswith("failed since 2026-11-21T12:00:00+00:00: CheckRabi failed: no oscillation")
    assert 'href="/result?result=r9"' in said
    assert format_status_reason(LINKING, make_qubit()) == ""


def test_the_control_and_target_of_a_coupling_are_described() -> None:
    coupling = CouplingDocument(chip_id="a", id="3-5", status="calibrated", control="5")
    assert describe_direction(coupling) == ["control 5, target 3"]
    assert describe_direction(coupling.model_copy(update={"control": None})) == ["no direction set yet"]
    assert describe_direction(make_qubit()) == []


def test_results_are_listed_newest_first_with_links() -> None:
    results = {
        name: {"task_id": f"id-{name}", "execution_id": "e", "status": status, "end_at": NOON + timedelta(hours=hour)}
        for name, status, hour in (("CheckT1", "completed", 0), ("<Check>", "failed", 1))
    }  # fmt: skip
    table = format_results_table(make_qubit(results=results), LINKING, now=NOON + timedelta(hours=2))
    assert table.index("&lt;Check&gt;") < table.index("CheckT1")
    assert "<a href='/result?result=id-CheckT1'>" in table


def test_new_analyses_are_listed_with_model_and_author() -> None:
    refit = {
        "task_id": "r",
        "execution_id": "e",
        "status": "completed",
        "end_at": NOON,
        "refitted_at": NOON,
        "refitted_by": "bob",
    }
    results = {"CheckT1": refit, "CheckT2Echo": {**refit, "analysis_model": "<stretched>"}}
    table = format_results_table(make_qubit(results=results), LINKING, now=NOON)
    assert "refit 2026-11-21T12:00:00+00:00 by bob" in table
    assert "analysis (&lt;stretched&gt;) 2026-11-21T12:00:00+00:00 by bob" in table


@pytest.mark.slow
def test_the_chip_page_without_a_chip_links_to_the_overview(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(chip.render, "viewer")
    assert not page.exception
    assert [one.value for one in page.title] == ["Chip"]
    assert "There is no chip yet." in page.info[0].value


@pytest.fixture
def lab(dashboard_pages: DashboardPages) -> str:
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("editor"), "lab", get_builtin_topology("linear-4"), backend="fake")
    return "lab"


@pytest.mark.slow
@pytest.mark.parametrize(("target", "named"), [("2", "Qubit 2"), ("1-2", "Coupling 1-2")])
def test_a_url_opens_the_chip_page_at_its_target(
    dashboard_pages: DashboardPages, lab: str, target: str, named: str
) -> None:
    page = dashboard_pages.page(chip.render, "viewer", chip=lab, target=target, metric="t1")
    assert not page.exception
    assert [one.value for one in page.title] == ["Chip lab"]
    shown = " ".join(one.proto.body for one in page.get("html"))
    assert f"<h2>{named}</h2>" in shown
    assert "No results yet." in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "told"), [({"chip": "none"}, "There is no chip"), ({"target": "99"}, "has no qubit 99")]
)
def test_unknown_chips_and_targets_are_reported(
    dashboard_pages: DashboardPages, lab: str, asked: dict[str, str], told: str
) -> None:
    page = dashboard_pages.page(_draw_guarded, "viewer", **{"chip": lab, **asked})
    assert not page.exception
    assert told in page.warning[0].value


def _draw_guarded(view: View) -> None:
    with notices.show_errors():
        chip.render(view)


@pytest.mark.release
def test_a_viewer_has_no_exclusion_buttons(dashboard_pages: DashboardPages, lab: str) -> None:
    offered = {
        who: {one.key for one in dashboard_pages.page(chip.render, who, chip=lab, target="2").button}
        for who in ("viewer", "editor")
    }
    assert offered["viewer"] < offered["editor"]
