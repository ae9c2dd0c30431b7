"""Conformance tests of file formats. A plugin author subclasses `FormatContract` in a test module.

from qdash_testing import FormatContract

class TestMyFormat(FormatContract):
    format = MyFormat()

    @pytest.fixture
    def sample(self):
        return Path(__file__).parent / "a-file-of-ours"
"""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core.chips.chip import Chip
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.formats import Format
from qdash_core.hooks.usable_device import DeviceQubit, LeftOut, UsableDevice
from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel
from qdash_core.models.chip_judgement import Judgement, TargetJudgement, ValueJudgement
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.targets import parse_target_id
from qdash_core.parsing.text_error import TextError
from qdash_core.process.clock import utc_now
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.imported_data import ImportedData

_OF_CHIP = {"project_id": "default", "username": "admin", "chip_id": "sample"}
_VALUES: dict[str, dict[str, tuple[float, float | None, str]]] = {
    "0": {
        "t1": (81.5, 1.3, "us"),
        "qubit_frequency": (5.0123456, 2e-5, "GHz"),
        "pi_amplitude": (0.2, None, "a.u."),
        "t2_echo": (62.0, 1.1, "us"),
        "hpi_length": (32.0, None, "ns"),
        "pi_length": (32.0, None, "ns"),
        "readout_fidelity_0": (0.99, 0.002, ""),
        "readout_fidelity_1": (0.98, 0.003, ""),
        "x90_gate_fidelity": (0.9995, 2e-5, ""),
    },
    "1": {"qubit_frequency": (5.25, None, "GHz")},
}
_OTHER_TEXT = "[1]\n"
"""Valid JSON, YAML, TOML, CSV and Python."""
_GARBAGE = b"\xff\x00{[ : no file of anybody"


class FormatContract(Contract):
    """Conformance tests of a format. Do not override tests; to except one, use a strict xfail with a reason.

    A reader has a fixture `sample`, the path of a file or folder that it reads; a format that also writes need not: its
    output for `chip` is read.

    Attributes
    ----------
    format : Format
        The tested format.
    """

    format: ClassVar[Format]

    @pytest.fixture
    def chip(self) -> Chip:
        """Return a chip of two qubits and their coupling, with some values and not all, and a mark. One qubit is usable."""
        qubits = {
            qid: QubitModel(**_OF_CHIP, qid=qid, row=0, col=int(qid), mux=0, data=_make_values(qid))
            for qid in _VALUES
        }
        qubits["0"].design = {"qubit_frequency": 5.0}
        header = ChipModel(**_OF_CHIP, size=2, topology_id="pair", backend="bench", assessed=True)
        made = Chip(header, qubits, {"0-1": CouplingModel(**_OF_CHIP, qid="0-1")})
        mark = ValueMark(mark=Mark.LAST_FAILED, reason="CheckT1 failed: no decay", task_id="newest")
        judged = {"t1": ValueJudgement(Trust.TRUSTED, (mark,))}
        return replace(made, judgement=Judgement({"0": TargetJudgement(Fitness.FIT, values=judged)}))

    @pytest.fixture
    def sample(self, chip: Chip, tmp_path: Path) -> Path:
        """Return the output of the format for `chip`: a file if it writes one, otherwise the folder."""
        assert self.format.is_writer, "a format that only reads has a fixture `sample`"
        return self._write_chip(chip, tmp_path / "sample")

    def test_it_has_a_name_and_a_title_and_does_something(self) -> None:
        assert self.format.name == self.format.name.lower().strip()
        assert self.format.title.strip()
        assert self.format.is_reader or self.format.is_writer

    def test_it_knows_its_own_files_and_no_others(self, sample: Path, tmp_path: Path) -> None:
        assert self.format.reads(sample) is self.format.is_reader
        folder = tmp_path / "another's"
        folder.mkdir()
        for name, contents in (
            ("nothing", b""),
            ("x.json", b"{}"),
            ("x.yaml", b"a: 1\n"),
            ("x.bin", _GARBAGE),
        ):
            (folder / name).write_bytes(contents)
            assert self.format.reads(folder / name) is False, name
        assert self.format.reads(folder) is False
        assert self.format.reads(folder / "not there") is False

    def test_its_check_knows_its_own_files_and_no_others(self, sample: Path) -> None:
        if type(self.format).check_file is Format.check_file:
            return
        own = {PurePosixPath(name): contents.decode() for name, contents in _read_contents(sample).items()}
        known = [path for path, text in own.items() if self.format.check_file(path, text)]
        assert known, "the check knows none of the files that it reads or writes"
        assert self.format.check_file(PurePosixPath("another's"), _OTHER_TEXT) is False
        for path in own:
            try:
                self.format.check_file(path, _OTHER_TEXT)
            except InvalidInputError as error:
                line = error.line if isinstance(error, TextError) else None
                assert line in (None, 1), f"the text of {path} has no line {line}"

    def test_reading_changes_no_file_and_gives_the_same_again(self, sample: Path, chip: Chip) -> None:
        if not self.format.is_reader:
            return
        before = _read_contents(sample)
        first, second = (self.format.read(sample, chip) for _ in range(2))
        assert first == second
        assert _read_contents(sample) == before

    def test_imported_data_can_be_stored(self, sample: Path, chip: Chip) -> None:
        if not self.format.is_reader:
            return
        found = self.format.read(sample, chip)
        assert found.chip is not None or found.seeds, "the format must read a chip or values"
        for target, seeds in found.seeds.items():
            assert parse_target_id(target) == target, "a target has its id as key, such as '0' or '0-1'"
            for name, seed in seeds.items():
                where = f"{target}.{name}"
                assert math.isfinite(seed.parameter.value), where
                assert seed.parameter.error is None or seed.parameter.error > 0, (
                    f"{where}: an error is None or positive"
                )
                assert seed.file, f"{where}: the value must name its file"
                assert seed.measured_at is None or seed.measured_at.utcoffset() is not None, (
                    f"{where}: a time needs a time zone"
                )
        assert all(one.file and one.why for one in found.not_understood)

    def test_a_broken_file_is_refused_or_told(self, sample: Path, chip: Chip, tmp_path: Path) -> None:
        if not self.format.is_reader:
            return
        for name in _read_contents(sample):
            broken = tmp_path / f"broken {name.replace('/', ' ')}" / sample.name
            if sample.is_dir():
                shutil.copytree(sample, broken)
            else:
                broken.parent.mkdir()
                shutil.copyfile(sample, broken)
            (broken / name if sample.is_dir() else broken).write_bytes(_GARBAGE)
            try:
                found = self.format.read(broken, chip)
            except InvalidInputError:
                continue
            assert found.not_understood, f"{name} is broken, but neither refused nor reported"

    def test_it_writes_into_its_folder_and_names_every_file(self, chip: Chip, tmp_path: Path) -> None:
        if not self.format.is_writer:
            return
        folder = tmp_path / "out"
        folder.mkdir()
        before = {path.name for path in tmp_path.iterdir()}
        was = {target: one.model_dump() for target, one in {**chip.qubits, **chip.couplings}.items()}
        written = self._write_files(chip, folder)
        assert {path.name for path in tmp_path.iterdir()} == before, (
            "a file was written outside of the folder"
        )
        assert sorted(written) == sorted(path for path in folder.rglob("*") if path.is_file())
        assert written
        assert len(written) == 1 or not self.format.one_file
        assert {target: one.model_dump() for target, one in {**chip.qubits, **chip.couplings}.items()} == was

    def test_it_reads_its_own_files(self, chip: Chip, tmp_path: Path) -> None:
        if not (self.format.is_reader and self.format.is_writer):
            return
        found: ImportedData = self.format.read(self._write_chip(chip, tmp_path / "round trip"), chip)
        targets = {**chip.qubits, **chip.couplings}
        for target, seeds in found.seeds.items():
            for name, seed in seeds.items():
                assert name in targets[target].data, (
                    f"{target}.{name} was read from the written files, but has no value on the chip"
                )
                known = targets[target].data[name]
                assert math.isclose(seed.parameter.value, known.value, rel_tol=1e-9), f"{target}.{name}"
                assert seed.parameter.unit == known.unit, f"{target}.{name}"
        assert found.seeds, "no value was read back from a chip with a T1, frequencies and an amplitude"

    def test_marks_are_not_read(self, chip: Chip, tmp_path: Path) -> None:
        if not (self.format.is_reader and self.format.is_writer):
            return
        plain = replace(chip, judgement=Judgement())
        found, expected = (
            self.format.read(self._write_chip(one, tmp_path / name), chip)
            for name, one in (("marked", chip), ("plain", plain))
        )
        assert found.seeds == expected.seeds, "marks are computed, never imported"
        assert found.not_understood == expected.not_understood, "marks are skipped without a remark"

    def _write_chip(self, chip: Chip, folder: Path) -> Path:
        folder.mkdir()
        written = self._write_files(chip, folder)
        return written[0] if self.format.one_file else folder

    def _write_files(self, chip: Chip, folder: Path) -> list[Path]:
        if self.format.writes_devices:
            return self.format.write_device(_make_device(chip), folder)
        return self.format.write(chip, folder)


def _read_contents(path: Path) -> dict[str, bytes]:
    """Return the contents of a file, or of each file below a folder by its place there."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {
        one.relative_to(path).as_posix(): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()
    }


def _make_values(qid: str) -> dict[str, ParameterModel]:
    return {
        name: ParameterModel(value=value, error=error, unit=unit, calibrated_at=utc_now())
        for name, (value, error, unit) in _VALUES[qid].items()
    }


def _make_device(chip: Chip) -> UsableDevice:
    """Return the usable part of the chip: its first qubit alone."""
    data = chip.qubits["0"].data
    values = {name: float(one.value) for name, one in data.items()}
    qubit = DeviceQubit(
        qid="0",
        x=0.0,
        y=0.0,
        mux=0,
        frequency_ghz=values["qubit_frequency"],
        t1_us=values["t1"],
        t2_echo_us=values["t2_echo"],
        x90_fidelity=values["x90_gate_fidelity"],
        x180_fidelity=None,
        readout_fidelity_0=values["readout_fidelity_0"],
        readout_fidelity_1=values["readout_fidelity_1"],
        hpi_length_ns=values["hpi_length"],
        pi_length_ns=values["pi_length"],
        readout_length_ns=None,
    )
    return UsableDevice(
        chip_id="sample",
        name="sample",
        device_id="sample",
        qubits=(qubit,),
        couplings=(),
        calibrated_at=max(one.calibrated_at for one in data.values() if one.calibrated_at is not None),
        left_out=(LeftOut("1", "no x90_gate_fidelity"), LeftOut("0-1", "without qubit 1")),
    )
