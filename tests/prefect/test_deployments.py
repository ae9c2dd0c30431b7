"""Registration of flows and timetables in Prefect, on a fake server; tests/prefect/test_original_flows.py has
a real one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment, TimetableModel
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_prefect import schedules
from qdash_prefect.client import PrefectClient
from qdash_prefect.deployments import (
    WrittenVersions,
    get_plain_name,
    register_deployments,
    resolve_flow_run_request,
)
from qdash_prefect.flows import write_flow_source
from qdash_prefect.settings import PrefectSettings
from tests.access import ADMIN
from tests.core.bench import CHIP, PROJECT, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_prefect.client import Document

PLAIN = "def night(chip_id, depth: int = 3): ..."
OF_PREFECT = "from prefect import flow\n@flow\ndef day(chip_id, depth: int): ..."
NIGHTLY = FlowTemplate("nightly", "What is done at night.", [])
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class FakeDeployments:
    """The part of a server that deployments need."""

    flows: list[str] = field(default_factory=list)
    rows: list[Document] = field(default_factory=list)
    pools: set[str] = field(default_factory=set)
    written: list[str] = field(default_factory=list)
    odd_cron: str = ""
    hidden: bool = False
    refused: str = ""
    """A flow whose deployments the server refuses."""
    stood: WrittenVersions = field(default_factory=dict)
    """State kept by the registering worker between calls."""

    def client(self) -> PrefectClient:
        return PrefectClient(PrefectSettings(), transport=httpx.MockTransport(self._answer))

    def named(self, flow: str, name: str) -> Document | None:
        found = [one for one in self.rows if (self.flows[int(one["flow_id"])], one["name"]) == (flow, name)]
        return found[0] if found else None

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        if request.method != "GET" and not path.endswith("/filter"):
            self.written.append(f"{request.method} {path}")
        status, answer = self._of(request.method, path, json.loads(request.content or b"null"))
        return httpx.Response(status, json=answer)

    def _of(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["work_pools", name]:
                return (200 if name in self.pools else 404), {}
            case "POST", ["work_pools"]:
                self.pools.add(body["name"])
                return 201, {}
            case "POST", ["flows", "filter"]:
                return 200, [{"id": str(n), "name": name} for n, name in enumerate(self.flows)]
            case "POST", ["deployments", "filter"]:
                return 200, [] if self.hidden else self.rows
            case "GET", ["deployments", "name", flow, name]:
                found = self.named(flow, name)
                return (404 if found is None else 200), found
            case "POST", ["flows"]:
                self.flows += [body["name"]] * (body["name"] not in self.flows)
                return 201, {"id": str(self.flows.index(body["name"]))}
            case "POST", ["deployments"]:
                return self._make(body)
            case "PATCH", ["deployments", number]:
                self.rows[int(number)].update(body)
                return 204, None
            case _, ["deployments", number, "schedules", *rest]:
                return self._schedule(method, self.rows[int(number)]["schedules"], rest, body)
        raise AssertionError(path)

    def _make(self, body: Any) -> tuple[int, Any]:
        if self.flows[int(body["flow_id"])] == self.refused:
            return 422, {"detail": "no such schema"}
        row = {"paused": False, "schedules": [], "id": str(len(self.rows)), **body}
        self.rows.append(row)
        return 201, row

    def _schedule(self, method: str, rows: list[Document], rest: list[str], body: Any) -> tuple[int, Any]:
        wanted = body[0] if isinstance(body, list) else body
        if wanted and wanted["schedule"].get("cron", "") == self.odd_cron != "":
            return 422, {"detail": "no such cron"}
        if method == "POST":
            rows.append({"id": f"s{len(self.written)}", **wanted})
        for row in [row for row in rows if row["id"] in rest]:
            row.update(wanted or {})
            if method == "DELETE":
                rows.remove(row)
        return 200, None


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench.open(tmp_path, f"memory://{tmp_path}", make_task(), flows=[NIGHTLY])
    yield bench
    bench.qdash.close()


def registered(deployed: FakeDeployments, bench: Bench, **settings: str) -> dict[tuple[str, str], Document]:
    with deployed.client() as client:
        return register_deployments(
            client, PrefectSettings.model_validate(settings), bench.qdash, deployed.stood
        ).available


# ----------------------------------------------------------------------------------------------------------- deployments


def test_each_flow_of_a_plugin_has_a_deployment_and_one_deployment_performs_executions(bench: Bench) -> None:
    deployed = FakeDeployments()
    there = registered(deployed, bench)
    assert set(there) == {("qdash-perform", "perform"), ("nightly", "@qdash")}
    assert deployed.pools == {"qdash"}
    nightly = there["nightly", "@qdash"]
    assert nightly["description"] == "What is done at night."
    assert nightly["parameter_openapi_schema"]["required"] == ["chip_id"]
    assert (nightly["entrypoint"], nightly["work_pool_name"]) == (None, "qdash")


def test_unchanged_deployments_are_not_written_and_changed_ones_are_updated(bench: Bench) -> None:
    deployed = FakeDeployments()
    registered(deployed, bench)
    deployed.rows[1]["schedules"].append({"id": "kept", "parameters": {}})
    deployed.written.clear()
    registered(deployed, bench)
    assert deployed.written == []
    deployed.rows[1]["version"] = "of an older plugin"
    deployed.stood.clear()  # a new worker
    registered(deployed, bench)
    assert deployed.written == ["PATCH /deployments/1"]
    assert deployed.rows[1]["schedules"] == [{"id": "kept", "parameters": {}}]


def test_workers_of_different_versions_do_not_overwrite_each_other_repeatedly(bench: Bench) -> None:
    deployed = FakeDeployments()
    registered(deployed, bench)
    deployed.written.clear()
    deployed.rows[1]["version"] = "of a newer plugin"
    registered(deployed, bench)
    assert deployed.written == []


def test_the_deployment_of_a_flow_from_another_workers_plugin_is_kept(bench: Bench) -> None:
    deployed = FakeDeployments()
    registered(deployed, bench)
    deployed.flows.append("theirs")
    number = str(len(deployed.rows))
    row = {"id": number, "flow_id": str(len(deployed.flows) - 1), "name": "@qdash", "tags": ["qdash"]}
    deployed.rows.append({**row, "version": "1", "work_pool_name": "qdash", "paused": False, "schedules": []})
    bench.repositories.of(TimetableRepository).add(
        timetable("at-two", Cron(expression="0 2 * * *"), flow="theirs")
    )
    assert len(agreed(deployed, bench)["theirs"]) == 1
    assert not deployed.rows[-1]["paused"]


def test_a_flow_that_prefect_refuses_does_not_prevent_others(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    deployed = FakeDeployments(refused="qdash-perform")
    assert set(registered(deployed, bench)) == {("nightly", "@qdash")}
    assert "current version of flow qdash-perform" in caplog.text


def test_a_deployment_just_created_by_another_worker_keeps_its_schedules(bench: Bench) -> None:
    deployed = FakeDeployments()
    registered(deployed, bench)
    deployed.hidden = True  # missing in the list of all
    deployed.written.clear()
    registered(deployed, bench)
    assert deployed.written == []


def test_several_pools_of_one_server_have_deployments_of_their_own(bench: Bench) -> None:
    deployed = FakeDeployments()
    there = registered(deployed, bench, QDASH_PREFECT_POOL="cold")
    assert [one["name"] for one in there.values()] == ["perform@cold", "@qdash@cold"]
    assert [get_plain_name(one["name"]) for one in there.values()] == ["perform", "@qdash"]


@pytest.mark.slow
def test_a_saved_flow_records_its_deployment_without_a_new_version(bench: Bench) -> None:
    saved = bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", PLAIN)
    assert (saved.deployment_id, saved.default_parameters) == (None, {"depth": 3})
    there = registered(FakeDeployments(), bench)
    found = bench.qdash.get(SAVED_FLOWS).show(ADMIN, "night")
    assert found == saved.model_copy(update={"deployment_id": there["night", PROJECT]["id"]})


def test_saved_flows_are_deployments_of_their_project_and_prefects_own_can_be_loaded(bench: Bench) -> None:
    deployed = FakeDeployments()
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", PLAIN, tags=["nightly"])
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "day", OF_PREFECT, chip_id=CHIP)
    registered(deployed, bench)
    night, day = deployed.named("night", PROJECT), deployed.named("day", PROJECT)
    assert night is not None
    assert day is not None
    assert night["entrypoint"] is None
    assert night["tags"] == ["qdash", "nightly"]
    assert night["parameter_openapi_schema"]["properties"]["depth"] == {"type": "integer", "default": 3}
    assert night["parameter_openapi_schema"]["required"] == ["chip_id"]
    assert day["parameter_openapi_schema"]["required"] == ["depth"]
    (step,) = day["pull_steps"]
    assert step == {
        "qdash_prefect.flows.write_flow_source": {"project_id": PROJECT, "flow": "day", "version": 1}
    }

    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "day", OF_PREFECT.replace("depth", "width"), chip_id=CHIP)
    bench.qdash.get(SAVED_FLOWS).delete(ADMIN, "night")
    registered(deployed, bench)
    assert day["parameter_openapi_schema"]["required"] == ["width"]
    assert day["entrypoint"].startswith("2-")
    assert (night["paused"], day["paused"]) == (True, False)
    deployed.written.clear()
    registered(deployed, bench)
    assert deployed.written == []
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", PLAIN)
    registered(deployed, bench)
    assert not night["paused"]


@pytest.mark.slow
def test_the_pull_step_writes_the_source_of_a_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.setenv("QDASH_STORE_URL", f"sqlite:///{tmp_path}/qdash.db")
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", make_task())
    flow = bench.qdash.get(SAVED_FLOWS).save(ADMIN, "day", OF_PREFECT)
    bench.qdash.close()
    folder = Path(write_flow_source(PROJECT, "day", 1)["directory"])
    assert (folder / flow.file_path.rpartition("/")[2]).read_text() == OF_PREFECT


# ------------------------------------------------------------------------------------------------------------ performing


def asked(flow: str, **given: Any) -> ExecutionModel:
    request = RunRequest(username="ann", flow=flow, chip_id=CHIP, **given)
    about = {"project_id": PROJECT, "username": "ann", "name": flow, "chip_id": CHIP}
    return ExecutionModel(execution_id="20261122-000", request=request, **about)


def test_an_execution_is_performed_by_the_common_deployment(bench: Bench) -> None:
    deployed = FakeDeployments()
    there = registered(deployed, bench)
    with deployed.client() as client:
        for execution in (asked("nightly"), asked("night", flow_version=1)):
            found = resolve_flow_run_request(client, PrefectSettings(), execution)
            assert found.deployment_id == there["qdash-perform", "perform"]["id"]
            assert found.parameters == {"project_id": PROJECT, "execution_id": "20261122-000"}
            assert not found.has_hooks


@pytest.mark.slow
def test_an_execution_of_a_prefect_flow_is_performed_by_its_own_deployment_and_parameters(
    bench: Bench,
) -> None:
    deployed = FakeDeployments()
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "day", OF_PREFECT)
    there = registered(deployed, bench)
    given = {"targets": TargetSelection(qubits=("0",)), "parameters": {"depth": 2}}
    with deployed.client() as client:
        found = resolve_flow_run_request(client, PrefectSettings(), asked("day", flow_version=1, **given))
    assert found.deployment_id == there["day", PROJECT]["id"]
    assert found.has_hooks
    assert found.parameters == {
        "username": "ann",
        "chip_id": CHIP,
        "qids": ["0"],
        "depth": 2,
        "project_id": PROJECT,
        "flow_name": "day",
        "execution_id": "20261122-000",
    }


# ------------------------------------------------------------------------------------------------------------- schedules


def timetable(
    name: str, when: Cron | Interval | Moment, *, flow: str | None = "nightly", **given: Any
) -> TimetableModel:
    """Return a timetable of a flow, or of digests for None."""
    about = {"project_id": PROJECT, "username": "admin", "timezone": "Europe/Berlin", "next_at": NOON}
    moments = {"considered_until": NOON, "created_at": NOON, "updated_at": NOON}
    activity: dict[str, Any] = {
        "request": None if flow is None else RunRequest(flow=flow, chip_id=CHIP),
        "digest": DigestRequest(chip_id=CHIP) if flow is None else None,
    }
    return TimetableModel(name=name, when=when, **{**activity, **about, **moments, **given})


def agreed(deployed: FakeDeployments, bench: Bench) -> dict[str, list[Document]]:
    """Return the schedules of each flow after reconciliation."""
    with deployed.client() as client:
        found = register_deployments(client, PrefectSettings(), bench.qdash, deployed.stood)
        schedules.reconcile_schedules(client, found, bench.qdash)
    return {deployed.flows[int(row["flow_id"])]: row["schedules"] for row in deployed.rows}


def test_a_timetable_has_a_schedule_of_the_deployment_of_its_flow(bench: Bench) -> None:
    deployed, timetables = FakeDeployments(), bench.repositories.of(TimetableRepository)
    timetables.add(timetable("at-two", Cron(expression="0 2 * * *")))
    timetables.add(timetable("often", Interval(every_s=3600, anchor=NOON), flow="Measure", next_at=None))
    timetables.add(timetable("once", Moment(at=NOON)))
    found = agreed(deployed, bench)
    at_two, once = found["nightly"]
    assert at_two["schedule"] == {"cron": "0 2 * * *", "timezone": "Europe/Berlin"}
    assert at_two["parameters"].items() >= {"qdash_timetable": "at-two", "project_id": PROJECT}.items()
    assert once["schedule"]["rrule"] == "DTSTART:20261122T120000Z\nRRULE:FREQ=DAILY;COUNT=1"
    (often,) = found["qdash-perform"]
    assert (often["active"], often["schedule"]["interval"]) == (False, 3600)
    deployed.written.clear()
    agreed(deployed, bench)
    assert deployed.written == []


def test_a_timetable_of_digests_has_a_schedule_of_the_general_deployment(bench: Bench) -> None:
    deployed = FakeDeployments()
    bench.repositories.of(TimetableRepository).add(
        timetable("morning", Cron(expression="0 8 * * *"), flow=None)
    )
    found = agreed(deployed, bench)
    (morning,) = found["qdash-perform"]
    assert morning["schedule"] == {"cron": "0 8 * * *", "timezone": "Europe/Berlin"}
    assert found["nightly"] == []


def test_a_schedule_is_updated_in_place_and_deleted_with_its_timetable(bench: Bench) -> None:
    deployed, timetables = FakeDeployments(), bench.repositories.of(TimetableRepository)
    timetables.add(timetable("at-two", Cron(expression="0 2 * * *")))
    (before,) = agreed(deployed, bench)["nightly"]
    known_as = before["id"]
    timetables.put(timetable("at-two", Cron(expression="0 3 * * *"), paused=True, next_at=None))
    (after,) = agreed(deployed, bench)["nightly"]
    assert (after["id"], after["active"], after["schedule"]["cron"]) == (known_as, False, "0 3 * * *")

    other = timetable("at-two", Cron(expression="0 3 * * *"), flow="Measure")
    timetables.put(other)
    found = agreed(deployed, bench)
    assert (found["nightly"], len(found["qdash-perform"])) == ([], 1)
    timetables.remove(other)
    assert agreed(deployed, bench)["qdash-perform"] == []


def test_duplicate_schedules_of_a_timetable_are_removed(bench: Bench) -> None:
    deployed = FakeDeployments()
    bench.repositories.of(TimetableRepository).add(timetable("at-two", Cron(expression="0 2 * * *")))
    (first,) = agreed(deployed, bench)["nightly"]
    again = {**first, "id": "another"}
    deployed.rows[1]["schedules"].append(again)
    gone = {"id": "2", "flow_id": "0", "name": PROJECT, "tags": ["qdash"], "version": "gone"}
    deployed.rows.append({**gone, "paused": True, "schedules": [{**first, "id": "0"}]})
    agreed(deployed, bench)
    assert deployed.rows[1]["schedules"] == [again]
    assert deployed.rows[2]["schedules"] == []


def test_schedules_of_users_are_left_alone(bench: Bench) -> None:
    deployed = FakeDeployments()
    registered(deployed, bench)
    his = {"id": "his", "parameters": {"timetable": "4/4"}}
    deployed.rows[1]["schedules"].append(his)
    assert agreed(deployed, bench)["nightly"] == [his]


def test_an_unsupported_calendar_is_replaced_by_its_next_occurrence(bench: Bench) -> None:
    deployed = FakeDeployments(odd_cron="0 2 1W * *")
    bench.repositories.of(TimetableRepository).add(timetable("odd", Cron(expression="0 2 1W * *")))
    (shown,) = agreed(deployed, bench)["nightly"]
    assert "20261122T120000Z" in shown["schedule"]["rrule"]
    deployed.written.clear()
    agreed(deployed, bench)
    assert deployed.written == []
