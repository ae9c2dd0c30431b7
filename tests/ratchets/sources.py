"""Counts of the sources: code lines of members, and imports by string."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", *sorted(ROOT.glob("packages/*/src")))
PACKAGES = sorted(path.parent.name for root in SOURCES for path in root.glob("*/__init__.py"))
_COUNTED = ("qdash_api", "qdash_builtin", "qdash_cli", "qdash_core", "qdash_ui_streamlit")
_DECLARATIONS = frozenset({"Collection", "EventKind", "Feature"})
"""Classes of declarations: modules that assign one name parts without importing them."""
_MAY_IMPORT_BY_STRING = re.compile(rb"import_module|__import__|qdash\w*(\.\w+)+:\w")
_ATTRIBUTE = re.compile(r"(qdash\w*(?:\.\w+)+):\w+")


def measure_sources(_folder: Path) -> Iterator[Measured]:
    """Count the code lines of the members with an upper limit and of the features, and the imports by string of each member."""
    lines: dict[str, dict[str, int]] = {}
    for module, path in _modules().items():
        member, *parts = module.split(".")
        if member in _COUNTED:
            counts, part = lines.setdefault(member, {}), ".".join([member, *parts[:1]])
            counts[part] = counts.get(part, 0) + count_code_lines(path.read_text("utf-8"))
    for member, counts in lines.items():
        # A correction of a few lines needs no reason.
        yield Measured(f"code lines of {member}", "lines", counts, tolerance=0.002)
    strings = {
        module: count for module, path in _modules().items() if (count := _count_strings(module, path))
    }
    yield Measured("imports by string", "imports", strings)


def count_code_lines(source: str) -> int:
    """Count the lines of a module that are neither empty nor only a comment or a documentation string."""
    texts = {
        number
        for statement in _walk_statements(ast.parse(source))
        if isinstance(statement, ast.Expr) and _is_text(statement.value)
        for number in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
    return sum(
        1
        for number, line in enumerate(source.splitlines(), 1)
        if number not in texts and (code := line.strip()) and not code.startswith("#")
    )


def count_imports_by_string(source: str, member: str) -> int:
    """Count the strings `module:attribute` of a module that name its own member, and its calls of `import_module`."""
    count = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = _ATTRIBUTE.fullmatch(node.value)
            count += named is not None and named[1].split(".")[0] == member
        elif isinstance(node, ast.Call):
            count += _is_import(node.func)
    return count


def _walk_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield all statements of a block and of the blocks within."""
    for block in ("body", "orelse", "handlers", "finalbody", "cases"):
        for one in getattr(node, block, ()):
            if isinstance(one, ast.stmt):
                yield one
            yield from _walk_statements(one)


def _is_import(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def declares(source: str) -> bool:
    """Return whether a module assigns declarations at its top level, alone or in a tuple."""
    assigned = (node.value for node in ast.parse(source).body if isinstance(node, ast.Assign | ast.AnnAssign))
    values = (one for value in assigned for one in (value.elts if isinstance(value, ast.Tuple) else [value]))
    made = (one.func for one in values if isinstance(one, ast.Call))
    return any(isinstance(one, ast.Name) and one.id in _DECLARATIONS for one in made)


def _count_strings(module: str, path: Path) -> int:
    source = path.read_bytes()
    if not _MAY_IMPORT_BY_STRING.search(source) or declares(source.decode()):
        return 0
    return count_imports_by_string(source.decode(), module.split(".", maxsplit=1)[0])


@cache
def _modules() -> dict[str, Path]:
    """Return all modules of the members, with their files."""
    modules = {}
    for root in SOURCES:
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules[module] = path
    return modules
