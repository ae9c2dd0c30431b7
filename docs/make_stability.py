"""Generator of the page of public names, from their stubs and `public_names.yaml`.

Names that the file does not have are provisional. `python -m docs.make_stability` records names and signatures as they are. To make a name
stable, move it in the file to `stable` (`NAME: ''`), and record.
"""

from __future__ import annotations

import inspect
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel

from qdash_core import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("public_names.yaml")
Names = dict[str, dict[str, Any]]
"""Names by package and word; those that are stable with their signatures, empty for values."""
RECORD = "`uv run python -m docs.make_stability`"

_MARK = "<!-- table of names -->"


@cache
def list_packages() -> list[str]:
    """Return the packages that give names, as their stubs say."""
    stubs = [
        (one, source) for source in ROOT.glob("packages/*/src") for one in source.glob("**/__init__.pyi")
    ]
    return sorted(".".join(stub.parent.relative_to(source).parts) for stub, source in stubs)


def read_table() -> Names:
    """Return the committed table."""
    return yaml.safe_load(TABLE.read_text("utf-8"))  # type: ignore[no-any-return]


def make_page() -> str:
    """Return the text of the page."""
    rows = ["| name | package | |", "|---|---|---|"]
    table = read_table()
    rows += [
        f"| {_link(package, name) if word == 'stable' else f'`{name}`'} | `{package}` | {word} |"
        for package in list_packages()
        for word, names in sort_names(package, table.get(package, {})).items()
        for name in names
    ]
    return (ROOT / "docs/stability.md").read_text("utf-8").replace(_MARK, "\n".join(rows))


def _link(package: str, name: str) -> str:
    return f"[`{name}`](api/{get_api_address(package, name)})"


def get_api_address(package: str, name: str) -> str:
    """Return the address of the entry of a stable name, from the folder of the API reference."""
    return f"{package}.md#{name.lower()}"


def describe_signature(value: object) -> str:
    """Return the parameters of a function or of the constructor of a class, the members of a protocol or an enumeration, or nothing.

    Defaults and annotations may change: a parameter with a default ends with `=`.
    """
    if isinstance(value, type):
        return _describe_class(value)
    if not inspect.isroutine(value):
        return ""
    return _join(inspect.signature(value).parameters.values())


def _describe_class(value: type[Any]) -> str:
    if issubclass(value, Enum):
        return f"{{{', '.join(value.__members__)}}}"
    if getattr(value, "_is_protocol", False):
        members = {name for one in value.__mro__[:-3] for name in (*vars(one), *inspect.get_annotations(one))}
        return f"{{{', '.join(sorted(name for name in members if not name.startswith('_')))}}}"
    if issubclass(value, BaseModel):
        fields = (f"{name}{'' if field.is_required() else '='}" for name, field in value.model_fields.items())
        return f"({', '.join(('*', *fields))})" if value.model_fields else "()"
    own = next((one for one in value.__mro__ if "__init__" in vars(one)), object)
    if own.__module__ == "builtins":
        return "(*args)" if issubclass(value, Exception) else "()"
    return _join([*inspect.signature(vars(own)["__init__"]).parameters.values()][1:])


def _join(parameters: Any) -> str:
    texts: list[str] = []
    for one in parameters:
        if one.name.startswith("_"):
            continue
        if one.kind is one.KEYWORD_ONLY and not any(text.startswith("*") for text in texts):
            texts.append("*")
        star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        texts.append(f"{star}{one.name}{'' if one.default is one.empty else '='}")
    return f"({', '.join(texts)})"


def find_differences(package: str, words: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence with a remedy for each difference of a package from its part of the table."""
    given = read_names(package)
    word_of = {name: word for word, names in words.items() for name in names}
    for name, word in word_of.items():
        if name not in given and word == "stable":
            yield f"{package}.{name} is stable, and is gone: give it again, with a warning until a minor version leaves it out"
        elif name not in given:
            yield f"{package}.{name} is {word}, and is gone: name its replacement in CHANGELOG.md, and record it by {RECORD}"
        elif word == "stable" and (was := words[word][name]):  # values are not imported
            now = describe_signature(getattr(import_module(package), name))
            if now != was:
                yield (
                    f"{package}.{name} is stable, and has changed from {was} to {now}: accept all that was accepted before,"
                    f" and record what is added by {RECORD}"
                )


def sort_names(package: str, words: dict[str, Any]) -> dict[str, Any]:
    """Return the names of a package by word, as they are now; stable ones that are gone stay for the test."""
    given, stable = read_names(package).keys(), words.get("stable", {})
    internal = {*words.get("internal", ())} & given
    found = {
        "stable": dict(sorted(stable.items())),
        "provisional": sorted(given - stable.keys() - internal),
        "internal": sorted(internal),
    }
    return {word: names for word, names in found.items() if names}


def record_names() -> None:
    """Write the table as the names and signatures are now."""
    before = read_table()
    table = {package: sort_names(package, before.get(package, {})) for package in list_packages()}
    for package, words in table.items():
        for name in words.get("stable", {}).keys() & read_names(package):
            words["stable"][name] = describe_signature(getattr(import_module(package), name))
    TABLE.write_text(yaml.safe_dump(table, sort_keys=False, width=1000), "utf-8")


if __name__ == "__main__":
    record_names()
