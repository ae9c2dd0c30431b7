"""Recorder of the declarations of QDash's own tasks by which values are judged: `python packages/record_value_declarations.py`."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from pathlib import Path

from qdash_core.tasks.value_declarations import FILE, ValueDeclarations

PACKAGES = ("qdash_qubex", "qdash_tasks")

if __name__ == "__main__":
    for package in PACKAGES:
        declared = ValueDeclarations.from_tasks(import_module(f"{package}.plugin").qdash_tasks())
        Path(str(files(package).joinpath(FILE))).write_text(declared.to_text(), "utf-8")
