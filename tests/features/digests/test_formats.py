"""A digest fits one screen of 100 columns, and users' texts stay text in every format."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.comparisons.comparison import ComparedValue
from qdash_builtin.digests.advice import list_advice
from qdash_builtin.digests.digest import (
    Advice,
    AdviceKind,
    CauseKind,
    ChangedFitness,
    Digest,
    FailureGroup,
    FlaggedTask,
    LaboratoryTime,
    ManualChange,
    MetricProgress,
    MovedParameter,
    SpecificationChange,
    UnfitGroup,
    UnfitTarget,
)
from qdash_builtin.digests.formats import FORMATS, write_digest
from qdash_builtin.digests.run_choice import MeasuringRun, RunChoice
from qdash_builtin.digests.sections import make_title
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.judgement.level_switches import LevelSwitches
from qdash_builtin.runs.execution_lists import ListedExecution
from qdash_builtin.values.value_change import ValueChange
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.execution import ExecutionHead, ExecutionStatus
from qdash_core.models.judgement import FailureKind, Fitness

if TYPE_CHECKING:
    from collections.abc import Sequence

ZONE = ZoneInfo("Asia/Tokyo")
EVENING = datetime(2026, 11, 24, 9, tzinfo=UTC)
METRICS = load_builtin().qubit_metrics
WIDTH, LINES = 100, 56
HOSTILE = "<script>alert(1)</script> | `rm -rf` [x](javascript:1)\n# Heading\x1b[31m"
QUIET = Digest(
    "64Q", "2026-11-24 18:00", EVENING, EVENING + timedelta(hours=15), runs=(), metrics=(), moved=(), unstable=(),
    newly_unfit=(), still_unfit=(), newly_fit=(), set_aside=(), left_specification=(), met_specification=(), failures=(), manual=(),
    statuses={"qubit": {TargetStatus.CALIBRATED: 64}, "coupling": {}}, flagged=(), too_old=0, moved_inputs=0, stale=(),
    laboratory=(), laboratory_s=0.0, fitness={"qubit": {Fitness.UNFIT: 3, Fitness.FIT: 61}, "coupling": {Fitness.UNKNOWN: 112}},
)  # fmt: skip


def make_run(number: int, status: ExecutionStatus = ExecutionStatus.COMPLETED) -> ListedExecution:
    head = ExecutionHead(
        project_id="default",
        username="admin",
        name="bring-up-with-a-long-name",
        execution_id=f"20261124-{number:03}",
        chip_id="64Q",
        status=status,
        message="the instrument was lost during a measurement of a long list of targets",
        outcomes={"accepted": 504, "flagged": 12, "failed": 31, "skipped": 70} if number % 2 else {},
        start_at=EVENING,
        end_at=EVENING + timedelta(hours=2),
    )
    return ListedExecution(head, interrupted=False)


def make_move(target: str) -> ComparedValue:
    before, after = (ParameterModel(value=value, error=1.0, unit="us") for value in (81.0, 12.0))
    return ComparedValue(ValueChange(target, "t1", before, after), moved=True)


def make_switch(target: str) -> ComparedValue:
    switches = LevelSwitches(20.04, 60.4, 216_000.0, 129_600.0, switches=4)
    return replace(make_move(target), moved=False, switches=switches)


def fail(
    reason: str, *targets: str, shared: str = "", since: datetime | None = None, task: str = "CheckRabi"
) -> UnfitGroup:
    """Return targets on which a task found no signal."""
    members = [
        UnfitTarget(qid, [f"failed: {reason}"], since, f"r{qid}", task, FailureKind.NO_SIGNAL, since)
        for qid in targets
    ]
    return UnfitGroup(members, shared)


def make_busy() -> Digest:
    """Return the digest of a night in which everything happened to 64 qubits."""
    qubits = [str(number) for number in range(64)]
    names = list(METRICS)[:12]
    message = (
        "the signal does not change beyond the scatter of its shots: the readout does not tell 0 from 1 " * 2
    )
    changes = [
        SpecificationChange(
            "qubit", name, METRICS[name], {qid: ParameterModel(value=0.5, unit="us") for qid in qubits}
        )
        for name in names
    ]
    return replace(
        QUIET,
        runs=[make_run(number, ExecutionStatus.FAILED if number == 9 else ExecutionStatus.COMPLETED) for number in range(10)],
        metrics=[MetricProgress("qubit", name, METRICS[name], "us", 64, 64, 60, 60, 58, 0.5, 64, 61, 0.5123, 0.6123) for name in names[:8]],
        moved=[
            MovedParameter("qubit", name, METRICS[name], *([make_move(qid) for qid in qubits],) * 3, shared=())
            for name in names
        ],
        unstable=[make_switch(qid) for qid in qubits],
        newly_unfit=[fail(f"{message} {qid}", qid) for qid in qubits[::2]],
        still_unfit=[fail("no signal", qid) for qid in qubits[1::2]],
        newly_fit=[ChangedFitness(qid, Fitness.UNFIT, Fitness.FIT) for qid in qubits[1::2]],
        left_specification=changes,
        met_specification=changes,
        failures=[
            FailureGroup(CauseKind.RESOURCE, f"multiplexer {n}", names[:3], qubits[4 * n : 4 * n + 4], 4, message, "x", 8)
            for n in range(16)
        ],
        manual=[ManualChange(n, EVENING, "alice", "set", message, qubits, names) for n in range(9)],
        flagged=[FlaggedTask(qid, "CheckT1", "x", [message]) for qid in qubits],
        too_old=120,
        moved_inputs=1285,
        laboratory=[LaboratoryTime(f"SimultaneousRandomizedBenchmarking{n}", 64, 4000.0) for n in range(20)],
        laboratory_s=41_000.0,
        advice=[
            Advice(AdviceKind.MEASURE, f"Measure {n} again", message, "qdash calibrate 64Q --flow check --only failed")
            for n in range(9)
        ],
    )  # fmt: skip


BUSY = make_busy()


@pytest.mark.parametrize("digest", [QUIET, BUSY])
def test_a_digest_fits_one_screen(digest: Digest) -> None:
    lines = write_digest(digest, ZONE, "text", width=WIDTH).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= LINES


def test_lines_are_whole_where_no_terminal_limits_them() -> None:
    message = "the readout does not tell 0 from 1 " * 9 + "at all"
    digest = replace(QUIET, newly_unfit=[fail(message, "12")])
    for format_name in FORMATS:
        assert message in write_digest(digest, ZONE, format_name)


RUNS = RunChoice(
    [MeasuringRun("CheckRabi", "qubit", frozenset({"rabi_frequency"}), frozenset(), 1.3, is_usual=True)]
)


def test_a_command_is_complete_for_many_targets() -> None:
    qids = [str(qid) for qid in range(1, 64, 2)]
    digest = replace(QUIET, newly_unfit=[fail("no signal", *qids)])
    (advice,) = list_advice(digest, runs=RUNS)
    assert advice.command == f"qdash calibrate 64Q --flow CheckRabi --qids {','.join(qids)}"
    assert advice.command in write_digest(replace(digest, advice=[advice]), ZONE, "text")


def test_targets_that_were_unfit_before_the_period_are_one_line_with_an_action() -> None:
    since = [EVENING - timedelta(hours=one) for one in (1, 2, 48)]
    groups = [
        fail("no signal", "9", since=since[0]),
        fail("no peak", "23", since=since[1]),
        fail("no peak", "52", "53", shared="multiplexer 13", since=since[2]),
    ]
    digest = replace(QUIET, still_unfit=groups)
    alone, shared = list_advice(digest, runs=RUNS)
    assert [str(one.kind) for one in (alone, shared)] == ["inspect", "inspect"]
    told = write_digest(replace(digest, advice=[alone, shared]), ZONE, "text")
    line = "9, 23 since 2026-11-24 16:00; 52, 53 of multiplexer 13 since 2026-11-22 18:00"
    assert f"Still unfit   {line}\n" in told
    assert "Check the lines of 9, 23" in told
    assert "Check multiplexer 13: cables, amplifiers and instruments, then measure 52, 53 again" in told
    assert make_title(digest).endswith("nothing new")


def test_what_a_shared_cause_explains_is_told_once() -> None:
    group = FailureGroup(
        CauseKind.RESOURCE, "multiplexer 3", ["CheckT1"], ["12", "13", "14", "15"], 4, "no signal", "x", 4
    )
    unfit = [fail("no signal", *group.targets, shared="multiplexer 3"), fail("no signal", "30")]
    digest = replace(QUIET, newly_unfit=unfit, failures=[group])
    told = write_digest(digest, ZONE, "text")
    assert "Newly unfit   12-15 of multiplexer 3: no signal\n              30: no signal" in told
    assert told.count("12-15") == 1
    checked = [(str(one.kind), list(one.targets)) for one in list_advice(digest, runs=RUNS)]
    assert checked == [("inspect", ["12", "13", "14", "15"]), ("inspect", ["30"])]


def test_the_title_counts_failures_without_a_shared_resource() -> None:
    failed = FailureGroup(CauseKind.ERROR, "no peak", ["CheckT1"], ["1", "2"], 2, "no peak", "x", 5)
    assert make_title(replace(QUIET, failures=[failed])).endswith(": 5 failures")
    shared = replace(failed, kind=CauseKind.RESOURCE, cause="multiplexer 3", targets=["12", "13"])
    assert make_title(replace(QUIET, failures=[failed, shared])).endswith(
        ": failures on multiplexer 3, 5 other failures"
    )
    assert make_title(replace(QUIET, failures=[replace(failed, since=EVENING)])).endswith("nothing new")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"newly_fit": [ChangedFitness("3", Fitness.UNFIT, Fitness.FIT)]}, "1 newly fit"),
        ({"newly_fit": [ChangedFitness("3", Fitness.EXCLUDED, Fitness.FIT)]}, "1 newly fit"),
        ({"newly_fit": [ChangedFitness("3", Fitness.UNKNOWN, Fitness.FIT)]}, "1 calibrated for the first time"),
        ({"set_aside": [ChangedFitness("3", Fitness.FIT, Fitness.EXCLUDED)]}, "1 set aside"),
        ({"met_specification": [SpecificationChange("qubit", "t1", METRICS["t1"], {"3": ParameterModel(value=0.5)})]}, "1 within specification again"),
        ({"moved": [MovedParameter("qubit", "t1", METRICS["t1"], [make_move("3")], [], [], shared=())]}, "only 1 moved value"),
    ],
)  # fmt: skip
def test_the_title_tells_what_a_section_lists(fields: dict[str, object], said: str) -> None:
    assert make_title(replace(QUIET, **fields)).endswith(f"18:00: {said}")


def test_a_quiet_night_says_so() -> None:
    text = write_digest(QUIET, ZONE, "text")
    assert text.splitlines() == [
        "Digest of 64Q since 2026-11-24 18:00: nothing new",
        "2026-11-24 18:00 to 2026-11-25 09:00 (Asia/Tokyo, 15 h); 64 qubits: 61 fit, 3 unfit",
        "Runs          no run since then",
    ]
    assert make_title(QUIET) == "Digest of 64Q since 2026-11-24 18:00: nothing new"


HEALTHY = replace(
    QUIET,
    until=EVENING + timedelta(hours=15, minutes=1),
    simulated_time=EVENING + timedelta(hours=15, minutes=1),
    fitness={"qubit": {Fitness.FIT: 64}, "coupling": {Fitness.FIT: 112}},
    runs=[make_run(1)],
    moved=[
        MovedParameter("qubit", name, METRICS[name], [make_move("3")], [], [], shared=())
        for name in [*METRICS][:5]
    ],
    laboratory=[LaboratoryTime("CheckT1", 64, 207.0)],
    laboratory_s=207.0,
    advice=[Advice(AdviceKind.RELEASE, "Keep the values", "no failure", "qdash release create 64Q")],
)


def test_a_healthy_night_has_ten_lines_at_most() -> None:
    lines = write_digest(HEALTHY, ZONE, "text").splitlines()
    assert len(lines) <= 10
    assert "64 qubits: 64 fit; 112 couplings: 112 fit" in " ".join(lines)
    assert any("and 3 more: qdash compare 2026-11-24T09:00:00Z --chip 64Q" in line for line in lines)


@pytest.mark.parametrize("width", [None, WIDTH])
@pytest.mark.parametrize("advice", [HEALTHY.advice, BUSY.advice], ids=["release", "many"])
def test_whatever_moved_a_night_without_faults_has_ten_lines(
    width: int | None, advice: Sequence[Advice]
) -> None:
    quiet: dict[str, Any] = {
        "failures": (),
        "newly_unfit": (),
        "still_unfit": (),
        "flagged": (),
        "advice": advice,
    }
    digest = replace(BUSY, fitness=HEALTHY.fitness, simulated_time=HEALTHY.simulated_time, **quiet)
    lines = write_digest(digest, ZONE, "text", width=width).splitlines()
    assert len(lines) <= 10
    assert any("more lines" in line for line in lines)
    assert any("qdash digest 64Q --since 2026-11-24T09:00:00Z --json" in line for line in lines)
    assert any(line.startswith("Next") for line in lines)


def test_a_night_with_faults_names_more_of_the_moved_values() -> None:
    digest = replace(HEALTHY, newly_unfit=[fail("far worse", "52", "53", shared="multiplexer 13")])
    text = write_digest(digest, ZONE, "text")
    assert "Newly unfit   52, 53 of multiplexer 13: far worse" in text
    assert make_title(digest).endswith("2 newly unfit")
    assert text.count("1 worse (3 ") == 5


def test_the_yield_is_told_where_it_changed() -> None:
    progress = [
        MetricProgress(
            "qubit", name, METRICS[name], "us", 64, 64, before, 64, None, 0.5, None, None, 0.5, 0.6
        )
        for name, before in (("t1", 64), ("t2_echo", 60))
    ]
    text = write_digest(replace(QUIET, metrics=progress), ZONE, "text")
    assert ("T2 echo" in text, "T1" in text) == (True, False)


def test_parameters_that_moved_in_one_result_are_one_line() -> None:
    def move(target: str, task_id: str) -> ComparedValue:
        after = ParameterModel(value=12.0, error=1.0, unit="us", task_id=task_id)
        return ComparedValue(replace(make_move(target).change, after=after), moved=True)

    moved = [
        MovedParameter(
            "qubit", name, METRICS[name], [move(qid, f"r{qid}") for qid in qids], [], [], shared=()
        )
        for name, qids in (
            ("average_readout_fidelity", "52"),
            ("readout_fidelity_0", "52"),
            ("readout_fidelity_1", "5"),
            ("t1", "6"),
        )
    ]
    lines = [
        line for line in write_digest(replace(QUIET, moved=moved), ZONE, "text").splitlines() if "→" in line
    ]
    assert len(lines) == 2
    assert "2 worse" in lines[0]
    assert "also Readout fidelity of 0" in lines[0]


def test_flagged_results_with_alike_reasons_are_one_line() -> None:
    flagged = [FlaggedTask(qid, "CheckT1", "x", [f"t1 jumped to {qid}.5"]) for qid in ("53", "54", "55")]
    text = write_digest(
        replace(QUIET, flagged=[*flagged, FlaggedTask("9", "CheckT1", "x", ["odd"])]), ZONE, "text"
    )
    assert "To review     53-55, CheckT1: t1 jumped to 53.5" in text
    assert "9, CheckT1: odd" in text


def test_a_target_with_an_undo_is_not_checked_beside() -> None:
    failed = [fail("no signal", "12", since=EVENING + timedelta(hours=5))]
    change = ManualChange(7, EVENING, "alice", "set", "typo", ["12"], ["qubit_frequency"])
    (advice,) = list_advice(replace(QUIET, newly_unfit=failed, manual=[change]), runs=RUNS)
    assert (str(advice.kind), advice.command) == ("undo", "qdash values undo 7")


def test_a_run_of_one_day_has_its_date_once() -> None:
    long = replace(QUIET, since=EVENING - timedelta(days=2))
    (short, evening, overnight) = (make_run(number) for number in (1, 2, 3))
    ended = overnight.execution.model_copy(update={"end_at": EVENING + timedelta(hours=9)})
    for digest, run, times in (
        (QUIET, short, ", 18:00-20:00, "),
        (long, evening, ", 11-24 18:00-20:00, "),
        (long, replace(overnight, execution=ended), ", 11-24 18:00-11-25 03:00, "),
    ):
        assert times in write_digest(replace(digest, runs=[run]), ZONE, "text")


def test_hidden_lines_are_counted() -> None:
    text = write_digest(BUSY, ZONE, "text")
    for remark in (
        "and 7 earlier runs",
        "and 10 more",
        "and 8 more",
        "and 62 more",
        "and 3 more",
    ):
        assert remark in text


class Collector(HTMLParser):
    """Parser that collects elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


HOSTILE_NIGHT = replace(
    QUIET,
    label=HOSTILE,
    newly_unfit=[fail(HOSTILE, "9")],
    manual=[ManualChange(1, EVENING, "alice", "set", HOSTILE, ["1"], ["t1"])],
    failures=[FailureGroup(CauseKind.ERROR, HOSTILE, ["CheckT1"], ["3"], 1, HOSTILE, "x", 1)],
    advice=[Advice(AdviceKind.MEASURE, HOSTILE, HOSTILE, "qdash review 64Q")],
)


def test_texts_of_users_are_no_markup_in_html() -> None:
    found = Collector()
    found.feed(write_digest(HOSTILE_NIGHT, ZONE, "html"))
    assert not found.tags & {"script", "img", "a", "iframe", "link"}
    assert not found.attributes & {"href", "src", "onclick", "onerror"}


def test_texts_of_users_are_no_markup_in_markdown() -> None:
    text = write_digest(HOSTILE_NIGHT, ZONE, "markdown")
    assert "<script" not in text
    assert "\n# Heading" not in text
    assert "](javascript" not in text.replace("\\]", "")


@pytest.mark.parametrize("format_name", FORMATS)
def test_texts_of_users_add_no_lines_and_no_control_characters(format_name: str) -> None:
    text = write_digest(HOSTILE_NIGHT, ZONE, format_name)
    assert "\x1b" not in text
    assert len(text.splitlines()) == len(
        write_digest(replace(HOSTILE_NIGHT, label=HOSTILE.replace("\n", " ")), ZONE, format_name).splitlines()
    )


def test_an_unstable_value_is_told_with_its_levels_and_mean_times() -> None:
    told = write_digest(replace(QUIET, unstable=[make_switch("5")]), ZONE, "text")
    assert "t1 of 5: 20.04 and 60.4 µs, for 2 d 12 h and 1 d 12 h on average" in told
