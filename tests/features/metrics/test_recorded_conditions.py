"""Recorded conditions of values: a thermal cycle, a retuned pump, a firmware change, and readout alone or with others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.metrics.judgement.samples import Sample
from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
from qdash_builtin.runs.current_inputs import list_task_inputs
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AccessDeniedError,
    InvalidInputError,
    NotFoundError,
    OutputParameter,
    Parameter,
    TaskOutput,
)
from qdash_core.models.chip import MuxLines, ParameterModel, WiringModel
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import PastResult, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.validation.standard import Jump
from qdash_core.validation.verdicts import Candidate, find_verdict
from qdash_core.values.measuring_conditions import describe_readout

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from qdash_core.models.chip_judgement import Judgement

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

READOUT = make_task(
    "Readout",
    {"average_readout_fidelity": Parameter(0.995, 0.001)},
    output_parameters={
        "average_readout_fidelity": OutputParameter(line="readout", jump=2 / 3, ideal=1.0, negligible=0.01)
    },
)
PULSE = make_task(
    "Pulse",
    {"pi_amplitude": Parameter(0.2, 0.001, "a.u.")},
    output_parameters={"pi_amplitude": OutputParameter(unit="a.u.", line="drive", jump=0.5)},
)
FREQUENCY = make_task("Frequency", {"qubit_frequency": Parameter(5.0, 1e-5, "GHz")})
GATE = make_task(
    "Gate",
    {"zx90_gate_fidelity": Parameter(0.99, 0.001)},
    output_parameters={"zx90_gate_fidelity": OutputParameter(line="drive")},
    task_type="coupling",
)
SPECTROSCOPY = make_task(
    "Spectroscopy", {"resonator_frequency": Parameter(7.0, 1e-5, "GHz")}, needs=["qubit_frequency"]
)
WIRING = WiringModel(
    lines=[
        MuxLines(
            mux=0, ctrl=["U10B-1", "U10B-2", "U11B-1"], read_out="R20A-1", read_in="R20A-2", pump="P30A-1"
        ),
        MuxLines(mux=1, ctrl=["U11B-2", "U11B-3"], read_out="R21A-1", read_in="R21A-2"),
    ]
)
QUBITS = "01234"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A calibrated chip in its first cool-down: qubits 0 to 2 are on multiplexer 0, 3 and 4 on multiplexer 1."""
    bench = make_bench(READOUT, PULSE, FREQUENCY, GATE, SPECTROSCOPY)
    bench.qdash.get(CHIPS).set_wiring(ADMIN, CHIP, WIRING)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "first", "K", chip_ids=[CHIP])
    session = bench.start_session()
    for name in ("Readout", "Pulse", "Frequency"):
        for qid in QUBITS:
            session.run_task(name, qid)
    for coupling in ("0-1", "2-3"):
        session.run_task("Gate", coupling)
    session.complete()
    return bench


def read(bench: Bench) -> Judgement:
    return bench.qdash.judge.read(bench.repositories, PROJECT, CHIP)


def list_doubts(bench: Bench) -> dict[str, list[str]]:
    """Return the names of the doubtful values by target."""
    found: dict[str, list[str]] = {}
    for qid, name, value in read(bench).iter_considered():
        if value.doubts:
            found.setdefault(qid, []).append(name)
    return found


def make_doubts(qubits: str) -> dict[str, list[str]]:
    """Return doubts of the readout fidelity of qubits."""
    return {qid: ["average_readout_fidelity"] for qid in qubits}


def test_after_a_thermal_cycle_each_value_is_a_starting_value_until_it_is_measured_again(
    bench: Bench,
) -> None:
    assert list_doubts(bench) == {}
    bench.qdash.get(COOLDOWNS).end(ADMIN, "first")
    bench.qdash.get(COOLDOWNS).create(
        ADMIN, "second", "K", chip_ids=[CHIP], description="after an excursion to 4 K"
    )
    measured = ["average_readout_fidelity", "pi_amplitude", "qubit_frequency"]
    gates = {qid: ["zx90_gate_fidelity"] for qid in ("0-1", "2-3")}
    assert list_doubts(bench) == dict.fromkeys(QUBITS, measured) | gates
    doubt = read(bench).targets["0"].values["qubit_frequency"]
    assert doubt.reasons == ["measured before the current cool-down"]
    (start,) = list_task_inputs(bench.qdash, ADMIN, CHIP, "Spectroscopy", ["0"])["0"]
    assert start.known is not None, "a recalibration starts from the value of the earlier cool-down"
    assert (start.known.value, [str(one.mark) for one in start.marks]) == (5.0, ["other-cooldown"])
    assert bench.run("Spectroscopy").input_parameters["qubit_frequency"].value == 5.0
    bench.run("Frequency")
    assert list_doubts(bench)["0"] == ["average_readout_fidelity", "pi_amplitude"]


def test_the_trust_of_a_user_ends_with_the_cooldown_in_which_it_was_stated(bench: Bench) -> None:
    def trust() -> None:
        until = utc_now() + timedelta(days=9)
        bench.qdash.get(VALUES).trust(ADMIN, CHIP, "0", ["qubit_frequency"], until=until, reason="checked")

    trust()
    bench.qdash.get(COOLDOWNS).end(ADMIN, "first")
    assert "0" not in list_doubts(bench)
    bench.qdash.get(COOLDOWNS).create(ADMIN, "second", "K", chip_ids=[CHIP])
    assert "qubit_frequency" in list_doubts(bench)["0"]
    trust()
    assert "qubit_frequency" not in list_doubts(bench)["0"]


def test_after_a_pump_was_retuned_only_readout_values_of_its_multiplexer_are_doubtful(bench: Bench) -> None:
    event = bench.qdash.get(VALUES).record_setting(
        ADMIN, CHIP, "mux:0", "pump power", before="8.1 dBm", after="8.3 dBm", reason="more gain"
    )
    assert [part.qid for part in event.parts] == ["0", "1", "2"]
    assert list_doubts(bench) == make_doubts("012")
    (reason,) = read(bench).targets["1"].values["average_readout_fidelity"].reasons
    assert (
        reason
        == f"pump power of multiplexer 0 changed from 8.1 dBm to 8.3 dBm at {event.head.created_at:%Y-%m-%d %H:%M} UTC"
    )
    bench.run("Readout", "1")
    assert list_doubts(bench) == make_doubts("02")
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    assert list_doubts(bench) == {}


def test_the_digest_after_a_change_names_it_and_advises_to_measure_what_depends_on_it(bench: Bench) -> None:
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "mux:0", "pump power", before="1", after="2")
    digest = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "1h")
    (change,) = digest.manual
    assert (change.verb, change.targets, change.parameters) == (
        "reconfigured",
        ["0", "1", "2"],
        ["pump power"],
    )
    assert [(one.target, one.parameter) for one in digest.stale] == [
        (qid, "average_readout_fidelity") for qid in "012"
    ]
    measure = [one for one in digest.advice if "again" in one.text]
    assert [list(one.targets) for one in measure] == [["0", "1", "2"]]
    assert "3 after a change of a setting" in measure[0].reason


def test_a_setting_that_was_changed_back_leaves_the_values_of_before_trusted(bench: Bench) -> None:
    for before, after in (("8.1 dBm", "8.3 dBm"), ("8.3 dBm", "8.1 dBm")):
        bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "mux:0", "pump power", before=before, after=after)
        assert bool(list_doubts(bench)) is (after == "8.3 dBm")


def test_the_order_in_which_changes_are_recorded_has_no_effect(bench: Bench) -> None:
    now = utc_now()
    for ago, before, after in ((1, "b", "a"), (2, "a", "b")):
        bench.qdash.get(VALUES).record_setting(
            ADMIN, CHIP, "mux:0", "pump", before=before, after=after, at=now - timedelta(days=ago)
        )
        assert list_doubts(bench) == {}, "it was changed before the values were measured"
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "line:P30A-1", "frequency", before="1", after="2")
    assert list_doubts(bench) == make_doubts("012")


def test_after_a_new_firmware_of_a_control_box_what_its_lines_drive_is_doubtful(bench: Bench) -> None:
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "module:U10B", "firmware", before="1.2", after="1.3")
    assert list_doubts(bench) == {
        "0": ["pi_amplitude"],
        "1": ["pi_amplitude"],
        "0-1": ["zx90_gate_fidelity"],
    }
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "module:U11B", "firmware", before="1.2", after="1.3")
    assert "2-3" in list_doubts(bench)
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "chip", "shielding", before="old", after="new")
    assert list_doubts(bench)["4"] == ["average_readout_fidelity", "pi_amplitude"]
    assert all(one.fitness != "unfit" for one in read(bench).targets.values())


@pytest.mark.parametrize(
    ("resource", "change", "error", "message"),
    [
        ("mux:7", {}, NotFoundError, "has no multiplexer 7"),
        ("line:U10B-9", {}, NotFoundError, "has no line U10B-9"),
        ("pump", {}, InvalidInputError, "'pump' is not a resource: write mux:13"),
        ("mux:0", {"after": "1.2"}, InvalidInputError, "firmware is 1.2 before and after"),
        ("mux:0", {"after": " "}, InvalidInputError, "after: write 1 to 100 visible characters"),
        ("mux:0", {"before": "1.2\x1b[31m"}, InvalidInputError, "before: write 1 to 100 visible characters"),
        (
            "mux:0",
            {"after": "1.3\nall is well"},
            InvalidInputError,
            "after: write 1 to 100 visible characters",
        ),
        ("mux:0", {"at": datetime(2126, 1, 1, tzinfo=UTC)}, InvalidInputError, "is in the future"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    bench: Bench, resource: str, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    values = {"before": "1.2", "after": "1.3"} | change
    with pytest.raises(error, match=message):
        bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, resource, "firmware", **values)
    viewer = access_of("viewer", PROJECT, ProjectRole.VIEWER)
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(VALUES).record_setting(viewer, CHIP, "chip", "firmware", before="1.2", after="1.3")


MUXES = {"0": 13, "1": 13, "2": 14, "3": None}


@pytest.mark.parametrize(
    ("qid", "together", "reset", "condition"),
    [
        ("0", [], None, "read alone"),
        ("0", ["2"], None, "read alone"),
        ("0", ["1", "2"], "auto", "with multiplexer 13"),
        ("0", ["1"], "passive", "with multiplexer 13, passive reset"),
        ("0", None, None, ""),
        ("3", ["0"], None, ""),
    ],
)
def test_the_condition_of_a_readout_says_whether_others_of_its_multiplexer_were_read(
    qid: str, together: list[str] | None, reset: str | None, condition: str
) -> None:
    run_parameters = {} if reset is None else {"reset": {"value": reset, "value_type": "str"}}
    result = TaskResultModel.model_validate(
        {
            "project_id": PROJECT,
            "username": "ann",
            "chip_id": CHIP,
            "execution_id": "e",
            "task_id": "t",
            "name": "Readout",
            "qid": qid,
            "together": together,
            "run_parameters": run_parameters,
        }
    )
    assert describe_readout(result, MUXES) == condition


def test_a_readout_is_recorded_with_its_condition_and_others_are_not(bench: Bench) -> None:
    data = bench.get_qubit().data
    assert data["average_readout_fidelity"].condition == "read alone"
    assert data["pi_amplitude"].condition is None


ALONE, TOGETHER = "read alone", "with multiplexer 13"


def judge_fidelity(value: float, condition: str, *history: PastResult, in_use: str) -> Verdict:
    known = make_fidelity(0.995, in_use)
    output = TaskOutput({"average_readout_fidelity": Parameter(value, 0.001)})
    candidate = Candidate(
        READOUT,
        "0",
        output,
        {"average_readout_fidelity": known},
        "e2",
        history,
        conditions={"average_readout_fidelity": condition},
    )
    return find_verdict(candidate, [Jump()]).verdict


def make_fidelity(value: float, condition: str) -> ParameterModel:
    return ParameterModel(value=value, error=0.001, calibrated_at=utc_now(), condition=condition)


def make_past(value: float, condition: str) -> PastResult:
    return PastResult(
        execution_id="e1",
        task_id="t",
        qid="0",
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        output_parameters={"average_readout_fidelity": make_fidelity(value, condition)},
    )


def test_a_readout_with_others_is_no_loss_of_one_alone_but_of_an_earlier_one_with_others() -> None:
    assert judge_fidelity(0.93, TOGETHER, in_use=TOGETHER) is Verdict.FLAGGED
    assert judge_fidelity(0.93, TOGETHER, in_use=ALONE) is Verdict.ACCEPTED
    assert judge_fidelity(0.93, TOGETHER, make_past(0.94, TOGETHER), in_use=ALONE) is Verdict.ACCEPTED
    assert judge_fidelity(0.61, TOGETHER, make_past(0.94, TOGETHER), in_use=ALONE) is Verdict.FLAGGED
    assert judge_fidelity(0.61, ALONE, in_use=TOGETHER) is Verdict.FLAGGED, "others only lower it"
    assert judge_fidelity(0.93, "", in_use=ALONE) is Verdict.FLAGGED, "an unknown condition is compared"


def test_a_pulse_after_a_new_firmware_is_no_jump(bench: Bench) -> None:
    far = {"pi_amplitude": Parameter(0.05, 0.001)}
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", far, reason="test", confirmed=True)
    assert bench.run("Pulse").verdict is Verdict.FLAGGED
    bench.qdash.get(VALUES).record_setting(ADMIN, CHIP, "chip", "firmware", before="1.2", after="1.3")
    assert bench.run("Pulse").verdict is Verdict.ACCEPTED


def test_values_of_different_conditions_are_not_compared_as_moved() -> None:
    scatter = UsualScatter()
    one, other = Sample(0.0, 0.99, 0.001, condition=ALONE), Sample(1.0, 0.93, 0.001, condition=TOGETHER)
    place = "0", "average_readout_fidelity"
    assert not scatter.compare(*place, one, other, watched=1).is_move
    assert scatter.compare(*place, one, other._replace(condition=""), watched=1).is_move
    assert scatter.compare(*place, one, other._replace(condition=ALONE), watched=1).is_move
