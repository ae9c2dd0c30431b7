"""A format for tests: values by target and name in a JSON file, optionally with a chip."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qdash_core import InvalidInputError, Parameter
from qdash_core.chips.parts import ChipParts
from qdash_core.hooks.formats import Format
from qdash_core.hooks.imported_data import ImportedData, InitialValue, SkippedEntry
from qdash_core.models.chip import MuxLines, WiringModel

from ...core.chips.samples import PAIR

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.chips.chip import Chip

WIRING = WiringModel(lines=[MuxLines(mux=0, ctrl=["U1A-1", "U1A-2"], read_out="U1A-3", read_in="U1A-4")])


class Lives(Format):
    """`{target: {name: [value, error, unit, time]}}`; with "pair" as the name of a chip of two qubits."""

    name = "lives"
    title = "values by target"

    def reads(self, path: Path) -> bool:
        return path.name.endswith(".lives")

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        found: dict[str, Any] = json.loads(path.read_text())
        if "fault" in found:
            raise ZeroDivisionError(found["fault"])
        if "wrong" in found:
            raise InvalidInputError(f"{path.name}: {found['wrong']}")
        pair = found.pop("pair", None)
        passed = tuple(SkippedEntry(path.name, key, "no target") for key in found if not key[0].isdigit())
        seeds = {
            target: {
                name: _make_initial_value(said, path.name, f"{target}.{name}")
                for name, said in values.items()
            }
            for target, values in found.items()
            if target[0].isdigit()
        }
        design = {"0": {"qubit_frequency": 5.0}}
        parts = None if pair is None else ChipParts(PAIR, chip_id=pair, wiring=WIRING, design=design)
        return ImportedData(parts, seeds, passed)

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        files = [folder / "qubits" / f"{qid}.lives" for qid, one in chip.qubits.items() if one.data]
        for file in files:
            file.parent.mkdir(exist_ok=True)
            values = chip.qubits[file.stem].data
            file.write_text(
                json.dumps({file.stem: {name: [one.value, one.error] for name, one in values.items()}})
            )
        return files


def _make_initial_value(said: list[Any], file: str, key: str) -> InitialValue:
    value, error, unit, at = said
    return InitialValue(
        Parameter(value, error, unit), file, key, None if at is None else datetime.fromisoformat(at)
    )
