"""Minimal configuration folders of qubex."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHIP = "SIM4"
SYSTEM = "SIM4-Q3"


def write(path: Path, content: object) -> Path:
    """Write a file to be read as YAML; JSON is YAML, except for numeric keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def parameter(root: Path, name: str, data: Mapping[Any, Any], **meta: object) -> Path:
    """Write a file with one parameter of the system."""
    return write(root / "params" / SYSTEM / f"{name}.yaml", {"meta": meta, "data": dict(data)})


def configuration(root: Path, *, kind: str = "quel3") -> Path:
    """Write the configuration of four qubits around one multiplexer, qubit 3 without frequencies, and return its root."""
    config = root / "config"
    write(config / "chip.yaml", {CHIP: {"name": "four qubits", "n_qubits": 4}})
    write(config / "system.yaml", {SYSTEM: {"chip_id": CHIP, "backend": kind}})
    write(config / "box.yaml", {"BOXA": {"name": "box-a", "type": kind}})
    ports = {"ctrl": ["BOXA:4", "BOXA:2", "BOXA:11", "BOXA:9"], "read_out": "BOXA:1", "read_in": "BOXA:0"}
    write(config / "wiring.yaml", {SYSTEM: [{"mux": 0, **ports}]})
    parameter(root, "control_frequency", {"Q0": 4.3415, "Q1": 4.8056, "Q2": 4.7922}, unit="GHz")
    parameter(root, "readout_frequency", {"0": 6200.0, "1": 6250.0, "2": 6300.0}, unit="MHz")
    parameter(root, "qubit_anharmonicity", {"Q0": -0.33, "Q1": -0.32}, unit="GHz")
    return root
