"""Stable names with their sources: what a name of `public_names.yaml` is, read from the module that defines it and not imported."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import griffe

from docs.make_stability import get_api_address, read_table
from qdash_core import read_names

if TYPE_CHECKING:
    from collections.abc import Sequence

Source: TypeAlias = griffe.Class | griffe.Function | griffe.Attribute
Members: TypeAlias = dict[str, griffe.Function | griffe.Attribute]


class StableName(NamedTuple):
    """Stable name: its package, the word itself, and its recorded signature."""

    package: str
    word: str
    signature: str

    @property
    def address(self) -> str:
        return get_api_address(self.package, self.word)


@cache
def list_packages() -> dict[str, dict[str, str]]:
    """Return the stable names of each package that has any, with their recorded signatures."""
    return {package: words["stable"] for package, words in read_table().items() if words.get("stable")}


def get_file(package: str) -> str:
    """Return the name of the file of the page of a package."""
    return f"{package}.md"


@cache
def read_module(module: str) -> griffe.Module:
    """Return the contents of a module, from its source."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{module} has no source")
    path = Path(spec.origin)
    return griffe.visit(module, path, path.read_text("utf-8"))


def find_public(package: str, word: str) -> Source:
    found = find_source(f"{package}.{word}")
    if found is None:
        raise SystemExit(f"{package}.{word} is not in a source: {package}/__init__.pyi names another module")
    return found


@cache
def find_source(path: str) -> Source | None:
    """Return what a path names, through the modules and the stubs that import it, or None if it is not one of QDash."""
    module, _, word = path.rpartition(".")
    if not module.startswith("qdash") or find_spec(module) is None:
        return None
    found = read_module(module).members.get(word)
    if isinstance(found, griffe.Alias):
        return find_source(found.target_path)
    if found is None:
        given = read_names(module).get(word) if Path(f"{read_module(module).filepath}i").exists() else None
        return given and find_source(".".join(given))
    return found if isinstance(found, griffe.Class | griffe.Function | griffe.Attribute) else None


def list_classes(found: griffe.Class) -> list[griffe.Class]:
    """Return a class and those of QDash that it extends, the nearest first."""
    classes = [found]
    for base in found.bases:
        inherited = None if isinstance(base, str) else find_source(base.canonical_path)
        if isinstance(inherited, griffe.Class):
            classes += [one for one in list_classes(inherited) if one not in classes]
    return classes


def collect_members(classes: Sequence[griffe.Class]) -> Members:
    """Return the public members of classes, those of the first ones before those of the others."""
    members = dict[str, griffe.Function | griffe.Attribute]()
    for one in classes:
        for word, member in one.members.items():
            if isinstance(member, griffe.Function | griffe.Attribute) and not word.startswith(("_", "test_")):
                members.setdefault(word, member)
    members.pop("model_config", None)
    return members


def find_init(classes: Sequence[griffe.Class]) -> griffe.Function | None:
    for one in classes:
        if isinstance(init := one.members.get("__init__"), griffe.Function):
            return init
    return None


def find_service_class(found: griffe.Attribute) -> griffe.Class | None:
    """Return the class of the service of which a value is the key."""
    annotation = found.annotation
    if not isinstance(annotation, griffe.ExprSubscript) or str(annotation.left) != "Service":
        return None
    served = annotation.slice
    path = served.left if isinstance(served, griffe.ExprSubscript) else served
    service = None if isinstance(path, str) else find_source(path.canonical_path)
    return service if isinstance(service, griffe.Class) else None


@cache
def map_paths() -> dict[str, StableName]:
    """Return the stable names by each path that an annotation may give them."""
    names: dict[str, StableName] = {}
    for package, words in list_packages().items():
        given = read_names(package)
        for word, signature in words.items():
            name = StableName(package, word, signature)
            names[f"{package}.{word}"] = names[".".join(given[word])] = name
    return names


def find_address(word: str, own: StableName) -> str:
    """Return the address of the entry of a word in the page of a name, or nothing if no stable name is this word."""
    named = sorted(_list_named(word), key=lambda one: one.package != own.package)
    if named and named[0].package != own.package and word in read_names(own.package):
        return ""  # another object of the same name, which is not stable
    return named[0].address.removeprefix(get_file(own.package)) if named else ""


@cache
def _list_named(word: str) -> tuple[StableName, ...]:
    return tuple(dict.fromkeys(name for name in map_paths().values() if name.word == word))
