"""Public names: packages give them lazily, as their stubs list them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        imported = {one for one in list_imported(stub) if one[2]}
        assert {(module, there, name) for name, (module, there) in read_names(package).items()} == imported


def test_no_name_is_that_of_a_module_of_its_package() -> None:
    """Such a module would take the place of the name when it is imported."""
    for package, stub in STUBS.items():
        assert not {one.stem for one in stub.parent.iterdir()} & read_names(package).keys(), package


def test_importing_packages_of_names_imports_nothing_else() -> None:
    code = f"import sys\nfor name in {[*STUBS]!r}:\n    __import__(name)\nprint(*(one for one in sys.modules if one.startswith('qdash')))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(imported.split()) == STUBS.keys() | {"qdash_builtin", "qdash_tasks"}


AUTHORS = (
    *ROOT.glob("packages/qdash-builtin/src/qdash_builtin/plugins/plugin-templates/**/*.py"),
    *(file for pattern in ("**/*.py", "**/*.md", "*.ipynb") for file in ROOT.glob(f"examples/{pattern}")),
    *(file for pattern in ("*.md", "features/*.md") for file in (ROOT / "docs").glob(pattern)),
    *(ROOT / name for name in ("README.md", "packages/qdash-core/src/qdash_core/hooks/specs.py")),
)
"""Files that show how others write plugins, flows and notebooks."""
IMPORT = re.compile(
    r'^[ "]*(?:from (qdash\w*(?:\.\w+)*) import (\([^)]*\)|[^\n#\\]*)|import (qdash\w*\.\w\S*))', re.MULTILINE
)
OTHERS = {
    "qdash_analysis": "a library of its own",
    "qdash_analysis.cliffords": "a library of its own",
    "qdash_fake.operations": "operations of a plugin",
    "qdash_mongo.documents": "documents of another library",
}
"""Further modules that are shown, with the reason. The import paths of the original, `qdash`, are its own."""


def find_unlisted(text: str) -> Iterator[str]:
    """Yield what a text imports of QDash that no package gives."""
    for module, names, whole in IMPORT.findall(text):
        if module.partition(".")[0] == "qdash" or module in OTHERS or whole in STUBS:
            continue
        if module not in STUBS:
            yield module or whole
        else:
            imported = {
                one.split()[0] for one in re.sub("#.*", "", names).strip("()\n").split(",") if one.strip()
            }
            yield from (f"{module}.{name}" for name in imported - read_names(module).keys())


def test_authors_are_shown_public_names() -> None:
    assert len(AUTHORS) > 70
    found = {}
    for file in AUTHORS:
        text = file.read_text("utf-8")
        if file.name == "specs.py":
            text = "\n".join(re.findall(r'"""(.*?)"""', text, re.DOTALL))
        if unlisted := [*find_unlisted(text)]:
            found[str(file.relative_to(ROOT))] = unlisted
    assert not found, (
        f"no package gives these names: add them to its `__init__.pyi`, or show another: {found}"
    )


def test_an_unlisted_name_is_found() -> None:
    assert [*find_unlisted("from qdash_core.errors import StoreError")] == ["qdash_core.errors"]
    assert [*find_unlisted("    from qdash_core import (\n    QDash,\n    errors,\n)")] == [
        "qdash_core.errors"
    ]
    assert [*find_unlisted("import qdash_core.errors")] == ["qdash_core.errors"]
    assert not [
        *find_unlisted(
            "from qdash_builtin.issues import ISSUES  # the key\nfrom qdash.workflow import engine"
        )
    ]


def test_the_package_of_a_feature_gives_the_keys_of_its_services() -> None:
    features = [*ROOT.glob("packages/qdash-builtin/src/qdash_builtin/*/feature.py")]
    assert len(features) > 20
    for feature in features:
        keys = {*re.findall(r"^([A-Z_]+): Service\[", feature.read_text("utf-8"), re.MULTILINE)}
        assert not keys or keys <= read_names(f"qdash_builtin.{feature.parent.name}").keys(), (
            f"{feature.parent}/__init__.pyi"
        )
