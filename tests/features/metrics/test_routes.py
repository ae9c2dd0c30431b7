"""Values over HTTP: in use, selected, summarised, and their history."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.views.metric_history import make_history_csv
from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
from qdash_builtin.metrics.views.trends import ChipTrendsDocument
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.task import Verdict

from ...api.chip_samples import NOON, get_refusal, list_all, make_chip, measure
from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]


@pytest.fixture
def measured(host: Host, project: str, editor: TestClient) -> None:
    make_chip(editor)
    for number in range(1, 6):
        measure(host.qdash, project, number, verdict=Verdict.FLAGGED if number == 3 else Verdict.ACCEPTED)


@pytest.mark.usefixtures("measured")
def test_values_are_current_or_selected_from_recorded_ones(viewer: TestClient) -> None:
    def t1(**query: object) -> dict[str, object]:
        found = viewer.get("/metrics/chips/a", params=query)
        assert found.status_code == 200, found.text
        return found.json()["qubits"].get("0", {}).get("t1", {})

    assert (t1()["value"], t1()["error"], t1()["unit"]) == (85.0, 1.5, "us")
    assert t1(mode="average")["value"] == 83.0
    assert t1(mode="best", until="2040-01-01T15:30:00Z")["value"] == 82.0
    assert t1(metric="t2_echo") == {}
    assert t1(target="1") == {}
    assert t1(target="0..1")["value"] == 85.0
    assert t1(older_than="1h") == {}
    summary = viewer.get("/metrics/chips/a/summary").json()["qubits"]["t1"]
    assert (summary["n"], summary["targets"], summary["median"]) == (1, 2, 85.0)
    for wrong, status in (
        ({"mode": "worst"}, 422),
        ({"target": "9"}, 404),
        ({"target": "0-9"}, 404),
        ({"target": "1..0"}, 422),
        ({"metric": "nothing"}, 404),
        ({"older_than": "soon"}, 422),
        ({"since": "2040-01-02T00:00:00"}, 422),
        ({"since": "0001-01-01T00:00:00+10:00"}, 422),
        ({"cooldown_id": "none"}, 404),
        ({"colour": "red"}, 422),
        ({"marked": "stale"}, 422),
        ({"marked": "any", "mode": "best"}, 422),
    ):
        get_refusal(viewer.get("/metrics/chips/a", params=wrong), status)


@pytest.mark.usefixtures("measured")
def test_the_history_of_a_value_includes_its_verdicts(host: Host, project: str, viewer: TestClient) -> None:
    path, t1 = "/metrics/chips/a/history", {"target": "Q0", "metric": "t1"}
    measure(host.qdash, project, 6, task="CheckT1Average")
    found = list_all(viewer, path, **t1)
    assert [point["value"] for point in found] == [86.0, 85.0, 84.0, 83.0, 82.0, 81.0]
    assert [point["task"] for point in found] == ["CheckT1Average", *["CheckT1"] * 5]
    assert [point["task_id"] for point in found if point["verdict"] == "flagged"] == ["r3"]
    begin = {**t1, "since": "2040-01-01T16:00:00Z", "until": "2040-01-01T17:00:00Z"}
    assert [point["value"] for point in list_all(viewer, path, **begin)] == [84.0]
    assert list_all(viewer, path, target="0", metric="t2_echo") == []
    assert list_all(viewer, path, target="0-1", metric="zx90_gate_fidelity") == []
    get_refusal(viewer.get(path, params={"target": "0-1", "metric": "t1"}), 404)
    get_refusal(viewer.get(path, params={**t1, "target": "7"}), 404)
    get_refusal(viewer.get(path, params={**t1, "after": "what"}), 422)


@pytest.mark.usefixtures("measured")
def test_the_history_of_a_value_is_a_csv_file(host: Host, project: str, viewer: TestClient) -> None:
    path, t1 = "/metrics/chips/a/history-file", {"target": "Q0", "metric": "t1"}
    file = viewer.get(path, params=t1)
    assert file.status_code == 200
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["content-disposition"] == 'attachment; filename="a-0-t1.csv"'
    rows = [*csv.DictReader(io.StringIO(file.text))]
    assert [row["value"] for row in rows] == ["85.0", "84.0", "83.0", "82.0", "81.0"]
    assert [row["task_id"] for row in rows if row["verdict"] == "flagged"] == ["r3"]
    recorded = host.qdash.get(METRICS).get_history(host.qdash.access(DEFAULT_USER, project), "a", "0", "t1")
    assert file.text == make_history_csv(recorded)

    begin = {**t1, "since": "2040-01-01T16:00:00Z", "until": "2040-01-01T17:00:00Z"}
    assert len(viewer.get(path, params=begin).text.splitlines()) == 2
    assert len(viewer.get(path, params={"target": "0", "metric": "t2_echo"}).text.splitlines()) == 1
    for wrong, status in (
        ({"target": "7"}, 404),
        ({"metric": "nothing"}, 404),
        ({"cooldown_id": "none"}, 404),
        ({"since": "soon"}, 422),
        ({"limit": 5}, 422),
    ):
        get_refusal(viewer.get(path, params={**t1, **wrong}), status)


def test_metric_definitions_are_shown(viewer: TestClient) -> None:
    known = viewer.get("/metrics/definitions").json()
    assert known["qubits"]["t1"]["better"] == "maximize"
    assert {group["id"] for group in known["qubit_groups"]}


@pytest.mark.usefixtures("measured")
def test_marked_values_are_selected_and_counted(
    host: Host, project: str, viewer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/metrics/chips/a"
    assert viewer.get(path, params={"marked": "any"}).json()["qubits"] == {}
    tag = viewer.get(path).headers["etag"]
    later = NOON + timedelta(days=30)
    monkeypatch.setattr(host.qdash.get(METRICS), "_clock", lambda: later)
    monkeypatch.setattr(host.qdash.get(METRICS)._judgement_reader, "_clock", lambda: later)
    monkeypatch.setattr("qdash_api.routing.call.utc_now", lambda: later)
    for marks in ("any", "too-old", ["disputed", "too-old"]):
        t1 = viewer.get(path, params={"marked": marks}).json()["qubits"]["0"]["t1"]
        assert t1["marks"] == ["too-old"]
    assert viewer.get(path, params={"marked": "disputed"}).json()["qubits"] == {}
    assert viewer.get(f"{path}/summary").json()["qubits"]["t1"]["marks"] == {"too-old": 1}
    again = viewer.get(path, headers={"if-none-match": tag})
    assert again.json()["qubits"]["0"]["t1"]["marks"] == ["too-old"], (
        "an old response does not hide a new mark"
    )
    page = viewer.get(f"{path}/history", params={"target": "0", "metric": "t1"}).json()["items"]
    assert [point.get("marks") for point in page] == [["too-old"], *[None] * 4]


@pytest.mark.usefixtures("measured")
def test_trends_are_of_the_selected_accepted_values(viewer: TestClient) -> None:
    found = viewer.get("/chips/a/trends")
    assert found.status_code == 200, found.text
    trends = ChipTrendsDocument.model_validate(found.json())
    (series,) = trends.series
    assert (series.target, series.metric, series.n) == ("0", "t1", 4)
    assert [point.value for point in series.points] == [81.0, 82.0, 84.0, 85.0]
    assert (trends.change_points, trends.false_discovery_rate) == (0, 0.05)
    for none in ({"target": "1"}, {"metric": "t2_echo"}, {"until": "2040-01-01T13:00:00Z"}):
        assert viewer.get("/chips/a/trends", params=none).json()["series"] == []
    for wrong, status in (
        ({"target": "9"}, 404),
        ({"metric": "nothing"}, 404),
        ({"cooldown_id": "none"}, 404),
        ({"since": "2040-01-02T00:00:00"}, 422),
    ):
        get_refusal(viewer.get("/chips/a/trends", params=wrong), status)


@pytest.mark.usefixtures("measured")
def test_statistics_show_two_sets_of_values_with_correlation_and_series(
    viewer: TestClient, editor: TestClient
) -> None:
    make_chip(editor, "b")
    path = "/metrics/chips/a/statistics"
    asked = {"metric": "t1", "other_metric": "t2_echo", "other_chip_id": "b", "series": True}
    answer = viewer.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found = MetricStatisticsDocument.model_validate(answer.json())
    first, second = found.sets
    assert [(one.chip_id, one.summary.n) for one in found.sets] == [("a", 1), ("b", 0)]
    assert [(value.target, value.value, value.error) for value in first.values] == [("0", 85.0, 1.5)]
    assert [point.value for point in first.series[0].points] == [81.0, 82.0, 84.0, 85.0]
    assert (second.series, second.missing) == ([], ["0", "1"])
    assert first.correlation is not None
    assert (first.correlation.n, first.correlation.pearson) == (0, None)
    best = viewer.get(path, params={"metric": "t1", "mode": "best", "until": "2040-01-01T15:30:00Z"}).json()
    assert [value["value"] for value in best["sets"][0]["values"]] == [82.0]
    earlier = viewer.get(path, params={"metric": "t1", "other_until": "2040-01-01T15:30:00Z"}).json()
    assert [one["mean"] for one in earlier["sets"]] == [85.0, 82.0]


@pytest.mark.usefixtures("measured")
def test_statistics_are_a_csv_file(viewer: TestClient) -> None:
    file = viewer.get("/metrics/chips/a/statistics-file", params={"metric": "t1"})
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["content-disposition"] == 'attachment; filename="a-t1.csv"'
    rows = [*csv.DictReader(io.StringIO(file.text))]
    assert [(row["target"], row["value"]) for row in rows] == [("0", "85.0"), ("1", "")]


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("path", ["/metrics/chips/a/statistics", "/metrics/chips/a/statistics-file"])
def test_statistics_that_cannot_be_made_are_refused(viewer: TestClient, path: str) -> None:
    for wrong, status in (
        ({}, 422),
        ({"metric": ""}, 422),
        ({"metric": "t1" * 100}, 422),
        ({"metric": "<script>alert(1)</script>"}, 404),
        ({"metric": "t1", "mode": "worst"}, 422),
        ({"metric": "t1", "kind": "chip"}, 422),
        ({"metric": "t1", "other_metric": "t1"}, 422),
        ({"metric": "t1", "other_metric": "nothing"}, 404),
        ({"metric": "t1", "cooldown_id": "none"}, 404),
        ({"metric": "t1", "other_chip_id": "none"}, 404),
        ({"metric": "t1", "other_chip_id": "a"}, 422),
        ({"metric": "t1", "since": "2040-01-02T00:00:00"}, 422),
        ({"metric": "t1", "since": "2040-01-02T00:00:00Z", "until": "2040-01-01T00:00:00Z"}, 422),
        ({"metric": "t1", "colour": "red"}, 422),
    ):
        get_refusal(viewer.get(path, params=wrong), status)
    get_refusal(viewer.get(path.replace("/a/", "/x/"), params={"metric": "t1"}), 404)


def make_export(value: object, *, unit: str = "us", place: int = 0, **further: object) -> dict[str, object]:
    """Return an exported chip with one qubit at a place, and a value of a metric that no task limits."""
    site = {"id": "0", "row": place, "col": 0, "mux": None}
    return {
        "chip_id": "sent",
        "backend": "fake",
        "size": 1,
        "topology": {"name": "one", "qubits": [site], "couplings": []},
        "qubits": {"0": {"gain": {"value": value, "unit": unit, **further}}},
        "couplings": {},
    }


@each_case(
    "sent",
    [
        make_export(1e101),
        make_export(-1e101),
        make_export(1.0, error=1e101),
        make_export(1.0, place=10**18),
        make_export(1.0, calibrated_at="0001-01-01T00:00:00Z"),
        make_export(1.0, calibrated_at="9999-12-31T23:59:59Z"),
    ],
    ids=["large", "small", "error", "place", "first year", "last year"],
)
def test_numbers_that_no_page_could_show_are_not_imported(
    editor: TestClient, sent: dict[str, object]
) -> None:
    refused = editor.post("/chips/import", json=sent)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")


def test_statistics_of_the_largest_values_are_finite(editor: TestClient, viewer: TestClient) -> None:
    sites = [{"id": str(at), "row": 0, "col": at, "mux": None} for at in range(4)]
    values = {str(at): {"gain": {"value": 1e100 * (-1) ** at, "unit": ""}} for at in range(4)}
    topology = {"name": "four", "qubits": sites, "couplings": []}
    sent = {**make_export(1.0), "size": 4, "topology": topology, "qubits": values}
    editor.post("/chips/import", json=sent).raise_for_status()

    shown = viewer.get("/metrics/chips/sent/statistics", params={"metric": "gain"}).json()["sets"][0]

    assert shown["mean"] == 0.0
    assert shown["std"] == pytest.approx(1.1547e100, rel=1e-4)


def test_no_cell_of_a_file_is_a_formula(editor: TestClient, viewer: TestClient) -> None:
    editor.post("/chips/import", json=make_export(-1.0, unit="=1+1")).raise_for_status()
    reason = '=HYPERLINK("http://example.org")'
    values = {"t1": {"value": 50.0, "unit": "us"}}
    editor.patch("/chips/sent/qubits/0", json={"values": values, "reason": reason}).raise_for_status()

    files = (
        "/metrics/chips/sent/statistics-file?metric=gain",
        "/metrics/chips/sent/history-file?metric=t1&target=0",
        "/chips/sent/export?format=csv",
    )
    tables = [[*csv.reader(io.StringIO(viewer.get(path).text))] for path in files]

    cells = [cell for table in tables for row in table for cell in row]
    assert {"'=1+1", f"'{reason}", "-1.0"} <= {*cells}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.usefixtures("measured")
def test_a_specification_is_asked_of_a_chip_and_holds_everywhere(
    viewer: TestClient, editor: TestClient
) -> None:
    def is_out() -> bool:
        return "out_of_spec" in viewer.get("/metrics/chips/a").json()["qubits"]["0"]["t1"]

    assert viewer.get("/chips/a/specification").json() == {"chip_id": "a", "limits": {}}
    proposed = viewer.get("/chips/a/specification/proposal").json()["limits"]["t1"]
    assert (proposed["limit"] < 85.0, is_out(), "username" in proposed) == (True, False, False)
    asked = {"limits": {"t1": 90.0}, "minima": {"t1": 20.0}}
    assert viewer.patch("/chips/a/specification", json=asked).status_code == 403
    limits = editor.patch("/chips/a/specification", json=asked).json()["limits"]["t1"]
    assert (limits["limit"], limits["minimum"], limits["username"]) == (90.0, 20.0, "editor")
    known = viewer.get("/metrics/definitions", params={"chip_id": "a"}).json()["qubits"]["t1"]
    assert (known["threshold"], known["specification"], is_out()) == (90.0, "at least 90 us", True)
    assert "specification" not in viewer.get("/metrics/definitions").json()["qubits"]["t1"]
    attention = viewer.get("/metrics/chips/a/attention").json()["qubits"]["out_of_spec"]
    assert [(one["metric"], one["n"]) for one in attention] == [("t1", 1)]
    assert editor.patch("/chips/a/specification", json={"withdrawn": ["t1"]}).json()["limits"] == {}
    wrong = editor.patch("/chips/a/specification", json={"limits": {"qubit_frequency": 5.0}})
    assert (wrong.status_code, "no value of qubit_frequency is better" in wrong.text) == (422, True)
