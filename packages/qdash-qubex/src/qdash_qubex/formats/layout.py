"""Chip layout and wiring of qubex's files as QDash models: qubits, couplings, multiplexers, lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from qdash_core import InvalidInputError, NotFoundError, get_builtin_topology
from qdash_core.chips import ChipParts
from qdash_core.chips.wiring import find_box_class, get_line_module, validate_wiring
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.error_messages import find_first_error
from qdash_qubex.files import read_yaml, require_mapping, require_number
from qdash_qubex.parameter_files import DEFAULTS_FILE, SkippedEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips import Chip, Topology
    from qdash_qubex.system_config import QubexSystem

_BACKEND = "qubex"
_LINES = ("mux", "ctrl", "read_out", "read_in", "pump")
_ONE_CLASS = "A"
"""Class of all boxes without a class in their name; with a single class, no box excludes another."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Chip layout and wiring in qubex's files, and the parts that QDash does not use."""

    parts: ChipParts | None
    skipped: tuple[SkippedEntry, ...] = ()


def make_chip(system: QubexSystem, controls: Mapping[str, str]) -> Layout:
    """Return the chip of a system, with multiplexers of four qubits in a square.

    `controls` has the control qubit of each coupling, from parameter files.
        Control qubit of each coupling, from parameter files.

    Raises InvalidInputError, a line with the file, if the wiring does not fit the chip, or a readout's length is not a
    number.
    """
    try:
        topology = get_builtin_topology(f"square-lattice-mux-{system.n_qubits}")
    except NotFoundError:
        why = f"qubex has square lattices with multiplexers of four qubits, but none with {system.n_qubits} qubits"
        return Layout(None, (SkippedEntry("chip.yaml", f"{system.chip_id}.n_qubits", why),))
    length_ns = _read_readout_ns(system)
    design = {} if length_ns is None else {qid: {"readout_length": length_ns} for qid in topology.qids}
    parts = ChipParts(
        topology,
        chip_id=system.chip_id,
        backend=_BACKEND,
        wiring=_read_wiring(system, topology),
        design=design,
        controls={pair: control for pair, control in controls.items() if pair in topology.couplings},
    )
    unknown = {str(key) for row in system.wiring for key in row if key not in _LINES}
    skipped = [
        SkippedEntry("wiring.yaml", key, "QDash has no such line of a multiplexer") for key in sorted(unknown)
    ]
    return Layout(parts, tuple(skipped))


def make_files(chip: Chip) -> dict[str, str]:
    """Return the files that describe a chip to qubex, by name; empty for a chip that qubex cannot represent.

    `box.yaml`, with the addresses of instruments, is the laboratory's to write.
    """
    from qdash_qubex.yaml_rewriting import dump  # only a writer needs ruamel.yaml

    header = chip.header
    try:
        topology = get_builtin_topology(f"square-lattice-mux-{header.size}")
    except NotFoundError:
        return {}
    if set(topology.couplings) != {*chip.couplings}:
        return {}
    files = {"chip.yaml": dump({header.chip_id: {"name": header.chip_id, "n_qubits": header.size}})}
    if header.wiring is not None:
        files["wiring.yaml"] = dump(
            {header.chip_id: [_make_row(one.model_dump()) for one in header.wiring.lines]}
        )
    return files


def _make_row(lines: Mapping[str, Any]) -> dict[str, Any]:
    return {key: lines[key] for key in _LINES if lines[key] is not None}


def _read_wiring(system: QubexSystem, topology: Topology) -> WiringModel | None:
    if not system.wiring:
        return None
    lines: list[MuxLines] = []
    classes: dict[str, str] = {}
    for index, row in enumerate(system.wiring):
        where = f"wiring.yaml: {system.system_id}[{index}]"
        try:
            one = MuxLines.model_validate(
                {key: value for key, value in row.items() if key in _LINES}, strict=True
            )
            named = (*one.ctrl, *(line for line in (one.read_out, one.read_in, one.pump) if line is not None))
            modules = {get_line_module(line) for line in named}
        except ValidationError as error:
            field, why = find_first_error(error)
            raise InvalidInputError(f"{where}.{field}: {why}") from None
        except InvalidInputError as error:
            raise InvalidInputError(f"{where}: {error}") from error
        lines.append(one)
        classes |= {module: _ONE_CLASS for module in sorted(modules) if find_box_class(module, {}) is None}
    try:
        return validate_wiring(WiringModel(lines=lines, boxes=classes), topology).model
    except InvalidInputError as error:
        raise InvalidInputError(f"wiring.yaml: {error}") from error


def _read_readout_ns(system: QubexSystem) -> float | None:
    """Return the common readout length of all qubits in the files, or None if they give none."""
    path = system.params / DEFAULTS_FILE
    if not path.is_file():
        return None
    readout = require_mapping(read_yaml(path).get("readout") or {}, f"{path}: readout")
    length_ns = readout.get("duration_ns")
    return None if length_ns is None else require_number(length_ns, f"{path}: readout.duration_ns")
