"""Members, folders, features and functions that ARCHITECTURE names, against the sources."""

from __future__ import annotations

import ast
import re

from .pages import ROOT

PACKAGES = ROOT / "packages"
CORE = PACKAGES / "qdash-core/src/qdash_core"
FEATURES = PACKAGES / "qdash-builtin/src/qdash_builtin"
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_every_member_is_drawn() -> None:
    drawing = _get_section("Members")
    assert {path.parent.name for path in PACKAGES.glob("*/pyproject.toml")} <= {
        *re.findall(r"qdash-[a-z-]+", drawing)
    }


def test_every_folder_and_module_of_the_core_has_its_row_in_the_order_of_the_layers() -> None:
    told = [row[0].strip("`/") for row in _read_rows(_get_section("Folders of the core"))]
    there = [path.parent.name for path in CORE.glob("*/__init__.py")]
    assert sorted(told) == sorted(
        [*there, *(path.name for path in CORE.glob("*.py") if path.name != "__init__.py")]
    )
    layers = re.findall(
        r"\w+",
        (ROOT / "pyproject.toml")
        .read_text("utf-8")
        .partition('containers = ["qdash_core"]')[2]
        .partition("layers = [")[2]
        .partition("]")[0],
    )
    assert [one.removesuffix(".py") for one in told] == layers


def test_every_function_of_a_run_that_is_named_exists() -> None:
    page = _get_section("The life of a run")
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+)\.(?!py`)([\w.]+)`", page)
    assert {f"{module}.{name}" for module, name in named if not _defines(module, name)} == set()
    assert len(named) > 15
    modules = re.findall(r"`([a-z_]+/[a-z_]+)`", page)
    assert {name for name in modules if not (CORE / f"{name}.py").exists()} == set()


def test_every_feature_is_named() -> None:
    told = _get_section("A feature is a folder").partition("Features:")[2]
    assert {*re.findall(r"`(\w+)`", told)} == {path.parent.name for path in FEATURES.glob("*/__init__.py")}


def test_what_is_added_has_one_folder_which_exists() -> None:
    for thing, where in _read_rows(_get_section("Where do I add ...")):
        (folder,) = re.findall(r"`([\w/]+/)`", where)
        member, _, rest = folder.replace("FEATURE", "issues").partition("/")
        inside = PACKAGES / f"qdash-{member.replace('_', '-')}/src/qdash_{member}" / rest
        assert inside.is_dir() or (ROOT / folder).is_dir(), thing


def _get_section(title: str) -> str:
    found = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert found, title
    return found


def _read_rows(section: str) -> list[tuple[str, str]]:
    """Return the first and the last cell of each row of the table of a section, without its head."""
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [(row[0].strip(), row[-1].strip()) for row in rows[2:]]


def _defines(module: str, name: str) -> bool:
    """Return whether a module of the core or of a feature defines a class, function or method of this qualified name."""
    paths = [folder / f"{module}.py" for folder in (CORE, FEATURES)]
    inside: list[ast.stmt] = [
        node for path in paths if path.exists() for node in ast.parse(path.read_text(encoding="utf-8")).body
    ]
    for part in name.split("."):
        defined = [
            node for node in inside if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part
        ]
        if not defined:
            return False
        inside = defined[0].body
    return True
