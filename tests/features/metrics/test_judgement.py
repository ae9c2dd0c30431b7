"""Judgement of a chip: each row of the tables of trust and fitness, and properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.metrics.definition_file import load_builtin, parse_metrics_file
from qdash_builtin.metrics.judgement.evidence import ChipEvidence
from qdash_builtin.metrics.judgement.fitness import find_usual_minima
from qdash_builtin.metrics.judgement.rules import judge
from qdash_core.models.chip import ParameterModel, StatusReason, TargetStatus
from qdash_core.models.judgement import FailureKind, Fitness, Trust
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.specification import AskedLimits
from qdash_core.tasks.value_declarations import ValueDeclarations

if TYPE_CHECKING:
    from qdash_core.models.chip import StoredAttempt, StoredOverride, StoredValue, StoredValues
    from qdash_core.models.chip_judgement import Judgement, TargetJudgement, ValueJudgement

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
MEASURED = NOW - timedelta(hours=10)
LOST = NOW - timedelta(hours=7)

QUBIT = {
    "resonator_frequency": 7.0,
    "qubit_frequency": 5.0,
    "average_readout_fidelity": 0.995,
    "rabi_frequency": 12.0,
    "pi_amplitude": 0.2,
    "t1": 120.0,
    "t2_echo": 210.0,
}
COUPLING = {"zx90_gate_fidelity": 0.995, "zx90_gate_time": 240.0}


def make_value(value: float, error: float | None = None, **more: Any) -> StoredValue:
    return {
        "value": value,
        "error": error,
        "unit": "",
        "calibrated_at": MEASURED,
        "execution_id": "e1",
        **more,
    }


def make_target(qid: str = "0", status: TargetStatus = TargetStatus.CALIBRATED, **more: Any) -> StoredValues:
    """Return a target; `data` adds to its good values, and a value of None takes one away."""
    data = {name: make_value(one) for name, one in (COUPLING if "-" in qid else QUBIT).items()}
    data |= more.pop("data", {})
    return {
        "qid": qid,
        "status": status,
        "data": {name: one for name, one in data.items() if one is not None},
        **more,
    }


def make_attempt(kind: FailureKind = FailureKind.COULD_NOT_TELL, **more: Any) -> StoredAttempt:
    found: StoredAttempt = {
        "task": "CheckT1",
        "task_id": "r7",
        "execution_id": "e7",
        "measured_at": LOST + timedelta(minutes=5),
        "ended_at": LOST + timedelta(minutes=6),
        "text": "CheckT1 failed: no decay",
        "kind": kind,
        "times": 1,
        "first_at": LOST,
    }
    return found | more  # type: ignore[return-value]


def judge_all(*targets: StoredValues, **evidence: Any) -> Judgement:
    return judge(ChipEvidence(targets, evidence.pop("file", load_builtin()), **evidence), NOW)


def judge_one(target: StoredValues, **evidence: Any) -> TargetJudgement:
    return judge_all(target, **evidence).targets[target["qid"]]


def judge_value(name: str, target: StoredValues, **evidence: Any) -> ValueJudgement:
    return judge_one(target, **evidence).values[name]


def list_marks(value: ValueJudgement) -> list[str]:
    return [str(one.mark) for one in value.marks]


def test_a_value_without_evidence_against_it_is_trusted_and_its_target_is_fit() -> None:
    found = judge_one(make_target())
    assert (found.fitness, found.reasons) == (Fitness.FIT, ())
    assert {(one.trust, one.marks) for one in found.values.values()} == {(Trust.TRUSTED, ())}


@pytest.mark.parametrize(
    ("kind", "times", "trust"),
    [
        (FailureKind.COULD_NOT_TELL, 1, Trust.TRUSTED),
        (FailureKind.COULD_NOT_TELL, 2, Trust.DOUBTFUL),
        (FailureKind.REJECTED, 1, Trust.TRUSTED),
        (FailureKind.REJECTED, 2, Trust.DOUBTFUL),
        (FailureKind.NO_SIGNAL, 1, Trust.TRUSTED),
        (FailureKind.NO_SIGNAL, 2, Trust.DOUBTFUL),
    ],
)
def test_two_measurements_in_a_row_without_a_value_make_it_doubtful_and_one_does_not(
    kind: FailureKind, times: int, trust: Trust
) -> None:
    found = judge_value("t1", make_target(failures={"t1": make_attempt(kind, times=times)}))
    assert (found.trust, list_marks(found)) == (trust, ["last-failed"])
    if trust is Trust.DOUBTFUL:
        assert found.reasons == ["2 measurements in a row gave no value, the last: CheckT1 failed: no decay"]


@pytest.mark.parametrize("times", [1, 3])
def test_a_newer_result_that_a_user_rejected_says_nothing_about_the_value(times: int) -> None:
    rejected = make_attempt(FailureKind.REJECTED_BY_USER, times=times)
    found = judge_value("t1", make_target(failures={"t1": rejected}))
    assert (found.trust, list_marks(found)) == (Trust.TRUSTED, [])


@pytest.mark.parametrize(
    ("kind", "trust"),
    [(FailureKind.REJECTED_BY_USER, Trust.WITHDRAWN), (FailureKind.COULD_NOT_TELL, Trust.ABSENT)],
)
def test_a_value_that_a_user_took_back_is_withdrawn_and_one_never_accepted_is_absent(
    kind: FailureKind, trust: Trust
) -> None:
    target = make_target(data={"t1": None}, failures={"t1": make_attempt(kind)})
    found = judge_all(target)
    assert found.targets["0"].values["t1"].trust is trust
    assert found.targets["0"].fitness is Fitness.FIT, "gates do not need T1"
    assert found.marks == {}, "only values in use have marks"
    essential = make_target(data={"pi_amplitude": None}, failures={"pi_amplitude": make_attempt(kind)})
    judged = judge_one(essential)
    assert (judged.fitness, judged.reasons) == (Fitness.UNFIT, (f"PI amplitude is {trust}",))


@pytest.mark.parametrize(
    ("flagged", "error", "trust"),
    [
        (100.0, 7.0, Trust.TRUSTED),
        (95.0, 7.0, Trust.DOUBTFUL),
        (100.0, None, Trust.DOUBTFUL),
        (None, None, Trust.DOUBTFUL),
    ],
)
def test_a_flagged_value_makes_doubtful_only_what_it_contradicts(
    flagged: float | None, error: float | None, trust: Trust
) -> None:
    target = make_target(data={"t1": make_value(120.0)}, disputes={"t1": make_attempt(task_id="f1")})
    values = {} if flagged is None else {"f1": {"t1": ParameterModel(value=flagged, error=error)}}
    found = judge_value("t1", target, flagged=values)
    assert (found.trust, list_marks(found)) == (trust, ["disputed"])


def test_a_flagged_value_before_the_one_in_use_is_no_evidence() -> None:
    dispute = make_attempt(measured_at=MEASURED - timedelta(minutes=1))
    assert judge_value("t1", make_target(disputes={"t1": dispute})).marks == ()


def test_a_moved_input_an_age_limit_and_another_cooldown_make_doubtful() -> None:
    moved = ValueMark(mark=Mark.INPUTS_MOVED, reason="PI amplitude has moved since", trust=Trust.DOUBTFUL)
    found = judge_value("t1", make_target(), moved={("0", "t1"): moved})
    assert (found.trust, found.reasons) == (Trust.DOUBTFUL, ["PI amplitude has moved since"])
    old = make_target(data={"t1": make_value(120.0, calibrated_at=NOW - timedelta(days=8))})
    found = judge_value("t1", old)
    assert (found.trust, found.reasons) == (Trust.DOUBTFUL, ["measured 8 d ago; the limit is 7 d"])
    for started_at, trust in ((MEASURED, Trust.TRUSTED), (LOST, Trust.DOUBTFUL)):
        found = judge_value("t1", make_target(), cooldown_started_at=started_at)
        assert found.trust is trust
    assert list_marks(found) == ["other-cooldown"]


@pytest.mark.parametrize(
    ("t2", "error", "execution", "trust"),
    [
        (300.0, 2.0, "e1", Trust.DOUBTFUL),
        (300.0, 30.0, "e1", Trust.TRUSTED),
        (300.0, 2.0, "e2", Trust.TRUSTED),
        (230.0, 2.0, "e1", Trust.TRUSTED),
    ],
)
def test_an_echo_time_above_twice_the_t1_of_the_same_execution_is_contradicted_beyond_errors(
    t2: float, error: float, execution: str, trust: Trust
) -> None:
    data = {
        "t1": make_value(120.0, 2.0, unit="us"),
        "t2_echo": make_value(t2, error, unit="us", execution_id=execution),
    }
    found = judge_value("t2_echo", make_target(data=data))
    assert found.trust is trust
    assert list_marks(found) == ["contradicted"] * (trust is Trust.DOUBTFUL)


def make_dead_qubit(status: TargetStatus = TargetStatus.FAILED, **attempt: Any) -> StoredValues:
    silent = make_attempt(
        FailureKind.NO_SIGNAL,
        **{"times": 2, "absent_since": LOST, "text": "CheckRabi failed: no oscillation", **attempt},
    )
    reason = StatusReason(text=silent["text"], task_id="r7", execution_id="e7")
    later = make_value(130.0, calibrated_at=LOST + timedelta(minutes=20))
    return make_target(
        status=status, status_reason=reason, failures={"rabi_frequency": silent}, data={"t1": later}
    )


def test_values_measured_before_the_signal_was_lost_are_not_looked_at_until_the_status_returns() -> None:
    found = judge_one(make_dead_qubit())
    assert (found.fitness, found.reasons) == (Fitness.UNFIT, ("failed: CheckRabi failed: no oscillation",))
    assert found.values["qubit_frequency"].trust is Trust.NOT_LOOKED_AT
    assert found.values["qubit_frequency"].reasons == [
        "0 has no signal since 2026-11-28 01:00 UTC (CheckRabi failed: no oscillation)"
    ]
    assert found.values["rabi_frequency"].trust is Trust.NOT_LOOKED_AT
    assert found.values["t1"].trust is Trust.TRUSTED, "it was measured afterwards"
    back = judge_one(make_dead_qubit(TargetStatus.CALIBRATED, times=1))
    assert {one.trust for one in back.values.values()} == {Trust.TRUSTED}


def test_an_absent_signal_that_was_not_confirmed_takes_no_trust_away() -> None:
    found = judge_one(make_dead_qubit(times=1, absent_since=None))
    assert {one.trust for one in found.values.values()} == {Trust.TRUSTED}


def test_a_coupling_follows_its_qubits() -> None:
    found = judge_all(make_target("0-1"), make_dead_qubit(), make_target("1"))
    coupling = found.targets["0-1"]
    assert (coupling.fitness, coupling.reasons) == (Fitness.UNFIT, ("qubit 0 is unfit",))
    assert coupling.values["zx90_gate_fidelity"].trust is Trust.NOT_LOOKED_AT
    for status, word in ((TargetStatus.EXCLUDED, "excluded"), (TargetStatus.DEAD, "dead")):
        found = judge_all(make_target("0-1"), make_target("0", status), make_target("1"))
        assert found.targets["0-1"].reasons == (f"qubit 0 is {word}",)
    degraded = make_target(data={"average_readout_fidelity": make_value(0.9)})
    assert judge_all(make_target("0-1"), degraded, make_target("1")).targets["0-1"].fitness is Fitness.FIT
    pending = make_target("0-1", TargetStatus.PENDING)
    assert judge_all(pending, make_dead_qubit()).targets["0-1"].fitness is Fitness.UNKNOWN


@pytest.mark.parametrize(
    ("target", "fitness", "reason"),
    [
        (make_target(status=TargetStatus.EXCLUDED), Fitness.EXCLUDED, None),
        (make_target(status=TargetStatus.DEAD), Fitness.DEAD, None),
        (make_target(status=TargetStatus.PENDING), Fitness.UNKNOWN, None),
        (make_target(status=TargetStatus.FAILED), Fitness.UNFIT, "failed"),
        (make_target(data={"t1": make_value(20.0), "t2_echo": make_value(30.0)}), Fitness.FIT, None),
        (
            make_target(data={"average_readout_fidelity": make_value(0.61)}),
            Fitness.DEGRADED,
            "Readout fidelity is out of specification (at least 99 %)",
        ),
        (
            make_target(failures={"pi_amplitude": make_attempt(times=2)}),
            Fitness.DEGRADED,
            "PI amplitude is doubtful: 2 measurements in a row gave no value, the last: CheckT1 failed: no decay",
        ),
        (make_target(failures={"t1": make_attempt(times=2)}), Fitness.FIT, None),
    ],
)
def test_fitness_follows_status_trust_and_specification(
    target: StoredValues, fitness: Fitness, reason: str | None
) -> None:
    asked = AskedLimits(limit=0.99, username="alice", asked_at=NOW)
    found = judge_one(target, file=load_builtin().specify({"average_readout_fidelity": asked}))
    assert (found.fitness, found.reasons) == (fitness, () if reason is None else (reason,))


def test_a_trusted_value_beyond_the_minimum_makes_unfit_and_a_doubtful_one_does_not() -> None:
    file = parse_metrics_file(
        "qubit_metrics: {average_readout_fidelity: {minimum: 0.8}, t1: {minimum: 30}}", name="file"
    )
    poor = {"average_readout_fidelity": make_value(0.61)}
    found = judge_one(make_target(data=poor), file=file)
    assert (found.fitness, found.reasons) == (
        Fitness.UNFIT,
        ("Readout fidelity is beyond the minimum of 80 %",),
    )
    doubtful = make_target(data=poor, failures={"average_readout_fidelity": make_attempt(times=2)})
    assert judge_one(doubtful, file=file).fitness is Fitness.DEGRADED
    assert judge_one(make_target(data={"t1": make_value(20.0)}), file=file).fitness is Fitness.UNFIT


def test_nothing_is_out_of_specification_unless_somebody_asked() -> None:
    assert judge_one(make_target(data={"average_readout_fidelity": make_value(0.61)})).fitness is Fitness.FIT


@pytest.mark.parametrize(("lost", "fitness"), [(0.61, Fitness.UNFIT), (0.93, Fitness.FIT)])
def test_a_value_far_worse_than_the_median_of_the_chip_makes_unfit(lost: float, fitness: Fitness) -> None:
    fidelities = [0.985, 0.98, 0.987, 0.99, lost]
    targets = [
        make_target(str(number), data={"average_readout_fidelity": make_value(one)})
        for number, one in enumerate(fidelities)
    ]
    minima = find_usual_minima(targets, load_builtin())
    found = judge_all(*targets, usual_minima=minima)
    assert [found.targets[str(number)].fitness for number in range(5)] == [*[Fitness.FIT] * 4, fitness]
    assert find_usual_minima(targets[1:], load_builtin()) == {}, "four values tell not what is usual"


def test_a_flagged_value_beyond_the_minimum_makes_unfit_and_one_within_it_does_not() -> None:
    file = parse_metrics_file("qubit_metrics: {average_readout_fidelity: {minimum: 0.8}}", name="file")
    target = make_target(
        data={"average_readout_fidelity": make_value(0.98)},
        disputes={"average_readout_fidelity": make_attempt()},
    )
    task_id = target["disputes"]["average_readout_fidelity"]["task_id"]

    def judge_flagged(value: float) -> TargetJudgement:
        flagged = {task_id: {"average_readout_fidelity": ParameterModel(value=value, error=0.001)}}
        return judge_one(target, file=file, flagged=flagged)

    found = judge_flagged(0.61)
    assert (found.fitness, found.reasons) == (
        Fitness.UNFIT,
        ("a flagged Readout fidelity is beyond the minimum of 80 %",),
    )
    assert found.values["average_readout_fidelity"].trust is Trust.DOUBTFUL
    assert judge_flagged(0.9).fitness is Fitness.DEGRADED


@pytest.mark.parametrize(
    ("angle", "fitness"), [(-0.245, Fitness.FIT), (0.247, Fitness.UNFIT), (-0.247, Fitness.UNFIT)]
)
def test_the_minimum_of_the_gate_fidelity_holds_for_the_angle_error_of_a_pulse(
    angle: float, fitness: Fitness
) -> None:
    """Randomized benchmarking plays other pulses. 0.99 is (2 + cos 0.2456) / 3."""
    file = parse_metrics_file("qubit_metrics: {average_gate_fidelity: {minimum: 0.99}}", name="file")
    target = make_target(
        data={"average_gate_fidelity": make_value(0.9995), "drag_pi_angle_error": make_value(angle)}
    )
    found = judge_one(target, file=file, usual_minima=find_usual_minima([], file))
    assert found.fitness is fitness
    if fitness is Fitness.UNFIT:
        text = "DRAG PI angle error is beyond the 246 mrad that the minimum of Gate fidelity allows"
        assert found.reasons == (text,)


def test_by_products_of_a_fit_are_not_judged() -> None:
    target = make_target(
        data={"rabi_phase": make_value(0.1)},
        failures={"rabi_offset": make_attempt(), "rabi_phase": make_attempt(times=3)},
    )
    assert judge_one(target).values.keys() == QUBIT.keys()


SETS = {"zx90_gate": ("cr_amplitude", "cr_phase", "rotary_amplitude"), "pulse": ("pi_amplitude", "pi_length")}


def make_override(**more: Any) -> StoredOverride:
    found: StoredOverride = {
        "username": "ann",
        "reason": "checked by hand",
        "since": NOW - timedelta(hours=1),
        "until": NOW + timedelta(hours=12),
        "task_id": "",
    }
    return found | more  # type: ignore[return-value]


def test_a_doubtful_value_that_a_user_trusts_is_trusted_with_who_until_when_why_and_what_speaks_against_it() -> (
    None
):
    old = {"pi_amplitude": make_value(0.2, calibrated_at=NOW - timedelta(days=30))}
    assert judge_one(make_target(data=old)).fitness is Fitness.DEGRADED
    found = judge_one(make_target(data=old, overrides={"pi_amplitude": make_override()}))
    judged = found.values["pi_amplitude"]
    assert (found.fitness, judged.trust, list_marks(judged)) == (
        Fitness.FIT,
        Trust.TRUSTED,
        ["trusted-by-user"],
    )
    (reason,) = judged.reasons
    assert reason.startswith(
        "ann trusts it until 2026-11-28 20:00 UTC: checked by hand (although: measured 30 d ago"
    )
    assert found.values["t1"].marks == ()


NEWER = NOW - timedelta(minutes=5)


@pytest.mark.parametrize(
    "target",
    [
        {"overrides": {"t1": make_override(until=NOW)}},
        {"overrides": {"t1": make_override(since=NOW + timedelta(seconds=1))}},
        {"overrides": {"t1": make_override(task_id="another result")}},
        {"overrides": {"t1": make_override()}, "failures": {"t1": make_attempt(measured_at=NEWER, times=2)}},
        {"overrides": {"t1": make_override()}, "disputes": {"t1": make_attempt(measured_at=NEWER)}},
        {"overrides": {"t1": make_override(since=MEASURED - timedelta(minutes=1))}},
    ],
    ids=["time", "later", "another value", "a newer failure", "a newer flagged result", "a newer value"],
)
def test_trust_by_a_user_ends_at_its_time_or_with_a_newer_measurement(target: dict[str, Any]) -> None:
    judged = judge_value("t1", make_target(**target), cooldown_started_at=LOST)
    assert judged.trust is Trust.DOUBTFUL
    assert "trusted-by-user" not in list_marks(judged)


def test_a_user_does_not_bring_a_lost_signal_back() -> None:
    dead = make_dead_qubit()
    dead["overrides"] = {"pi_amplitude": make_override()}
    found = judge_one(dead)
    assert (found.fitness, found.values["pi_amplitude"].trust) == (Fitness.UNFIT, Trust.NOT_LOOKED_AT)


def make_gate(**origins: str) -> dict[str, StoredValue]:
    times = {"old": MEASURED, "new": LOST, "": None}
    return {
        name: make_value(0.1, task_id=task_id, calibrated_at=times[task_id])
        for name, task_id in origins.items()
    }


def test_a_value_of_a_set_that_another_part_has_left_is_doubtful_and_names_it_and_the_coupling_is_unfit() -> (
    None
):
    gate = make_gate(cr_amplitude="new", cr_phase="new", rotary_amplitude="old")
    found = judge_one(make_target("0-1", data=gate), declared=ValueDeclarations(SETS))
    left = found.values["rotary_amplitude"]
    reason = "cr_amplitude, cr_phase of the set zx90_gate comes from a newer result: the set is only valid as a whole"
    assert (left.trust, list_marks(left), left.reasons) == (Trust.DOUBTFUL, ["set-broken"], [reason])
    assert left.marks[0].task_id == "new"
    assert found.values["cr_amplitude"].trust is Trust.TRUSTED
    assert (found.fitness, found.reasons) == (Fitness.UNFIT, (reason,))
    trusted = make_target("0-1", data=gate, overrides={"rotary_amplitude": make_override(task_id="old")})
    assert judge_one(trusted, declared=ValueDeclarations(SETS)).fitness is Fitness.FIT


@pytest.mark.parametrize(
    "origins",
    [
        {"cr_amplitude": "new", "cr_phase": "new", "rotary_amplitude": "new"},
        {"cr_amplitude": "new", "cr_phase": "new"},
        {"cr_amplitude": "new", "cr_phase": "new", "rotary_amplitude": ""},
    ],
    ids=["measured whole", "never whole", "unknown origin"],
)
def test_a_set_of_one_result_is_whole(origins: dict[str, str]) -> None:
    found = judge_one(make_target("0-1", data=make_gate(**origins)), declared=ValueDeclarations(SETS))
    assert (found.fitness, {one.trust for one in found.values.values()}) == (Fitness.FIT, {Trust.TRUSTED})


def test_a_qubit_with_a_broken_pulse_is_degraded() -> None:
    pulse = make_gate(pi_amplitude="old", pi_length="new")
    found = judge_one(make_target(data=pulse), declared=ValueDeclarations(SETS))
    assert found.fitness is Fitness.DEGRADED
    assert found.reasons[0].startswith(
        "PI amplitude is doubtful: pi_length of the set pulse comes from a newer"
    )


KINDS = st.sampled_from([*FailureKind])
ATTEMPTS = st.dictionaries(
    st.sampled_from([*QUBIT, *COUPLING, "rabi_phase"]),
    st.builds(make_attempt, KINDS, times=st.integers(1, 3), task_id=st.sampled_from(["r1", "r2"])),
    max_size=4,
)
CHIPS = st.fixed_dictionaries(
    {
        qid: st.builds(
            make_target,
            st.just(qid),
            st.sampled_from([*TargetStatus]),
            failures=ATTEMPTS,
            disputes=ATTEMPTS,
            data=st.dictionaries(
                st.sampled_from([*QUBIT] if "-" not in qid else [*COUPLING]),
                st.none() | st.just(make_value(0.5)),
                max_size=3,
            ),
        )
        for qid in ("0", "1", "2", "0-1", "1-2")
    }
)


@given(chip=CHIPS, random=st.randoms(use_true_random=False))
def test_the_order_of_evidence_has_no_effect_and_counts_add_up(chip: dict[str, Any], random: Any) -> None:
    found = judge_all(*chip.values())
    assert sum(found.count_fitness().values()) == len(chip)
    considered = [
        value
        for one in found.targets.values()
        if one.fitness not in (Fitness.EXCLUDED, Fitness.DEAD)
        for value in one.values.values()
    ]
    assert sum(found.count_trust().values()) == len(considered)
    targets = [
        {**one, "data": shuffle(one["data"], random), "failures": shuffle(one["failures"], random)}
        for one in chip.values()
    ]
    random.shuffle(targets)
    assert judge_all(*targets).targets == found.targets


def shuffle(values: dict[str, Any], random: Any) -> dict[str, Any]:
    items = [*values.items()]
    random.shuffle(items)
    return dict(items)


@given(chip=CHIPS)
def test_a_target_that_is_not_fit_has_a_reason_and_every_doubt_too(chip: dict[str, Any]) -> None:
    for one in judge_all(*chip.values()).targets.values():
        assert bool(one.reasons) is (one.fitness in (Fitness.UNFIT, Fitness.DEGRADED))
        for value in one.values.values():
            assert bool(value.doubts) is (value.trust is not Trust.TRUSTED)


def test_a_chip_of_64_qubits_is_judged_within_milliseconds() -> None:
    names = [*load_builtin().qubit_metrics]
    data = {name: make_value(1.0) for name in names}
    failures = {name: make_attempt(times=2) for name in names[::3]}
    qubits = [make_target(str(n), data=data, failures=failures) for n in range(64)]
    couplings = [make_target(f"{n}-{n + 1}") for n in range(63)]
    sets = {name: [*names[:3]] for name in "abcdefgh"}
    evidence = ChipEvidence([*couplings, *qubits], load_builtin(), declared=ValueDeclarations(sets))
    started = process_time()
    judge(evidence, NOW)
    assert process_time() - started < 0.5, "some 30 ms on one idle core"
