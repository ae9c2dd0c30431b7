"""Every surface of one chip shows the same judgement: a qubit without signal, one whose readout is too bad, a doubtful value, an excluded qubit."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import qdash
from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.metrics.feature import METRICS, SPECIFICATIONS
from qdash_builtin.metrics.selection import Selection
from qdash_builtin.metrics.stored_chip import read_judged_states
from qdash_builtin.metrics.views.attention import AttentionDocument
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report import Subject, SubjectKind
from qdash_builtin.values.feature import VALUES
from qdash_core.flows.conditions import make_requirement
from qdash_core.judgement.conditions import Condition
from qdash_core.models.chip import MeasuredAttempt, StatusReason, TargetStatus
from qdash_core.models.judgement import FailureKind
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

from ..access import ADMIN
from ..calibrated_chips import COUPLING, QUBIT, set_device_values
from ..cli.conftest import InProcess, load_usual_plugins
from ..core.bench import LINE

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host

TEXT = "CheckRabi failed: no oscillation"
BAD = "Readout fidelity of 0 is beyond the minimum of 70 %"
UNFIT = {
    "0": f"failed: {TEXT}",
    "4": BAD,
    "3-4": "qubit 4 is unfit",
    "0-1": "qubit 0 is unfit",
    "1-2": "qubit 2 is excluded",
    "2-3": "qubit 2 is excluded",
}
FITNESS = {**dict.fromkeys(UNFIT, "unfit"), **dict.fromkeys(("1", "3"), "fit"), "2": "excluded"}
STATUS = {qid: {"fit": "calibrated", "unfit": "failed"}.get(one, one) for qid, one in FITNESS.items()}
TRUST = {
    **{(qid, name): "trusted" for qid in "01234" for name in QUBIT},
    **{(qid, name): "trusted" for qid in ("0-1", "1-2", "2-3", "3-4") for name in COUPLING},
    **{("0", name): "not-looked-at" for name in QUBIT},
    **{("0-1", name): "not-looked-at" for name in COUPLING},
    ("1", "t1"): "doubtful",
}


@pytest.fixture
def lab(host: Host) -> Host:
    """Host with chip `lab`: the signal of qubit 0 was lost, T1 of qubits 1 and 3 is old, a user trusts that of 3, qubit 2 is excluded, and
    the readout of qubit 4, which no measurement calls failed, is worse than asked."""
    host.qdash.get(CHIPS).create(ADMIN, "lab", LINE, backend="fake")
    set_device_values(host.qdash, "default", "lab")
    now = utc_now()
    silent = MeasuredAttempt(
        task="CheckRabi",
        task_id="r7",
        execution_id="20261128-001",
        measured_at=now + timedelta(minutes=2),
        ended_at=now + timedelta(minutes=3),
        text=TEXT,
        kind=FailureKind.NO_SIGNAL,
        times=2,
        first_at=now + timedelta(minutes=1),
        absent_since=now + timedelta(minutes=1),
    )
    with host.qdash.store.transaction() as transaction:
        repositories = Repositories(transaction)
        for stored in (
            repositories.of(QubitCalibrationRepository),
            repositories.of(CouplingCalibrationRepository),
        ):
            for target in stored.list_by_chip("default", "lab"):
                changes: dict[str, Any] = {"status": TargetStatus.CALIBRATED}
                if target.qid == "0":
                    changes = {
                        "status": TargetStatus.FAILED,
                        "status_reason": StatusReason(text=TEXT, task_id="r7", execution_id="20261128-001"),
                        "failures": {"qubit_frequency": silent},
                    }
                if target.qid == "4":
                    found = {"value": 0.61, "task_id": "r8", "execution_id": "20261128-002"}
                    readout = target.data["readout_fidelity_0"].model_copy(update=found)
                    changes["data"] = {**target.data, "readout_fidelity_0": readout}
                if target.qid in "13":
                    old = target.data["t1"].model_copy(update={"calibrated_at": now - timedelta(days=8)})
                    changes["data"] = {**target.data, "t1": old}
                transaction.put(stored.collection, target.model_copy(update=changes).to_document())
    host.qdash.get(SPECIFICATIONS).ask(ADMIN, "lab", {}, {"readout_fidelity_0": 0.7})
    host.qdash.get(TARGETS).set_aside(ADMIN, "lab", "2", TargetStatus.EXCLUDED, "open line")
    until = now + timedelta(days=1)
    host.qdash.get(VALUES).trust(ADMIN, "lab", "3", ["t1"], until=until, reason="it never changes")
    return host


def flatten(values: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return the values of a document by target and metric."""
    return {
        (target, name): value
        for kind in ("qubits", "couplings")
        for target, known in values[kind].items()
        for name, value in known.items()
    }


def read_trust(values: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {place: value["trust"] for place, value in flatten(values).items()}


def read_fitness(chip: dict[str, Any]) -> dict[str, str]:
    return {qid: one["fitness"] for kind in ("qubits", "couplings") for qid, one in chip[kind].items()}


def count_considered(*, couplings: bool) -> dict[str, int]:
    """Return the expected number of values by trust, without those of the excluded qubit."""
    return dict(
        Counter(trust for (qid, _), trust in TRUST.items() if qid != "2" and ("-" in qid) == couplings)
    )


def count_kind(known: dict[str, str], *, couplings: bool) -> dict[str, int]:
    return dict(Counter(one for qid, one in known.items() if ("-" in qid) == couplings))


def read_statuses(chip: dict[str, Any]) -> dict[str, str]:
    return {qid: one["status"] for kind in ("qubits", "couplings") for qid, one in chip[kind].items()}


def test_documents_of_the_host_agree(lab: Host, viewer: TestClient) -> None:
    values = viewer.get("/metrics/chips/lab").json()
    assert {place: trust for place, trust in read_trust(values).items() if place in TRUST} == TRUST
    selected = viewer.get("/metrics/chips/lab", params={"metric": ["t1"]}).json()
    assert read_trust(selected) == {place: trust for place, trust in TRUST.items() if place[1] == "t1"}
    usable = viewer.get("/metrics/chips/lab", params={"usable": True}).json()
    assert {*usable["qubits"], *usable["couplings"]} == {qid for qid, one in FITNESS.items() if one == "fit"}
    chip = viewer.get("/chips/lab").json()
    assert (read_fitness(chip), read_statuses(chip)) == (FITNESS, STATUS)
    reasons = {
        qid: one["fitness_reasons"][0]
        for kind in ("qubits", "couplings")
        for qid, one in chip[kind].items()
        if "fitness_reasons" in one
    }
    assert reasons == UNFIT
    for kind in ("qubits", "couplings"):
        listed = viewer.get(f"/chips/lab/{kind}").json()["items"]
        assert {one["id"]: (one["fitness"], one["status"]) for one in listed} == {
            qid: (one["fitness"], one["status"]) for qid, one in chip[kind].items()
        }
    for qid in ("0", "1", "2", "4", "0-1", "3-4"):
        shown = viewer.get(f"/chips/lab/{'couplings' if '-' in qid else 'qubits'}/{qid}").json()
        assert (shown["fitness"], shown["status"]) == (FITNESS[qid], STATUS[qid])
        assert {name: one["trust"] for name, one in shown["values"].items()} == {
            name: trust for (target, name), trust in TRUST.items() if target == qid
        }


def test_the_reason_for_a_failed_status_is_that_of_the_judgement_with_its_result(
    lab: Host, viewer: TestClient
) -> None:
    chip = viewer.get("/chips/lab").json()
    reasons = {
        qid: (one["status_reason"]["text"], one["status_reason"]["task_id"])
        for kind in ("qubits", "couplings")
        for qid, one in chip[kind].items()
        if one["status"] == "failed"
    }
    assert reasons == {
        "0": (TEXT, "r7"),
        "4": (BAD, "r8"),
        "0-1": ("qubit 0 is unfit", "r7"),
        "3-4": ("qubit 4 is unfit", "r8"),
        "1-2": ("qubit 2 is excluded", ""),
        "2-3": ("qubit 2 is excluded", ""),
    }
    attention = viewer.get("/metrics/chips/lab/attention").json()
    assert {
        one["id"]: (one["status_reason"]["text"], one["status_reason"]["task_id"])
        for kind in ("qubits", "couplings")
        for one in attention[kind]["failed"]
    } == reasons
    states = read_judged_states(lab.qdash, "default", "lab")
    assert states.find_failures("20261128-002") == {"4": BAD, "3-4": "qubit 4 is unfit"}


def test_a_run_on_failed_targets_takes_the_unfit_ones_and_leaves_out_no_unfit_one_otherwise(
    lab: Host,
) -> None:
    chip = lab.qdash.get(CHIPS).show(ADMIN, "lab")
    find_lack = make_requirement(lab.qdash, chip, [Condition.FAILED], None)
    every = {**chip.qubits, **chip.couplings}
    assert {qid for qid, one in every.items() if find_lack(one) is None} == {*UNFIT}
    assert chip.qubits["4"].status is TargetStatus.CALIBRATED, (
        "as its measurements left it, for steps of flows"
    )


def test_counts_of_attention_digest_report_and_prometheus_agree(lab: Host, viewer: TestClient) -> None:
    attention = viewer.get("/metrics/chips/lab/attention").json()
    for kind, couplings in (("qubits", False), ("couplings", True)):
        assert attention[kind]["fitness"] == count_kind(FITNESS, couplings=couplings)
        assert attention[kind]["statuses"] == count_kind(STATUS, couplings=couplings)
        assert attention[kind]["trust"] == count_considered(couplings=couplings)
    marks = {"too-old": 1, "last-failed": 1, "no-signal": len(QUBIT), "trusted-by-user": 1}
    assert attention["qubits"]["marks"] == marks
    in_process = lab.qdash.get(METRICS)
    document = AttentionDocument.from_attention(
        "lab", in_process.summarise_attention(ADMIN, "lab"), in_process.file
    )
    assert document.as_json() == attention
    digest = lab.qdash.get(DIGESTS).make(ADMIN, "lab", "24h")
    for kind in ("qubit", "coupling"):
        assert dict(digest.statuses[kind]) == attention[f"{kind}s"]["statuses"]
    assert digest.too_old == attention["qubits"]["marks"]["too-old"]
    report = lab.qdash.get(REPORTS).make(ADMIN, Subject(SubjectKind.CHIP, "lab", "lab"), with_figures=False)
    for kind in ("qubit", "coupling"):
        assert dict(report.attention[kind].trust) == attention[f"{kind}s"]["trust"]
        assert dict(report.attention[kind].fitness) == attention[f"{kind}s"]["fitness"]
        assert dict(report.attention[kind].statuses) == attention[f"{kind}s"]["statuses"]
    context = viewer.get("/chips/lab/context").json()["chip"]
    for name in ("fitness", "trust", "statuses"):
        assert context[name] == {kind: attention[f"{kind}s"][name] for kind in ("qubit", "coupling")}
    assert (
        viewer.get("/chips/lab/context", params={"target": "0"}).json()["target"]["fitness"] == FITNESS["0"]
    )
    gauges = viewer.get("/prometheus").text
    counted = {"judged_targets": "fitness", "judged_values": "trust", "targets": "status"}
    for name, label in counted.items():
        found: dict[str, dict[str, int]] = {"qubit": {}, "coupling": {}}
        for labels, number in re.findall(rf"^qdash_{name}{{(.*)}} (\d+)", gauges, re.MULTILINE):
            known = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            if known["chip"] == "lab" and int(number):
                found[known["kind"]][known[label]] = int(number)
        of = {"status": "statuses"}.get(label, label)
        assert found == {kind: attention[f"{kind}s"][of] for kind in found}


def test_a_change_of_a_value_tells_the_fitness_of_the_qubit_and_of_its_couplings(
    lab: Host, editor: TestClient
) -> None:
    body = {
        "values": {"readout_fidelity_0": {"value": 0.98}},
        "reason": "measured by hand",
        "confirmed": True,
    }
    answer = editor.patch("/chips/lab/qubits/4", json=body)
    assert answer.status_code == 200, answer.text
    mended = {"before": "unfit", "after": "fit"}
    assert answer.json()["fitness"] == {"4": mended, "3-4": mended}
    undone = editor.post(f"/value-events/{answer.json()['number']}/undo", json={}).json()
    spoiled = {"before": "fit", "after": "unfit"}
    assert undone["fitness"] == {
        "4": spoiled | {"reasons": [BAD]},
        "3-4": spoiled | {"reasons": ["qubit 4 is unfit"]},
    }
    chip = editor.get("/chips/lab").json()
    assert (read_fitness(chip), read_statuses(chip)) == (FITNESS, STATUS)


def test_exports_releases_and_figures_agree(lab: Host, viewer: TestClient) -> None:
    exported = viewer.get("/chips/lab/export", params={"format": "json"}).json()
    assert read_trust(exported) == TRUST
    assert exported["status"] == STATUS
    rows = viewer.get("/chips/lab/export", params={"format": "csv"}).text.splitlines()
    column = rows[0].split(",").index("trust")
    assert Counter(row.split(",")[column] for row in rows[1:]) == Counter(TRUST.values())
    device = viewer.get("/chips/lab/export", params={"format": "device"}).json()
    assert [one["qid"] for one in device["qubits"]] == ["1", "3"]
    assert device["qubits"][0]["notes"] == ["t1 is doubtful: measured 8 d ago; the limit is 7 d"]
    assert {one["target"]: one["reason"] for one in device["left_out"]} == {
        "0": f"unfit: {UNFIT['0']}",
        "2": "excluded",
        "4": f"unfit: {UNFIT['4']}",
        "3-4": "without qubit 4",
        "0-1": "without qubit 0",
        "1-2": "without qubit 2",
        "2-3": "without qubit 2",
    }
    every = viewer.get("/chips/lab/export", params={"format": "device", "with_unfit": True}).json()
    assert [one["qid"] for one in every["qubits"]] == ["0", "1", "3", "4"]
    lab.qdash.get(RELEASES).create(ADMIN, "lab", "friday")
    released = viewer.get("/chips/lab/releases/friday/export", params={"format": "json"}).json()
    assert read_trust(released) == TRUST
    drawn = lab.qdash.get(METRICS).select(ADMIN, "lab", Selection(metrics=("t1",))).values.qubits
    assert {qid: str(one["t1"].trust) for qid, one in drawn.items()} == {
        qid: TRUST[qid, "t1"] for qid in "01234"
    }


def test_commands_agree_with_notebooks(
    lab: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", load_usual_plugins)
    monkeypatch.setenv("QDASH_HOME", str(lab.qdash.settings.home))
    command = InProcess(capsys)
    assert read_trust(command.read_json("metrics", "lab")) == TRUST
    assert read_fitness(command.read_json("chip", "show", "lab")) == FITNESS
    told = command.does("chip", "show", "lab")
    for text in (
        "qubits: 2 fit, 2 unfit, 1 excluded; couplings: 4 unfit",
        "failed: 0, 4",
        f"4: failed: {BAD}",
        "values: ",
    ):
        assert text in told
    assert "qubits: 2 fit, 2 unfit, 1 excluded" in command.does("metrics", "lab")
    usable = {qid for qid, one in FITNESS.items() if one == "fit"}
    with qdash.open_chip("lab", home=lab.qdash.settings.home) as chip:
        values = chip.values()
        assert {*values.target} == usable
        assert values.trust.tolist().count("doubtful") == 1
        assert {*chip.values(unfit=True).target} == {*FITNESS}
