"""Invalid input: status 2, one line with fault and place, and an unchanged home.

Names are checked before types, types before ranges, ranges before state.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _pytest.mark import ParameterSet

    from .command_line import CommandLine

CALIBRATE = ("calibrate", "bench", "--flow", "check", "--qids", "0")
TASK = ("task", "run", "CheckT1", "--chip", "bench", "--qid", "0")
DEVICE = {
    "device": "made",
    "n_qubits": 2,
    "qubits": [{"qid": "0", "frequency_ghz": 5.0}, {"qid": "1", "frequency_ghz": 5.1}],
    "couplings": [{"control": "0", "target": "1"}],
}
LAYOUT = {
    "name": "made",
    "qubits": [{"id": qid, "row": 0, "col": int(qid), "mux": 0} for qid in ("0", "1")],
    "couplings": [["0", "1"]],
}

UNKNOWN = {
    "command": (("calibrat", "bench"), "No such command 'calibrat'"),
    "command of a group": (("chip", "remove"), "qdash chip: No such command 'remove'"),
    "command without its group": (("restore", "x.tar"), "or `qdash note restore` or `qdash store restore`?"),
    "option": (("chip", "list", "--jsn"), "No such option '--jsn'"),
    "argument": (("chip", "show", "bench", "too"), "unexpected extra argument (too)"),
    "chip": (("metrics", "bank"), "no chip 'bank' in project default (known: bench)"),
    "chip of a run": (("calibrate", "bank", "--flow", "check"), "no chip 'bank'"),
    "chip of a task": (("task", "run", "CheckT1", "--chip", "bank", "--qid", "0"), "no chip 'bank'"),
    "chip of a twin": (("twin", "truth", "bank"), "no chip 'bank'"),
    "flow": (("calibrate", "bench", "--flow", "lift-off"), "no flow or task 'lift-off'"),
    "task": (("task", "run", "CheckT9", "--chip", "bench", "--qid", "0"), "did you mean 'CheckT1'?"),
    "backend": ((*CALIBRATE, "--backend", "abacus"), "no backend 'abacus'; known are fake"),
    "backend of a chip": (
        ("chip", "create", "new", "--topology", "linear-16", "--backend", "abacus"),
        "no backend 'abacus'",
    ),
    "device": (
        ("twin", "create", "new", "--device", "atlantis"),
        "neither a file nor a known device (known: ",
    ),
    "flow in capitals": (("calibrate", "bench", "--flow", "Bring-Up"), "did you mean 'bring-up'? (flows: "),
    "topology": (("chip", "create", "new", "--topology", "linear-0"), "did you mean 'linear-16'?"),
    "project": (("chip", "list", "--project", "apollo"), "no project 'apollo' (known: default)"),
    "execution": (("executions", "show", "20200101-000"), "no execution '20200101-000'"),
    "result": (("task", "refit", "0000"), "no result '0000'"),
    "qubit": ((*CALIBRATE[:-1], "0,7"), "chip bench has no qubit 7; it has"),
    "qubit of a task": ((*TASK[:-1], "7"), "chip bench has no qubit '7'"),
    "excluded qubit": (("calibrate", "bench", "--flow", "check", "--exclude", "7"), "no qubit 7"),
    "multiplexer": (("calibrate", "bench", "--flow", "check", "--mux", "9"), "no multiplexer 9"),
    "coupling": (("calibrate", "bench", "--flow", "check", "--couplings", "0-6"), "no coupling 0-6"),
    "setting": ((*CALIBRATE, "--set", "shotz=64"), "shotz: no task of this flow has such a run parameter"),
    "setting of one task": (
        (*CALIBRATE, "--set", "CheckT1.shotz=64"),
        "CheckT1 has no run parameter 'shotz'",
    ),
    "task in a setting": ((*CALIBRATE, "--set", "CheckT9.shots=64"), "CheckT9: not a task of this flow"),
    "fault": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "fast=1"),
        "'fast' is not an option of a twin (known: slow, model-mismatch, tls, dead-line, dead-readout, no-active-reset, plane-turns, ",
    ),
    "fault of a demo": (
        ("demo", "--fault", "t1-fall=0@1"),
        "is not a fall of T1: write QID:FACTOR@HOUR[-HOUR]",
    ),
    "fault without value": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "fast"),
        "'fast' is not an option of a twin",
    ),
    "drift among the faults": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "drift=2"),
        "'drift' is given as --drift",
    ),
    "format": (
        ("export", "bench", "--format", "xml"),
        "there is no format 'xml'; known are csv, design, device, device-topology, ibm-properties, json, ",
    ),
}

ILL_FORMED = {
    "no chip": (("metrics",), "qdash metrics: Missing argument 'CHIP'"),
    "no flow": (("calibrate", "bench"), "Missing option '--flow'"),
    "no device": (("twin", "create", "new"), "name the source of the twin: --device, or both"),
    "no target": (
        ("task", "run", "CheckT1", "--chip", "bench"),
        "CheckT1 runs on a qubit: name it with --qid",
    ),
    "a value without its option": ((*CALIBRATE, "--set"), "Option '--set' requires an argument"),
    "a label": ((*CALIBRATE[:-1], "zero"), "'zero' is not a qubit"),
    "leading zeros": ((*CALIBRATE[:-1], "00"), "'00' is not a qubit"),
    "an empty entry": ((*CALIBRATE[:-1], "0,,1"), "'0,,1' has an empty entry"),
    "digits of another script": ((*TASK[:-1], "١"), "is not a qubit"),
    "a coupling with itself": (
        ("calibrate", "bench", "--flow", "check", "--couplings", "1-1"),
        "coupled to itself",
    ),
    "a backward range": (("calibrate", "bench", "--flow", "check", "--mux", "3-1"), "is reversed: write 1-3"),
    "a chip id": (("chip", "create", "../up", "--topology", "linear-16"), "chip id '../up'"),
    "a chip id of bytes": (("twin", "create", "\udcff", "--device", "jakarta"), "chip id"),
    "a setting without value": ((*CALIBRATE, "--set", "shots"), "--set shots: write NAME=VALUE"),
    "a setting without name": ((*CALIBRATE, "--set", "=3"), "--set =3: write NAME=VALUE"),
    "a word for a number": ((*CALIBRATE, "--set", "shots=many"), "'many' is not a whole number"),
    "a fraction for a whole number": ((*CALIBRATE, "--set", "shots=10.5"), "'10.5' is not a whole number"),
    "no number at all": ((*CALIBRATE, "--set", "interval=nan"), "'nan' is not a finite number"),
    "a number for a list": ((*TASK, "--set", 'time_range=[1, "b"]'), "is not a list of numbers"),
    "a bottomless list": ((*TASK, "--set", f"time_range={'[' * 50_000}"), "is not a list of numbers"),
    "an astronomical list": ((*TASK, "--set", f"time_range=[1{'0' * 400}]"), "is not a list of numbers"),
    "a fault without value": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "slow"),
        "NAME=VALUE",
    ),
    "a fault that is no number": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "slow=x"),
        "slow: 'x'",
    ),
    "a seed": (("demo", "--seed", "lucky"), "'lucky' is not a valid integer"),
}

OUT_OF_RANGE = {
    "too few": ((*CALIBRATE, "--set", "shots=1"), "shots: 1 is below the minimum of 16"),
    "too many": ((*TASK, "--set", "shots=1000001"), "shots: 1e+06 is above the maximum of 1e+06"),
    "astronomically many": ((*TASK, "--set", f"shots=1{'0' * 400}"), "is above the maximum"),
    "in a list": ((*TASK, "--set", "time_range=[0, 100, -5]"), "time_range: -5 is below the minimum of 0 ns"),
    "not a choice": ((*TASK, "--set", "reset=none"), "reset: 'none' is not one of auto, active, passive"),
    "a negative delay": (
        ("twin", "create", "new", "--device", "jakarta", "--fault", "slow=-1"),
        "slow: '-1'",
    ),
    "no qubits": (("demo", "--qubits", "0"), "0 is not in the range"),
    "more qubits than there are": (("demo", "--qubits", "8"), "--qubits 8: jakarta has 7"),
    "no rows": (("executions", "list", "--limit", "0"), "0 is not in the range"),
}

IMPOSSIBLE = {
    "two kinds of targets": (
        (*CALIBRATE, "--mux", "0"),
        "use one of --qids, --mux and --couplings",
    ),
    "exclusion from couplings": (
        ("calibrate", "bench", "--flow", "check", "--couplings", "0-1", "--exclude", "0"),
        "--exclude applies to qubits",
    ),
    "a task of qubits on a coupling": (
        ("calibrate", "bench", "--flow", "check", "--couplings", "0-1"),
        "OneQubitCheck measures qubits (CheckRabi and 7 more), and the targets are couplings (0-1): name qubits",
    ),
    "two formats": (("export", "bench", "--json", "--format", "csv"), "--json and --format csv"),
    "nothing is left": (
        ("calibrate", "bench", "--flow", "check", "--exclude", "0,1,2,3,4,5,6"),
        "no qubit of chip bench is left to run on",
    ),
    "a missing input": (
        ("calibrate", "bench", "--flow", "check", "--qids", "5"),
        "resonator_frequency of 5, which has no accepted value: run CheckResonatorSpectroscopy or CheckReflectionCoefficient first",
    ),
    "a chip that exists": (("chip", "create", "bench", "--topology", "linear-16"), "bench exists already"),
    "a twin that exists": (("twin", "create", "bench", "--device", "jakarta"), "bench exists already"),
    "a chip with values": (("chip", "delete", "bench"), "--force removes them"),
    "a file that is there": (("export", "bench", "--output", "/dev/null"), "/dev/null is there already"),
    "a file that is no folder": (("export", "bench", "--output", "/dev/null/x"), "/dev/null is no folder"),
}

ORDER = {
    "an unknown name before a wrong type": (("--qids", "9", "--set", "shots=many"), "no qubit 9"),
    "an unknown setting before a wrong type": (
        ("--qids", "0", "--set", "shots=many", "--set", "shotz=1"),
        "shotz: no task",
    ),
    "a wrong type before a wrong range": (
        ("--qids", "0", "--set", "shots=1", "--set", "interval=long"),
        "interval: 'long' is not a finite number",
    ),
    "a wrong type before a wrong range, whatever the task": (
        ("--qids", "0", "--set", "shots=1", "--set", "CheckT2Echo.interval=long"),
        "interval: 'long' is not a finite number",
    ),
    "a wrong range before a missing input": (("--qids", "5", "--set", "shots=1"), "below the minimum"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, calibrated: CommandLine) -> CommandLine:
    """A command line with one shared copy of the calibrated home, since refusals do not change it."""
    assert calibrated.home is not None
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(calibrated.home, home)
    return calibrated.with_home(home, folder=tmp_path_factory.mktemp("work"))


def select_quick(cases: Mapping[str, tuple[object, ...]], *quick: str) -> list[ParameterSet]:
    """Return the cases as parameters: the named ones are among the quick tests."""
    assert cases.keys() >= set(quick)
    return [
        pytest.param(*case, id=name, marks=[] if name in quick else [pytest.mark.slow])
        for name, case in cases.items()
    ]


def assert_refused(shared: CommandLine, arguments: tuple[str, ...], message: str) -> None:
    before, files = shared.read_everything(), list(shared.folder.iterdir())
    assert message in shared.run_refused(*arguments)
    assert shared.read_everything() == before
    assert list(shared.folder.iterdir()) == files


@pytest.mark.parametrize(
    ("arguments", "message"),
    select_quick(
        UNKNOWN,
        "command",
        "option",
        "chip of a run",
        "flow",
        "task",
        "project",
        "execution",
        "qubit",
        "setting",
        "fault",
    ),
)
def test_an_unknown_name_is_refused(shared: CommandLine, arguments: tuple[str, ...], message: str) -> None:
    assert_refused(shared, arguments, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    select_quick(
        ILL_FORMED,
        "no flow",
        "a label",
        "an empty entry",
        "a chip id",
        "a setting without value",
        "a word for a number",
        "a bottomless list",
    ),
)
def test_what_is_not_of_its_type_is_refused(
    shared: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    assert_refused(shared, arguments, message)


@pytest.mark.parametrize(
    ("arguments", "message"), select_quick(OUT_OF_RANGE, "too few", "in a list", "no qubits")
)
def test_what_is_out_of_range_is_refused(
    shared: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    assert_refused(shared, arguments, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    select_quick(
        IMPOSSIBLE,
        "two kinds of targets",
        "nothing is left",
        "a missing input",
        "a chip that exists",
        "a file that is there",
    ),
)
def test_what_cannot_be_as_things_stand_is_refused(
    shared: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    assert_refused(shared, arguments, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    select_quick(
        ORDER,
        "an unknown name before a wrong type",
        "a wrong type before a wrong range",
        "a wrong range before a missing input",
    ),
)
def test_names_come_before_types_types_before_ranges_ranges_before_state(
    shared: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    assert_refused(shared, ("calibrate", "bench", "--flow", "check", *arguments), message)


@pytest.mark.parametrize("group", [(), ("chip",)])
def test_a_command_that_is_missing_is_asked_for_below_the_list_of_those_there_are(
    shared: CommandLine, group: tuple[str, ...]
) -> None:
    outcome = shared(*group)

    assert outcome.status == 2
    assert outcome.out.startswith(f"Usage: {' '.join(('qdash', *group))} ")
    assert outcome.err == f"error: {' '.join(('qdash', *group))}: command missing\n"


TABLES = {
    "not JSON": ("{", "not JSON"),
    "not an object": ("[]", "is a JSON object, not a list"),
    "a missing field": (json.dumps({**DEVICE, "qubits": [{}, {}]}), "qubits[0].qid: is missing"),
    "an unknown field": (json.dumps({**DEVICE, "colour": "red"}), "colour: is not a field"),
    "a wrong count": (json.dumps({**DEVICE, "n_qubits": 3}), "n_qubits: 3 is not the number of qubits, 2"),
    "a negative time": (
        json.dumps({**DEVICE, "qubits": [{"qid": "0"}, {"qid": "1", "t1_us": -3.0}]}),
        "qubits[1].t1_us: -3 is not a positive time",
    ),
    "an impossible probability": (
        json.dumps({**DEVICE, "qubits": [{"qid": "0"}, {"qid": "1", "readout_error": 1.5}]}),
        "qubits[1].readout_error: 1.5 is not a probability",
    ),
    "not a number": (
        json.dumps({**DEVICE, "qubits": [{"qid": "0"}, {"qid": "1", "t1_us": float("nan")}]}),
        "qubits[1].t1_us",
    ),
    "a coupling to nowhere": (
        json.dumps({**DEVICE, "couplings": [{"control": "0", "target": "7"}]}),
        "couplings[0].target: '7' is not a qubit of the table",
    ),
    "a qubit twice": (json.dumps({**DEVICE, "qubits": [{"qid": "0"}, {"qid": "0"}]}), "qubits[1].qid: '0'"),
}

LAYOUTS = {
    "not a topology": ("[1, 2]", "made.json"),
    "an unknown field": (json.dumps({**LAYOUT, "colour": "red"}), "colour"),
    "a coupling to nowhere": (
        json.dumps({**LAYOUT, "couplings": [["0", "7"]]}),
        "couplings[0]: there is no qubit 7",
    ),
    "a qubit twice": (json.dumps({**LAYOUT, "qubits": [LAYOUT["qubits"][0]] * 2}), "qubits[1].id"),
    "nothing at all": ("", "made.json"),
}


@pytest.mark.parametrize(("text", "message"), select_quick(TABLES, "not JSON", "a missing field"))
def test_a_device_table_is_refused_with_the_field_and_the_index(
    shared: CommandLine, text: str, message: str
) -> None:
    file = shared.folder / "made.json"
    file.write_text(text, "utf-8")

    assert_refused(shared, ("twin", "create", "new", "--device", str(file)), message)


@pytest.mark.parametrize(("text", "message"), select_quick(LAYOUTS, "a coupling to nowhere"))
def test_a_topology_file_is_refused_with_what_is_wrong_in_it(
    shared: CommandLine, text: str, message: str
) -> None:
    file = shared.folder / "made.json"
    file.write_text(text, "utf-8")

    assert_refused(shared, ("chip", "create", "new", "--topology", str(file)), message)


def test_the_tables_that_the_bad_ones_are_made_from_are_good(qdash: CommandLine) -> None:
    for name, document in (("device", DEVICE), ("layout", LAYOUT)):
        (qdash.folder / f"{name}.json").write_text(json.dumps(document), "utf-8")

    qdash.does("twin", "create", "a", "--device", "device.json")
    qdash.does("chip", "create", "b", "--topology", "layout.json")
