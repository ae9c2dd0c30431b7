"""Usable device: the part of a chip that remains within limits, its numbering, and the reasons for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.exchange.device_request import WHOLE_CHIP, DeviceRequest
from qdash_builtin.exchange.device_selection import describe_device
from qdash_builtin.exchange.left_out_targets import group_by_reason
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.hooks.usable_device import LeftOut
from qdash_core.models.chip import TargetStatus
from qdash_core.models.chip_judgement import Judgement, TargetJudgement, ValueJudgement
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.targets import split_coupling

from ...calibrated_chips import COUPLING, QUBIT, make_calibrated_chip, remove_value, set_value
from ...lazy_modules import LazyModule

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.usable_device import UsableDevice

nx = LazyModule("networkx")

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LINE = ("0-1", "1-2", "2-3")


@pytest.fixture
def chip() -> Chip:
    """Chip of four qubits in a line."""
    return make_calibrated_chip(LINE, n_qubits=4, at=NOW)


def describe(chip: Chip, request: DeviceRequest = WHOLE_CHIP, *, now: datetime = NOW) -> UsableDevice:
    return describe_device(chip, request, now=now)


def list_reasons(device: UsableDevice) -> dict[str, str]:
    return {one.target: one.reason for one in device.left_out}


def test_a_calibrated_chip_is_usable_as_a_whole(chip: Chip) -> None:
    device = describe(chip)
    assert device.numbering == ("0", "1", "2", "3")
    assert device.pairs == ((0, 1), (1, 2), (2, 3))
    assert (device.left_out, device.calibrated_at) == ((), NOW)
    assert (device.name, device.device_id) == ("lab", "lab")


@pytest.mark.parametrize("name", QUBIT)
def test_a_qubit_without_one_of_its_values_is_left_out_with_its_couplings(chip: Chip, name: str) -> None:
    remove_value(chip, "1", name)
    device = describe(chip)
    assert device.numbering == ("0", "2", "3")
    assert device.pairs == ((1, 2),)
    assert list_reasons(device) == {"1": f"no {name}", "0-1": "without qubit 1", "1-2": "without qubit 1"}


@pytest.mark.parametrize("name", COUPLING)
def test_a_coupling_without_one_of_its_values_is_left_out(chip: Chip, name: str) -> None:
    remove_value(chip, "1-2", name)
    assert list_reasons(describe(chip)) == {"1-2": f"no {name}"}


def test_optional_values_may_be_missing(chip: Chip) -> None:
    (qubit, *_) = describe(chip).qubits
    assert (qubit.x180_fidelity, qubit.readout_length_ns) == (None, None)
    set_value(chip, "0", "x180_gate_fidelity", 0.998, at=NOW)
    chip.qubits["0"].design = {"readout_length": 500.0}
    (qubit, *_) = describe(chip).qubits
    assert (qubit.x180_fidelity, qubit.readout_length_ns) == (0.998, 500.0)


def test_an_optional_value_beyond_a_limit_is_missing_and_its_qubit_stays(chip: Chip) -> None:
    set_value(chip, "0", "x180_gate_fidelity", 0.998, at=NOW - timedelta(days=2))
    (qubit, *_) = describe(chip, DeviceRequest(max_age=timedelta(days=1))).qubits
    assert (qubit.qid, qubit.x180_fidelity) == ("0", None)


def test_a_coupling_points_from_its_calibrated_control_to_its_target(chip: Chip) -> None:
    chip.couplings["1-2"].control = "2"
    chip.couplings["2-3"].control = None
    device = describe(chip)
    assert device.pairs == ((0, 1), (2, 1), (2, 3))
    assert [(one.control, one.target) for one in device.couplings] == [("0", "1"), ("2", "1"), ("2", "3")]


@pytest.mark.parametrize("status", [TargetStatus.EXCLUDED, TargetStatus.DEAD])
def test_a_target_that_a_user_has_set_aside_is_left_out(chip: Chip, status: TargetStatus) -> None:
    chip.qubits["3"].status = status
    chip.couplings["0-1"].status = status
    reasons = list_reasons(describe(chip))
    assert reasons == {"3": str(status), "0-1": str(status), "2-3": "without qubit 3"}


def test_named_targets_are_left_out(chip: Chip) -> None:
    device = describe(chip, DeviceRequest(qubits=("0", "1", "2"), exclude=("0", "1-2")))
    assert device.numbering == ("1", "2")
    assert device.couplings == ()
    assert list_reasons(device)["3"] == "not among the requested qubits"
    assert list_reasons(device)["1-2"] == "excluded by the request"


@pytest.mark.parametrize("request_", [DeviceRequest(qubits=("7",)), DeviceRequest(exclude=("0-2",))])
def test_a_target_that_the_chip_does_not_have_is_refused(chip: Chip, request_: DeviceRequest) -> None:
    with pytest.raises(NotFoundError, match="chip lab has no"):
        describe(chip, request_)


def test_fidelities_below_a_limit_do_not_count(chip: Chip) -> None:
    set_value(chip, "0", "x90_gate_fidelity", 0.99, at=NOW)
    set_value(chip, "1", "readout_fidelity_1", 0.8, at=NOW)
    set_value(chip, "2-3", "zx90_gate_fidelity", 0.9, at=NOW)
    limits = DeviceRequest(min_qubit_fidelity=0.999, min_readout_fidelity=0.9, min_coupling_fidelity=0.95)
    assert list_reasons(describe(chip, limits)) == {
        "0": "x90_gate_fidelity 0.99 is below 0.999",
        "1": "readout fidelity 0.89 is below 0.9",
        "0-1": "without qubits 0 and 1",
        "1-2": "without qubit 1",
        "2-3": "zx90_gate_fidelity 0.9 is below 0.95",
    }


def test_a_fidelity_at_its_limit_counts(chip: Chip) -> None:
    limits = DeviceRequest(min_qubit_fidelity=0.999, min_readout_fidelity=0.97, min_coupling_fidelity=0.99)
    assert describe(chip, limits).left_out == ()


def test_an_old_measurement_does_not_count_and_an_old_length_does(chip: Chip) -> None:
    old = NOW - timedelta(hours=30)
    set_value(chip, "0", "t1", 80.0, "us", at=old)
    set_value(chip, "2", "hpi_length", 32.0, "ns", at=old)
    device = describe(chip, DeviceRequest(max_age=timedelta(hours=24)))
    assert list_reasons(device) == {"0": "t1 was measured 1 d 6 h ago", "0-1": "without qubit 0"}


def test_a_simulated_value_does_not_describe_the_chip_and_a_simulated_length_is_a_setting(chip: Chip) -> None:
    for qid, name in (("0", "t1"), ("3", "pi_length")):
        data = chip.qubits[qid].data
        chip.qubits[qid].data = {**data, name: data[name].model_copy(update={"simulated": True})}
    assert list_reasons(describe(chip)) == {"0": "t1 was simulated", "0-1": "without qubit 0"}


def test_a_value_without_a_time_has_no_age_within_a_limit(chip: Chip) -> None:
    chip.qubits["3"].data["t1"] = chip.qubits["3"].data["t1"].model_copy(update={"calibrated_at": None})
    assert describe(chip).left_out == ()
    device = describe(chip, DeviceRequest(max_age=timedelta(days=1)))
    assert list_reasons(device)["3"] == "t1 has no time of measurement"


def test_only_named_marks_keep_a_value_out(chip: Chip) -> None:
    marks = {
        "0": {"t1": [ValueMark(mark=Mark.LAST_FAILED, reason="no decay")]},
        "1": {"pi_length": [ValueMark(mark=Mark.INPUTS_MOVED, reason="amplitude")]},
        "3": {"anharmonicity": [ValueMark(mark=Mark.LAST_FAILED, reason="no line")]},
    }
    judged = {
        qid: TargetJudgement(
            Fitness.FIT,
            values={name: ValueJudgement(Trust.TRUSTED, tuple(some)) for name, some in of.items()},
        )
        for qid, of in marks.items()
    }
    marked = replace(chip, judgement=Judgement(judged))
    assert describe(marked).left_out == ()
    device = describe(marked, DeviceRequest(marks=(Mark.LAST_FAILED,)))
    assert list_reasons(device) == {"0": "t1 is marked last-failed", "0-1": "without qubit 0"}
    assert describe(marked, DeviceRequest(marks=tuple(Mark))).numbering == ("2", "3")


@pytest.mark.parametrize(
    ("name", "value", "unit", "reason"),
    [
        ("t1", 8e4, "ns", "t1 is in ns, not us"),
        ("t1", 0.0, "us", "t1 is 0"),
        ("hpi_length", -1.0, "ns", "hpi_length is -1"),
    ],
)
def test_a_value_that_no_program_could_use_does_not_count(
    chip: Chip, name: str, value: float, unit: str, reason: str
) -> None:
    set_value(chip, "0", name, value, unit, at=NOW)
    assert list_reasons(describe(chip))["0"] == reason


@pytest.mark.parametrize(
    ("t1", "t2"),
    [
        ((133.6, None), (269.0, None)),
        ((100.0, 10.0), (260.0, 10.0)),
        ((100.0, 1.0), (260.0, 1.0)),
    ],
)
def test_an_echo_time_above_twice_t1_is_written_as_twice_t1_with_a_note(
    chip: Chip, t1: tuple[float, float | None], t2: tuple[float, float | None]
) -> None:
    for name, (value, error) in {"t1": t1, "t2_echo": t2}.items():
        set_value(chip, "0", name, value, "us", error=error, at=NOW)
    qubit = describe(chip).qubits[0]
    assert (qubit.t1_us, qubit.t2_echo_us) == (t1[0], 2 * t1[0])
    (note,) = qubit.notes
    assert note.startswith(
        f"t2_echo is written as twice t1: t2_echo of {t2[0]:g} µs is above twice the t1 of"
    )


def judge_as(chip: Chip, judged: dict[str, TargetJudgement]) -> Chip:
    return replace(chip, judgement=Judgement(judged))


def test_unfit_targets_are_left_out_with_their_reasons_unless_they_are_added(chip: Chip) -> None:
    judged = judge_as(
        chip,
        {
            "0": TargetJudgement(Fitness.UNFIT, ("failed: CheckRabi failed: no oscillation",)),
            "0-1": TargetJudgement(Fitness.UNFIT, ("qubit 0 is unfit",)),
            "2-3": TargetJudgement(Fitness.UNFIT, ("zx90_gate_time is withdrawn",)),
            "3": TargetJudgement(Fitness.DEGRADED, ("pi_amplitude is doubtful: old",)),
        },
    )
    assert list_reasons(describe(judged)) == {
        "0": "unfit: failed: CheckRabi failed: no oscillation",
        "0-1": "without qubit 0",
        "2-3": "unfit: zx90_gate_time is withdrawn",
    }
    every = describe(judged, DeviceRequest(with_unfit=True))
    assert every.left_out == ()
    assert {one.target: one.reason for one in every.notes} == {
        "0": "unfit: failed: CheckRabi failed: no oscillation",
        "0-1": "unfit: qubit 0 is unfit",
        "2-3": "unfit: zx90_gate_time is withdrawn",
    }


def test_values_that_are_not_trusted_for_one_reason_are_one_note(chip: Chip) -> None:
    lost = ValueMark(mark=Mark.NO_SIGNAL, reason="0 has no signal", trust=Trust.NOT_LOOKED_AT)
    values = {name: ValueJudgement(Trust.NOT_LOOKED_AT, (lost,)) for name in ("t1", "t2_echo", "pi_length")}
    judged = judge_as(chip, {"0": TargetJudgement(Fitness.UNFIT, ("failed: flat",), values)})
    device = describe(judged, DeviceRequest(with_unfit=True))
    assert device.qubits[0].notes == (
        "unfit: failed: flat",
        "t1, t2_echo, pi_length are not looked at: 0 has no signal",
    )


def test_many_couplings_with_one_reason_are_counted() -> None:
    left_out = [LeftOut(one, "no gate") for one in ("5", "6", *(f"{n}-{n + 1}" for n in range(12)))]
    assert group_by_reason(left_out) == ["5, 6, 0-1, 1-2, 2-3, 3-4, 4-5, 5-6, 6-7, 7-8 and 4 more: no gate"]


def test_a_dead_target_is_never_added(chip: Chip) -> None:
    chip.qubits["0"] = chip.qubits["0"].model_copy(update={"status": TargetStatus.DEAD})
    device = describe(chip, DeviceRequest(with_unfit=True))
    assert list_reasons(device) == {"0": "dead", "0-1": "without qubit 0"}


def test_a_failed_target_of_a_chip_that_was_not_judged_is_unfit(chip: Chip) -> None:
    chip.qubits["0"] = chip.qubits["0"].model_copy(update={"status": TargetStatus.FAILED})
    assert list_reasons(describe(chip))["0"] == "unfit: failed"


def test_doubtful_values_are_noted(chip: Chip) -> None:
    old = ValueMark(mark=Mark.TOO_OLD, reason="measured 8 d ago", trust=Trust.DOUBTFUL)
    doubt = ValueJudgement(Trust.DOUBTFUL, (old,))
    values = {"t1": doubt, "anharmonicity": doubt, "t2_echo": ValueJudgement(Trust.TRUSTED)}
    device = describe(
        judge_as(
            chip,
            {
                "1": TargetJudgement(Fitness.FIT, values=values),
                "1-2": TargetJudgement(Fitness.DEGRADED, values={"zx90_gate_fidelity": doubt}),
            },
        )
    )
    assert [(one.target, one.reason) for one in device.notes] == [
        ("1", "t1 is doubtful: measured 8 d ago"),
        ("1-2", "zx90_gate_fidelity is doubtful: measured 8 d ago"),
    ]


def test_a_fidelity_above_one_within_three_errors_is_one(chip: Chip) -> None:
    set_value(chip, "0", "x90_gate_fidelity", 1.0002, error=0.0001, at=NOW)
    assert describe(chip).qubits[0].x90_fidelity == 1.0


@pytest.mark.parametrize(
    ("value", "error", "excess"),
    [
        (99.95, 0.01, "by more than 3 errors"),
        (1.0002, 0.00005, "by more than 3 errors"),
        (1.0002, None, "without an error"),
    ],
)
@pytest.mark.parametrize("name", ["x90_gate_fidelity", "readout_fidelity_1"])
def test_a_fidelity_that_its_error_does_not_explain_is_not_perfect(
    chip: Chip, name: str, value: float, error: float | None, excess: str
) -> None:
    set_value(chip, "0", name, value, error=error, at=NOW)
    assert list_reasons(describe(chip))["0"] == f"{name} is {value:g}, above 1 {excess}"


def test_x180_is_a_gate_of_the_device_within_the_limit_for_gates_only(chip: Chip) -> None:
    for qid, value in (("0", 0.4), ("1", 0.999), ("2", 99.0)):
        set_value(chip, qid, "x180_gate_fidelity", value, at=NOW)
    device = describe(chip, DeviceRequest(min_qubit_fidelity=0.99))
    assert [one.x180_fidelity for one in device.qubits] == [None, 0.999, None, None]


@pytest.mark.parametrize(
    ("value", "unit", "length_ns"), [(800.0, "ns", 800.0), (0.8, "us", 500.0), (-800.0, "ns", 500.0)]
)
def test_the_readout_length_is_its_value_or_that_of_the_design(
    chip: Chip, value: float, unit: str, length_ns: float
) -> None:
    chip.qubits["0"].design = {"readout_length": 500.0}
    set_value(chip, "0", "readout_length", value, unit, at=NOW)
    assert describe(chip).qubits[0].readout_length_ns == length_ns


def test_a_gate_of_the_library_has_the_length_of_the_library(chip: Chip) -> None:
    remove_value(chip, "0-1", "zx90_gate_time")
    for coupling, at in (("0-1", NOW), ("1-2", NOW + timedelta(hours=1)), ("2-3", NOW - timedelta(hours=1))):
        set_value(chip, coupling, "library_zx90_gate_time", 304.0, "ns", at=at)
    device = describe(chip)
    assert [one.zx90_gate_time_ns for one in device.couplings] == [304.0, 304.0, 240.0]


def test_a_chip_without_a_usable_qubit_is_refused_with_reasons(chip: Chip) -> None:
    for qid in chip.qubits:
        remove_value(chip, qid, "t1")
    with pytest.raises(InvalidInputError, match="no qubit of chip lab can be part of the device") as caught:
        describe(chip)
    assert "(0-3: no t1)" in str(caught.value)


def test_the_reasons_for_an_empty_device_are_those_of_the_requested_qubits(chip: Chip) -> None:
    remove_value(chip, "3", "t1")
    with pytest.raises(InvalidInputError, match=r"\(2: excluded by the request; 3: no t1\)"):
        describe(chip, DeviceRequest(qubits=("2", "3"), exclude=("2",)))


def test_a_target_outside_the_request_has_no_other_reason(chip: Chip) -> None:
    for name in ("t1", "t2_echo"):
        remove_value(chip, "3", name)
        remove_value(chip, "2", name)
    reasons = list_reasons(describe(chip, DeviceRequest(qubits=("0", "1", "2"))))
    assert reasons["2"] == "no t1, t2_echo"
    assert reasons["3"] == "not among the requested qubits"


def test_the_device_is_as_new_as_its_newest_value(chip: Chip) -> None:
    newest = NOW + timedelta(minutes=5)
    set_value(chip, "3", "t1", 70.0, "us", at=newest)
    set_value(chip, "0", "anharmonicity", -0.3, "GHz", at=NOW + timedelta(hours=1))
    assert describe(chip).calibrated_at == newest
    assert describe(chip, DeviceRequest(exclude=("3",))).calibrated_at == NOW


def test_positions_begin_at_zero_and_rows_grow_downwards() -> None:
    chip = make_calibrated_chip(("0-1", "2-3"), n_qubits=4, at=NOW, columns=2)
    assert [(one.x, one.y) for one in describe(chip).qubits] == [(0, 1), (1, 1), (0, 0), (1, 0)]
    device = describe(chip, DeviceRequest(qubits=("1", "3")))
    assert [(one.x, one.y) for one in device.qubits] == [(0, 1), (0, 0)]


@given(data=st.data())
def test_the_largest_part_is_that_of_networkx(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 9))
    pairs = [f"{a}-{b}" for a, b in combinations(range(size), 2)]
    couplings = data.draw(
        st.lists(st.sampled_from(pairs), unique=True, max_size=10) if pairs else st.just([])
    )
    chip = make_calibrated_chip(couplings, n_qubits=size, at=NOW)
    for target in data.draw(
        st.lists(st.sampled_from([*chip.qubits, *chip.couplings]), unique=True, max_size=size)
    ):
        remove_value(chip, target, "t1" if "-" not in target else "zx90_gate_time")
    usable = [qid for qid, one in chip.qubits.items() if "t1" in one.data]
    if not usable:
        with pytest.raises(InvalidInputError):
            describe(chip, DeviceRequest(largest_part=True))
        return
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(usable)
    joined = [split_coupling(qid) for qid, one in chip.couplings.items() if "zx90_gate_time" in one.data]
    graph.add_edges_from(pair for pair in joined if graph.has_node(pair[0]) and graph.has_node(pair[1]))
    parts = list(nx.connected_components(graph))
    largest = max(map(len, parts))
    expected = min((part for part in parts if len(part) == largest), key=lambda part: min(map(int, part)))

    device = describe(chip, DeviceRequest(largest_part=True))
    assert device.numbering == tuple(sorted(expected, key=int))
    assert {frozenset((one.control, one.target)) for one in device.couplings} == {
        frozenset(edge) for edge in graph.subgraph(expected).edges
    }
    left = {one.target for one in device.left_out}
    assert left | {*expected} | {one.qid for one in device.couplings} == {*chip.qubits, *chip.couplings}
    assert not left & ({*expected} | {one.qid for one in device.couplings})


@given(
    fidelities=st.lists(st.floats(0.9, 1.0), min_size=4, max_size=4),
    limit=st.floats(0.9, 1.0),
    stricter=st.floats(0, 0.05),
)
def test_a_stricter_limit_never_adds_a_qubit(fidelities: list[float], limit: float, stricter: float) -> None:
    chip = make_calibrated_chip(LINE, n_qubits=4, at=NOW)
    for qid, value in enumerate(fidelities):
        set_value(chip, str(qid), "x90_gate_fidelity", value, at=NOW)

    def list_qubits(lowest: float) -> set[str]:
        try:
            return {*describe(chip, DeviceRequest(min_qubit_fidelity=lowest)).numbering}
        except InvalidInputError:
            return set()

    assert list_qubits(limit) == {str(qid) for qid, value in enumerate(fidelities) if value >= limit}
    assert list_qubits(min(1.0, limit + stricter)) <= list_qubits(limit)
