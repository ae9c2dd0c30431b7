"""Reader of `calibration.json` of a qibolab platform, which qibocal writes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from qdash_builtin.exchange.formats.value_collector import ValueCollector, looks_like
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.formats import Format
from qdash_core.models.targets import parse_qubit_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.imported_data import ImportedData

_HZ_TO_GHZ, _NS_TO_US = Decimal("1e-9"), Decimal("1e-3")
_TIMES = {"t1": "t1", "t2": "t2_star", "t2_spin_echo": "t2_echo"}
_SKIPPED = {
    "rb_fidelity": "the fidelity of a pulse: QDash's average_gate_fidelity is that of a Clifford gate",
    "cz_fidelity": "QDash has no CZ gate",
    "coupling": "no value of QDash is a coupling strength",
}
_READ = {"resonator", "qubit", "readout", *_TIMES}
_PARTS = {
    "resonator": {"dressed_frequency"},
    "qubit": {"frequency_01", "frequency_12"},
    "readout": {"fidelity"},
}
"""Entries of each part that are read; 0 and null are qibocal's placeholders of unknown values."""


class QibocalCalibration(Format):
    """Calibration of a qibolab platform."""

    name = "qibolab-calibration"
    title = "calibration.json of a qibolab platform"

    def reads(self, path: Path) -> bool:
        """Return whether a file, or `calibration.json` of a folder, has the keys of a calibration."""
        return looks_like(_find_file(path), "single_qubits", "two_qubits")

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the values of the qubits.

        Frequencies in Hz and times in ns are converted. qibocal's `fidelity` of the readout is 1 - p(1|0) - p(0|1), so that the
        assignment fidelity is (1 + fidelity) / 2.
        """
        del chip
        file = ValueCollector(_find_file(path))
        for key, entry in file.iterate(file.document.get("single_qubits"), "single_qubits"):
            try:
                qid = parse_qubit_id(key.removeprefix("single_qubits."))
            except InvalidInputError as error:
                file.report(key, str(error))
                continue
            _add_qubit(file, qid, entry, key)
        for key, entry in file.iterate(file.document.get("two_qubits"), "two_qubits"):
            _skip_others(file, entry, key, set())
        return file.finish()


def _find_file(path: Path) -> Path:
    return path / "calibration.json" if path.is_dir() else path


def _add_qubit(file: ValueCollector, qid: str, entry: Mapping[str, Any], key: str) -> None:
    parts = {name: _drop_placeholders(file.part(entry, name, key)) for name in _PARTS}
    resonator, qubit, readout = parts.values()
    place = f"{key}.resonator.dressed_frequency"
    file.add(qid, "resonator_frequency", resonator.get("dressed_frequency"), "GHz", place, factor=_HZ_TO_GHZ)
    place = f"{key}.qubit.frequency_01"
    file.add(qid, "qubit_frequency", qubit.get("frequency_01"), "GHz", place, factor=_HZ_TO_GHZ)
    _add_anharmonicity(file, qid, qubit, f"{key}.qubit.frequency_12")
    place = f"{key}.readout.fidelity"
    fidelity = file.read_number(readout.get("fidelity"), place)
    file.add(
        qid, "average_readout_fidelity", None if fidelity is None else float((1 + fidelity) / 2), "", place
    )
    for given, name in _TIMES.items():
        _add_time(file, qid, name, entry.get(given), f"{key}.{given}")
    _skip_others(file, entry, key, _READ)
    for name, part in parts.items():
        _skip_others(file, part, f"{key}.{name}", _PARTS[name])


def _add_anharmonicity(file: ValueCollector, qid: str, qubit: Mapping[str, Any], key: str) -> None:
    upper = file.read_number(qubit.get("frequency_12"), key)
    lower = qubit.get("frequency_01")
    if upper is not None and isinstance(lower, int | float):
        difference = upper - Decimal(repr(lower))
        file.add(qid, "anharmonicity", float(difference), "GHz", key, factor=_HZ_TO_GHZ)


def _add_time(file: ValueCollector, qid: str, name: str, given: object, key: str) -> None:
    """Add a time in ns: a number, or a pair of the number and its error, which may be null."""
    value, error = given if isinstance(given, list) and len(given) == 2 else (given, None)
    file.add(qid, name, value, "us", key, factor=_NS_TO_US, error=error)


def _drop_placeholders(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in part.items() if value is not None and value != 0}


def _skip_others(file: ValueCollector, entry: Mapping[str, Any], key: str, read: set[str]) -> None:
    for name, value in entry.items():
        if name not in read and value not in (None, [], {}):
            file.skip(f"{key}.{name}", _SKIPPED.get(name, "no value of QDash"))
