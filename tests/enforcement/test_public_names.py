"""Public names: packages give them lazily, as their stubs list them."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from qdash_core import read_names

ROOT = Path(__file__).parents[2]
STUBS = {
    ".".join(stub.parent.relative_to(source).parts): stub
    for source in ROOT.glob("packages/*/src")
    for stub in sorted(source.glob("**/__init__.pyi"))
}
"""Stub of each package that gives names."""


def list_imported(stub: Path) -> set[tuple[str, str, str | None]]:
    """Return module, name and name here of what a stub imports."""
    statements = [one for one in ast.parse(stub.read_text("utf-8")).body if isinstance(one, ast.ImportFrom)]
    return {(one.module or "", name.name, name.asname) for one in statements for name in one.names}


def test_every_name_of_a_stub_is_given() -> None:
    assert len(STUBS) > 20
    for package, stub in STUBS.items():
        import_module(package)
        imported = {one for one in list_imported(stub) if one[2]}
        assert {(module, there, name) for name, (module, there) in read_names(package).items()} == imported


def test_no_name_is_that_of_a_module_of_its_package() -> None:
    """Such a module would take the place of the name when it is imported."""
    for package, stub in STUBS.items():
        assert not {one.stem for one in stub.parent.iterdir()} & read_names(package).keys(), package


def test_importing_packages_of_names_imports_nothing_else() -> None:
    code = f"import sys\nfor name in {[*STUBS]!r}:\n    __import__(name)\nprint(*(one for one in sys.modules if one.startswith('qdash')))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(imported.split()) == STUBS.keys() | {"qdash_tasks"}
