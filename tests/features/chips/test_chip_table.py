"""Table of the targets of a chip: its lists, columns, rows and requests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.pages import chip_table
from qdash_builtin.chips.pages.chip_table import TableData, find_lists, make_columns, make_rows
from qdash_builtin.chips.pages.targets import COUPLING, QUBIT
from qdash_builtin.chips.views.chips import ChipDocument
from qdash_builtin.issues.views import OpenIssuesDocument
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument

from ...core.bench import LINE
from .test_target_pages import record_requests
from .test_target_rendering import make_metric

if TYPE_CHECKING:
    from ...ui.conftest import DashboardPages

NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
TOO_OLD: dict[str, Any] = {
    "marks": ["too-old"],
    "mark_reasons": [{"mark": "too-old", "reason": "measured a week ago"}],
}


def make_value(value: float, **more: Any) -> dict[str, Any]:
    return {"value": value, "error": 1.5, "unit": "us", "calibrated_at": NOON, **more}


@pytest.fixture
def data() -> TableData:
    """Qubits 0 to 3: one within specification, one out of it and too old, one without values, and a dead one."""
    states: dict[str, Any] = {
        qid: {"status": status, "mux": None}
        for qid, status in zip("0123", ("calibrated", "failed", "pending", "dead"), strict=True)
    }
    attempt = {"task": "CheckT1", "text": "a jump", "task_id": "r1", "execution_id": "e"}
    attempt |= {"measured_at": NOON, "ended_at": NOON}
    states["0"]["flagged"] = [attempt]
    states["1"]["status_reason"] = {"text": "CheckT1 failed: no decay", "task_id": "r9", "execution_id": "e"}
    chip = ChipDocument(
        project_id="p", username="u", chip_id="a", size=4, topology_id="t", backend="fake", installed_at=NOON,
        n_couplings=1, qubits=states, couplings={"0-1": {"status": "pending", "control": None}},
    )  # fmt: skip
    metrics = {
        "t1": make_metric(threshold=50.0, specification="at least 50 us"),
        "t2": make_metric(title="T2"),
        "f01": make_metric(title="Frequency", unit="MHz", scale=1000.0),
    }
    definitions = MetricDefinitionsDocument(
        qubits=metrics,
        couplings={},
        qubit_groups=[],
        coupling_groups=[],
        qubit_table=["t1"],
        coupling_table=[],
    )
    low = make_value(20.0, out_of_spec=True, **TOO_OLD)
    values = ChipValuesDocument(
        qubits={"0": {"t1": make_value(81.5), "f01": make_value(5.0)}, "1": {"t1": low}, "3": {"t1": low}},
        couplings={},
    )
    issues = OpenIssuesDocument(chip_id="a", issues=[], by_target={})
    return TableData(QUBIT, chip, definitions, values, issues)


def test_lists_name_the_metrics_of_targets_in_use_only(data: TableData) -> None:
    lists = find_lists(data)
    assert {name: found for name, found in lists.items() if found} == {
        "flagged": {"0": ["CheckT1"]},
        "too-old": {"1": ["t1"]},
        "out-of-spec": {"1": ["t1"]},
        "missing": {"2": ["t1"]},
    }


@pytest.mark.slow
def test_a_row_has_the_status_with_its_reason_and_values_in_the_unit_of_the_heading(
    data: TableData, dashboard_pages: DashboardPages
) -> None:
    view = dashboard_pages.view("viewer")
    rows = {row["target"]: row for row in make_rows(view, data)}
    assert [*rows] == ["0", "1", "2", "3"]
    assert rows["0"]["t1"] == [81.5, 1.5, "within", [], NOON.isoformat()]
    assert rows["0"]["f01"][:3] == [5000.0, 1500.0, None]
    number, _, state, marks, _ = rows["1"]["t1"]
    assert (number, state, [one["text"] for one in marks]) == (20.0, "outside", ["too old"])
    (status,) = rows["1"]["target_status"]
    assert (status["text"], status["title"]) == ("failed", "CheckT1 failed: no decay")
    assert status["href"] == "/result?result=r9"
    assert "t1" not in rows["2"]
    titles = [one.title for one in make_columns(data, [*rows.values()])]
    assert titles == [
        "Qubit",
        "Status",
        "Fitness",
        "T1 (µs)",
        "T2 (µs)",
        "Frequency (MHz)",
        "Flagged results",
    ]
    assert [row["target"] for row in make_rows(view, data, only={"1": ()}, status="failed")] == ["1"]
    assert make_rows(view, data, with_issues=True) == []


@pytest.mark.slow
def test_the_table_needs_four_requests_and_takes_its_columns_from_the_url(
    dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, Any] = {}

    def collect(_view: object, columns: Any, rows: Any, **options: Any) -> None:
        drawn.update(options, columns=columns, rows=rows)

    monkeypatch.setattr(chip_table, "table", collect)
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("owner"), "a", LINE, backend="fake")
    view = dashboard_pages.view("viewer")
    asked = record_requests(view)
    draw = partial(chip_table.draw_chip_table, chip_id="a")
    page = dashboard_pages.draw(draw, view, chip="a", columns="t2_echo,t1,unknown", show="missing")
    assert not page.exception
    assert sorted(asked) == ["/chips/a", "/chips/a/open-issues", "/metrics/chips/a", "/metrics/definitions"]
    assert set(drawn["choice"].chosen) == {"t1", "t2_echo"}
    assert len(drawn["rows"]) == 5
    dashboard_pages.draw(partial(draw, kind=COUPLING), view, chip="a")
    assert (drawn["key"], drawn["file"], drawn["choice"].chosen) == (
        "chip.table.coupling",
        "a-couplings.csv",
        None,
    )
