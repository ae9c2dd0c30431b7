"""Creation of a chip to calibrate with qubex: its configuration folder with design values, and its twin with
the true ones.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import yaml
from qdash_core import ConflictError, InvalidInputError, split_coupling
from qdash_fake import DeviceTable, create_twin, twin_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_fake import Twin

CONTROLLER = "qubex_on_a_twin.controller:controller"
"""Required value of `QDASH_QUBEX_CONTROLLER`."""

_MUX_SIZE = 4
_SIZES = (4, 16, 64, 144, 256, 1024)
"""Numbers of qubits of the library's square lattices."""
_CONTROL_PORTS = ((4, 2, 11, 9), (16, 14, 17, 15))
_READOUT_PORTS = ((1, 0), (8, 7))
"""Ports of the two multiplexers of a box: four control lines each, and the readout's output and input."""
_READOUT_STEP_NS = 128.0
"""Grid of readout lengths that every kind of instrument can capture."""
_FILES = {
    "control_frequency": ("qubit_frequency", "GHz"),
    "qubit_frequency": ("qubit_frequency", "GHz"),
    "qubit_anharmonicity": ("anharmonicity", "GHz"),
    "resonator_frequency": ("resonator_frequency", "GHz"),
    "readout_amplitude": ("readout_amplitude", "a.u."),
}
"""Files of the parameter folder: design value and unit of each. The readout frequency is missing, as
calibration determines it.
"""


class Made(NamedTuple):
    """The created chip.

    Attributes
    ----------
    config
        Root of the configuration folder.
    size
        Number of qubits of the library's chip; some may be absent.
    """

    config: Path
    system_id: str
    twin: Twin
    size: int

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment variables that select folder, system and twin."""
        return {
            "QDASH_HOME": str(home),
            "QDASH_QUBEX_CONFIG": str(self.config),
            "QDASH_QUBEX_SYSTEM": self.system_id,
            "QDASH_QUBEX_CONTROLLER": CONTROLLER,
        }

    def label(self, qid: str) -> str:
        """Return the library's label of a qubit."""
        return f"Q{int(qid):0{len(str(self.size - 1))}d}"


def make(
    chip_id: str,
    table: DeviceTable,
    *,
    home: Path,
    config: Path,
    seed: int = 0,
    options: Mapping[str, object] | None = None,
    project_id: str = "default",
    readout_as_designed: bool = False,
) -> Made:
    """Write a configuration folder of design values and create the twin of a chip.

    Parameters
    ----------
    chip_id
        Name of chip and system in the folder, and of the twin in the home.
    config
        Root of the folder, created if needed; a system in it is left alone.
    readout_as_designed
        Write a readout length to the folder: the median of the design, since the library has one length for all. Otherwise the
        folder has none, and the library takes its default of 384 ns.

    Raises
    ------
    InvalidInputError
        If the library has no chip with such qubits and couplings.
    ConflictError
        If folder or home have that chip already.
    """
    size = _size(table.qids)
    beside = set(_neighbours(size))
    if foreign := [pair for pair in table.pairs if pair not in beside]:
        raise InvalidInputError(
            f"coupling {'-'.join(foreign[0])}: in the library's lattice of {size} qubits these are not beside each other"
        )
    params = config / "params" / chip_id
    if params.exists():
        raise ConflictError(f"{params} exists: choose another chip id")
    given = {"pulse_level": True, "no_active_reset": True, **(options or {})}
    twin = create_twin(twin_folder(home, project_id=project_id, chip_id=chip_id), table, seed, given)
    _write(config / "config", _config(chip_id, size), merged=True)
    design = twin.design()
    _write(params, _params(design))
    if readout_as_designed:
        _write(params, {"measurement_defaults": {"readout": {"duration_ns": _readout_ns(design)}}})
    return Made(config, chip_id, twin, size)


def part_of(table: DeviceTable, qids: Iterable[str]) -> DeviceTable:
    """Return the device table restricted to some qubits, and to the couplings between them."""
    kept = set(qids)
    document = table.model_dump()
    document["qubits"] = [row for row in document["qubits"] if row["qid"] in kept]
    document["couplings"] = [row for row in document["couplings"] if {row["control"], row["target"]} <= kept]
    document |= {"n_qubits": len(document["qubits"]), "topology": None}
    return DeviceTable.model_validate(document)


def _size(qids: Iterable[str]) -> int:
    last = max(int(qid) for qid in qids)
    for size in _SIZES:
        if last < size:
            return size
    raise InvalidInputError(f"qubit {last}: the library has chips of at most {_SIZES[-1]} qubits")


def _neighbours(size: int) -> Iterable[tuple[str, str]]:
    """Yield the couplings of the library's lattice, numbered as in `qdash_core.chips.lattices`."""
    from qdash_core import get_builtin_topology

    for coupling in get_builtin_topology(f"square-lattice-mux-{size}").couplings:
        a, b = split_coupling(coupling)
        yield a, b


def _config(chip_id: str, size: int) -> dict[str, dict[str, object]]:
    muxes = range(size // _MUX_SIZE)
    boxes = [f"BOX{index:02d}" for index in range((len(muxes) + 1) // 2)]
    return {
        "chip": {
            chip_id: {
                "name": f"twin {chip_id}",
                "n_qubits": size,
                "topology": {"type": "square_lattice", "mux_size": _MUX_SIZE},
            }
        },
        "system": {chip_id: {"chip_id": chip_id, "backend": "quel3"}},
        "box": {name: {"name": f"twin-{name.lower()}", "type": "quel3"} for name in boxes},
        "wiring": {chip_id: [_wired(mux, boxes[mux // 2]) for mux in muxes]},
    }


def _wired(mux: int, box: str) -> dict[str, object]:
    out, into = _READOUT_PORTS[mux % 2]
    return {
        "mux": mux,
        "ctrl": [f"{box}:{port}" for port in _CONTROL_PORTS[mux % 2]],
        "read_out": f"{box}:{out}",
        "read_in": f"{box}:{into}",
    }


def _params(design: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, object]]:
    return {
        file: {
            "meta": {"description": f"design value of {name}", "unit": unit},
            "data": {int(qid): values[name] for qid, values in design.items() if name in values},
        }
        for file, (name, unit) in _FILES.items()
    }


def _readout_ns(design: Mapping[str, Mapping[str, float]]) -> float:
    middle_ns = median(values["readout_length"] for values in design.values())
    return math.ceil(middle_ns / _READOUT_STEP_NS) * _READOUT_STEP_NS


def _write(folder: Path, documents: Mapping[str, Mapping[str, object]], *, merged: bool = False) -> None:
    """Write one YAML file per document, merged with the existing one if requested: other systems stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        path = folder / f"{name}.yaml"
        before = yaml.safe_load(path.read_text(encoding="utf-8")) if merged and path.exists() else {}
        path.write_text(yaml.safe_dump({**before, **document}, sort_keys=False), encoding="utf-8")
