"""Formats with one breach of their contract each. Not collected: `test_kit.py` runs this file.

The docstring of each class names the test that must catch it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qdash_core import InvalidInputError, Parameter
from qdash_core.hooks.formats import Format
from qdash_core.hooks.imported_data import ImportedData, InitialValue, SkippedEntry
from qdash_core.parsing.text_error import TextError
from qdash_testing import FormatContract

if TYPE_CHECKING:
    from pathlib import Path, PurePosixPath

    from qdash_core.chips.chip import Chip


class Lives(Format):
    """Keeps T1 in nanoseconds."""

    name = "lives"
    title = "T1 by qubit"
    one_file = True

    def reads(self, path: Path) -> bool:
        return path.name.endswith(".lives")

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        try:
            found = json.loads(path.read_text())
        except ValueError as error:
            raise InvalidInputError(f"{path}: {error}") from error
        return ImportedData(seeds={qid: {"t1": self.seed(ns, path, qid)} for qid, ns in found.items()})

    def seed(self, value_ns: float, path: Path, qid: str) -> InitialValue:
        return InitialValue(Parameter(value_ns / 1000, unit="us"), path.name, qid)

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        file = folder / "t1.lives"
        file.write_text(json.dumps(self.kept(chip)))
        return [file]

    def kept(self, chip: Chip) -> dict[str, float]:
        return {qid: one.data["t1"].value * 1000 for qid, one in chip.qubits.items() if "t1" in one.data}

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        if path.suffix != ".lives":
            return False
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            raise TextError(str(error), line=error.lineno, column=error.colno) from error
        return True


class TestGood(FormatContract):
    """Nothing is caught."""

    format = Lives()


class Nameless(Lives):
    title = " "


class TestNameless(FormatContract):
    """Breach that this test detects: test_it_has_a_name_and_a_title_and_does_something"""

    format = Nameless()


class Greedy(Lives):
    def reads(self, path: Path) -> bool:
        return True


class TestGreedy(FormatContract):
    """Breach that this test detects: test_it_knows_its_own_files_and_no_others"""

    format = Greedy()


class Blind(Lives):
    def check_file(self, path: PurePosixPath, text: str) -> bool:
        return False


class TestBlind(FormatContract):
    """Breach that this test detects: test_its_check_knows_its_own_files_and_no_others"""

    format = Blind()


class Strict(Lives):
    def check_file(self, path: PurePosixPath, text: str) -> bool:
        return True


class TestStrict(FormatContract):
    """Breach that this test detects: test_its_check_knows_its_own_files_and_no_others"""

    format = Strict()


class Lost(Lives):
    def check_file(self, path: PurePosixPath, text: str) -> bool:
        if path.suffix == ".lives" and not text.startswith("{"):
            raise TextError("no mapping", line=0)
        return path.suffix == ".lives"


class TestLost(FormatContract):
    """Breach that this test detects: test_its_check_knows_its_own_files_and_no_others"""

    format = Lost()


class Careless(Lives):
    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        found = super().read(path, chip)
        path.write_text("{}")
        return found


class TestCareless(FormatContract):
    """Breach that this test detects: test_reading_changes_no_file_and_gives_the_same_again"""

    format = Careless()


class Infinite(Lives):
    def seed(self, value_ns: float, path: Path, qid: str) -> InitialValue:
        return InitialValue(Parameter(float("inf"), unit="us"), path.name, qid)


class TestInfinite(FormatContract):
    """Breach that these tests detect: test_imported_data_can_be_stored test_it_reads_its_own_files"""

    format = Infinite()


class Sure(Lives):
    def seed(self, value_ns: float, path: Path, qid: str) -> InitialValue:
        return InitialValue(Parameter(value_ns / 1000, 0.0, unit="us"), path.name, qid)


class TestSure(FormatContract):
    """Breach that this test detects: test_imported_data_can_be_stored"""

    format = Sure()


class Labelled(Lives):
    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        found = super().read(path, chip)
        return ImportedData(seeds={f"Q{qid}": seeds for qid, seeds in found.seeds.items()})


class TestLabelled(FormatContract):
    """Breach that this test detects: test_imported_data_can_be_stored"""

    format = Labelled()


class Silent(Lives):
    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        try:
            return super().read(path, chip)
        except InvalidInputError:
            return ImportedData()


class TestSilent(FormatContract):
    """Breach that this test detects: test_a_broken_file_is_refused_or_told"""

    format = Silent()


class Loud(Lives):
    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        found = json.loads(path.read_text())
        return ImportedData(seeds={qid: {"t1": self.seed(ns, path, qid)} for qid, ns in found.items()})


class TestLoud(FormatContract):
    """Breach that this test detects: test_a_broken_file_is_refused_or_told"""

    format = Loud()


class Secretive(Lives):
    def write(self, chip: Chip, folder: Path) -> list[Path]:
        (folder / "more").write_text("")
        return super().write(chip, folder)


class TestSecretive(FormatContract):
    """Breach that this test detects: test_it_writes_into_its_folder_and_names_every_file"""

    format = Secretive()


class Zeros(Lives):
    def kept(self, chip: Chip) -> dict[str, float]:
        return {
            qid: one.data["t1"].value * 1000 if "t1" in one.data else 0.0 for qid, one in chip.qubits.items()
        }


class TestZeros(FormatContract):
    """Breach that this test detects: test_it_reads_its_own_files"""

    format = Zeros()


class Units(Lives):
    def seed(self, value_ns: float, path: Path, qid: str) -> InitialValue:
        return InitialValue(Parameter(value_ns, unit="us"), path.name, qid)


class TestUnits(FormatContract):
    """Breach that this test detects: test_it_reads_its_own_files"""

    format = Units()


class Remarking(Lives):
    def kept(self, chip: Chip) -> dict[str, float]:
        return super().kept(chip) | {"marks": float(len(chip.marks))} if chip.marks else super().kept(chip)

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        found = super().read(path, chip)
        seeds = {name: seeds for name, seeds in found.seeds.items() if name != "marks"}
        skipped = [SkippedEntry(path.name, name, "unknown") for name in found.seeds if name == "marks"]
        return ImportedData(seeds=seeds, not_understood=tuple(skipped))


class TestRemarking(FormatContract):
    """Breach that this test detects: test_marks_are_not_read"""

    format = Remarking()
