"""`qdash export` and `qdash release export` of devices: options, output, and the list of targets left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run
from qdash_core import open_qdash
from qdash_core.models.project import DEFAULT_PROJECT

from ...calibrated_chips import set_device_values

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

REQUEST = Path(__file__).parent / "device_files" / "device_topology_request.json"


@pytest.fixture
def command(lab: InProcess) -> InProcess:
    """Commands in a home with a chip of five qubits in a line, with every value."""
    with open_qdash() as qdash:
        set_device_values(qdash, DEFAULT_PROJECT, "a")
    return lab


def test_the_device_is_printed_and_what_was_left_out_is_told_beside_it(command: InProcess) -> None:
    line = [
        "export",
        "a",
        "--format",
        "device-topology",
        "--qids",
        "0-2",
        "--exclude",
        "0-1",
        "--largest-part",
    ]
    assert run(line) == 0
    printed = command.capture.readouterr()
    written = json.loads(printed.out)
    assert [qubit["physical_id"] for qubit in written["qubits"]] == [1, 2]
    assert printed.err.splitlines() == [
        "device a has 2 qubits and 1 coupling of chip a; 6 left out",
        "  0: not in the largest connected part, of 2 qubits",
        "  3, 4: not among the requested qubits",
        "  0-1: excluded by the request",
        "  2-3: without qubit 3",
        "  3-4: without qubits 3 and 4",
    ]
    assert json.loads(command.does(*line, "--json")) == written


def test_a_device_is_written_to_a_file(command: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "device_topology.json"
    line = ("export", "a", "--format", "device-topology", "-o", str(path))
    said = command.does(
        *line, "--device-name", "anemone", "--device-id", "qpu-1", "--min-qubit-fidelity", "0.9"
    )
    assert said == f"1 file of a (device-topology): {path}\n"
    written = json.loads(path.read_text())
    assert (written["name"], written["device_id"], len(written["qubits"])) == ("anemone", "qpu-1", 5)


def test_a_request_file_of_the_gateway_is_read(command: InProcess, tmp_path: Path) -> None:
    text = REQUEST.read_text().replace('"3-1"', '"2-1"')  # a line has no coupling of 1 and 3
    request = tmp_path / "request.json"
    request.write_text(text)
    written = command.read_json("export", "a", "--format", "device", "--request", str(request))
    assert written["name"] == "anemone"
    assert [qubit["qid"] for qubit in written["qubits"]] == ["0", "2", "3"]
    assert {one["target"] for one in written["left_out"]} == {"1", "4", "0-1", "1-2", "3-4"}


def test_a_release_is_exported_as_a_device(command: InProcess) -> None:
    command.does("release", "create", "a", "--name", "friday")
    written = command.read_json("release", "export", "a", "friday", "--format", "device", "--exclude", "0")
    assert [qubit["qid"] for qubit in written["qubits"]] == ["1", "2", "3", "4"]


def test_an_unusable_limit_is_refused_in_one_line(command: InProcess, subtests: pytest.Subtests) -> None:
    for options, message in [
        (("--min-coupling-fidelity", "0.999"), None),
        (("--min-readout-fidelity", "0.99"), "no qubit of chip a can be part of the device"),
        (("--max-age", "soon"), "'soon' is not a length of time"),
        (("--without-marks", "stale"), "there is no mark 'stale'"),
        (("--exclude", "0-2"), "chip a has no coupling 0-2"),
        (("--min-qubit-fidelity", "99"), "min_qubit_fidelity is 99.0"),
        (("--request", "absent.json"), "absent.json"),
        (("--format", "json", "--largest-part"), "format json writes the whole chip"),
    ]:
        with subtests.test(str(options)):
            line = ("export", "a", "--format", "device", *options)
            if message is None:
                assert command.read_json(*line)["couplings"] == []
            else:
                assert message in command.run_refused(*line)
