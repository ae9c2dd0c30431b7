"""Exports of devices: of chips and releases, within the limits of a request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.exchange.device_request import DeviceRequest
from qdash_builtin.exchange.feature import EXCHANGE, RELEASES
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.hooks.formats import Format
from qdash_core.models.chip import MeasuredAttempt, StatusReason, TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...access import ADMIN, access_of
from ...calibrated_chips import QUBIT, set_device_values
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.exchange.import_result import ExportedFiles
    from qdash_core.chips.chip import Chip

    from ...core.bench import Bench
    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Chip of five qubits in a line with every value; qubit 3 controls coupling 2-3."""
    bench = make_bench(make_task())
    set_device_values(bench.qdash, PROJECT, CHIP)
    return bench


def read(exported: ExportedFiles) -> Any:
    (contents,) = exported.files.values()
    return json.loads(contents)


@pytest.mark.parametrize("format_name", ["device-topology", "device"])
def test_a_viewer_exports_the_device_that_a_request_selects(bench: Bench, format_name: str) -> None:
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    request = DeviceRequest(name="anemone", exclude=("1",), largest_part=True)
    exported = bench.qdash.get(EXCHANGE).export(viewer, CHIP, format_name, request)
    written = read(exported)
    assert (written["name"], written["device_id"]) == ("anemone", CHIP)
    assert [(one["control"], one["target"]) for one in written["couplings"]] == [(1, 0), (1, 2)]
    assert exported.device is not None
    assert exported.device.numbering == ("2", "3", "4")
    described = bench.qdash.get(EXCHANGE).describe_device(viewer, CHIP, request)
    assert described == exported.device


def test_the_same_values_are_the_same_bytes(bench: Bench) -> None:
    first, second = (bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "device-topology") for _ in range(2))
    assert first.files == second.files
    assert [*first.files] == [f"{CHIP}-device-topology.json"]


def test_an_excluded_qubit_is_no_part_of_a_device(bench: Bench) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "3", TargetStatus.EXCLUDED, "open line")
    device = bench.qdash.get(EXCHANGE).describe_device(ADMIN, CHIP, DeviceRequest())
    assert device.numbering == ("0", "1", "2", "4")
    assert {one.target: one.reason for one in device.left_out} == {
        "3": "excluded",
        "2-3": "without qubit 3",
        "3-4": "without qubit 3",
    }


def test_marks_are_those_of_the_present_values(bench: Bench) -> None:
    every = DeviceRequest(marks=tuple(Mark))
    assert bench.qdash.get(EXCHANGE).describe_device(ADMIN, CHIP, every).left_out == ()
    now = utc_now()
    attempt = MeasuredAttempt(
        task="CheckT1", task_id="r", execution_id="e", measured_at=now, ended_at=now, text="CheckT1 failed"
    )
    stored = bench.get_qubit("0").with_changes(failures={"t1": attempt}, now=now)
    bench.repositories.of(QubitCalibrationRepository).write_values(
        stored, former=stored, recorded_date="20260401", cooldown_id=None
    )
    device = bench.qdash.get(EXCHANGE).describe_device(ADMIN, CHIP, DeviceRequest(marks=(Mark.LAST_FAILED,)))
    assert device.left_out[0].reason == "t1 is marked last-failed"
    assert bench.qdash.get(EXCHANGE).describe_device(ADMIN, CHIP, DeviceRequest()).left_out == ()


def fail_qubit(bench: Bench, qid: str) -> None:
    """Make a qubit failed, with a reason."""
    reason = StatusReason(text="CheckRabi failed: no oscillation", task_id="r", execution_id="e")
    failed = bench.get_qubit(qid).with_changes(
        status=TargetStatus.FAILED, status_reason=reason, now=utc_now()
    )
    bench.repositories.of(QubitCalibrationRepository).write_values(
        failed, former=failed, recorded_date="20260401", cooldown_id=None
    )


def test_an_unfit_qubit_is_no_part_of_a_device_unless_it_is_added(bench: Bench) -> None:
    fail_qubit(bench, "0")
    exported = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "device")
    assert read(exported)["left_out"] == [
        {"target": "0", "reason": "unfit: failed: CheckRabi failed: no oscillation"},
        {"target": "0-1", "reason": "without qubit 0"},
    ]
    every = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "device", DeviceRequest(with_unfit=True))
    assert read(every)["left_out"] == []
    assert read(every)["qubits"][0]["notes"] == ["unfit: failed: CheckRabi failed: no oscillation"]
    assert [one.target for one in every.notes] == ["0"]


def test_a_format_for_use_has_no_values_of_unfit_targets(make_bench: MakeBench) -> None:
    class Library(Format):
        name, title, for_use = "library", "values as text", True

        def write(self, chip: Chip, folder: Path) -> list[Path]:
            (folder / "t1").write_text(",".join(qid for qid, one in chip.qubits.items() if "t1" in one.data))
            return [folder / "t1"]

    bench = make_bench(make_task(), formats=[Library()])
    set_device_values(bench.qdash, PROJECT, CHIP)
    fail_qubit(bench, "0")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.DEAD, "open line")
    exported = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "library")
    assert exported.files == {"t1": b"1,2,3"}
    assert {one.target: one.reason for one in exported.left_out}["4"] == "dead"
    every = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "library", DeviceRequest(with_unfit=True))
    assert every.files == {"t1": b"0,1,2,3"}
    assert {one.target: one.reason for one in every.notes}["0"].startswith("unfit: failed: CheckRabi")
    assert "4" not in {one.target for one in every.notes}
    assert exported.notes == ()
    with pytest.raises(InvalidInputError, match="format library writes the whole chip"):
        bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "library", DeviceRequest(largest_part=True))


def test_a_format_of_whole_chips_takes_no_limits(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match="format json writes the whole chip"):
        bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json", DeviceRequest(largest_part=True))
    assert bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json", DeviceRequest()).device is None


def test_a_chip_without_values_is_no_device(make_bench: MakeBench) -> None:
    with pytest.raises(InvalidInputError, match="no qubit of chip chip can be part of the device"):
        make_bench(make_task()).qdash.get(EXCHANGE).export(ADMIN, CHIP, "device-topology")


def test_unknown_targets_and_chips_are_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no qubit 9"):
        bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "device", DeviceRequest(exclude=("9",)))
    with pytest.raises(NotFoundError, match="there is no chip 'chop'"):
        bench.qdash.get(EXCHANGE).export(ADMIN, "chop", "device")


def test_a_release_is_exported_as_the_device_that_it_was(bench: Bench) -> None:
    before = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "device-topology")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.run()
    assert bench.get_value("t1") != QUBIT["t1"][0]
    releases = bench.qdash.get(RELEASES)
    assert releases.export(ADMIN, CHIP, "friday", "device-topology").files == before.files
    request = DeviceRequest(qubits=("2", "3"), max_age=timedelta(days=1))
    exported = releases.export(ADMIN, CHIP, "friday", "device", request)
    assert exported.device is not None
    assert exported.device.numbering == ("2", "3")
    marked = releases.export(ADMIN, CHIP, "friday", "device", replace(request, marks=(Mark.TOO_OLD,)))
    assert marked.files == exported.files, "no value was too old at the time of the release"
