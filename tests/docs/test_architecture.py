"""Members, folders, features and functions that ARCHITECTURE names and draws, against the sources."""

from __future__ import annotations

import ast
import re

from docs import make_architecture

from .pages import ROOT

PACKAGES = ROOT / "packages"
CORE = PACKAGES / "qdash-core/src/qdash_core"
FEATURES = PACKAGES / "qdash-builtin/src/qdash_builtin"
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_pictures_are_drawn_by_their_script() -> None:
    for name, text in make_architecture.draw_all().items():
        assert (make_architecture.IMAGES / name).read_text("utf-8") == text


def test_every_member_is_drawn() -> None:
    assert {path.parent.name for path in PACKAGES.glob("*/pyproject.toml")} <= {
        *re.findall(r"qdash-[a-z-]+", make_architecture.draw_structure())
    }


def test_every_folder_and_module_of_the_core_has_its_layer_and_says_what_it_holds() -> None:
    folders = [*CORE.glob("*/__init__.py")]
    there = [path.parent.name for path in folders]
    there += [path.stem for path in CORE.glob("*.py") if path.name != "__init__.py"]
    assert sorted(name for layer in make_architecture.list_layers() for name in layer) == sorted(there)
    assert [path for path in folders if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_every_function_of_a_run_that_is_named_exists() -> None:
    page = _get_section("The life of a run")
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+)\.(?!py`)([\w.]+)`", page)
    assert {f"{module}.{name}" for module, name in named if not _defines(module, name)} == set()
    assert len(named) > 15
    modules = re.findall(r"`([a-z_]+/[a-z_]+)`", page)
    assert {name for name in modules if not (CORE / f"{name}.py").exists()} == set()


def test_every_feature_is_drawn() -> None:
    features, shared = make_architecture.list_features()
    assert {*features, *shared} == {path.parent.name for path in FEATURES.glob("*/__init__.py")}


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
