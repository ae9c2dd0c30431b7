"""QDash core: contracts, plugin manager, engine, stores and command line.

Authors of plugins, flows and notebooks import all they need from here, and what concerns a feature from its package, such as
`qdash_builtin.issues`. The names are listed in the stubs beside (`__init__.pyi`) and imported when they are first used, so that a
light command does not pay for the engine.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def read_names(package: str) -> dict[str, tuple[str, str]]:
    """Return the module of each name that a package gives lazily, and the name there, from its stub."""
    import re

    with open(f"{import_module(package).__file__}i", encoding="utf-8") as stub:  # noqa: PTH123  pathlib is slow to import
        found = re.findall(r"^from (\S+) import \(?\s*(\w+) as (\w+)", stub.read(), re.MULTILINE)
    return {name: (module, name_there) for module, name_there, name in found}


def give_names(package: str) -> "tuple[Callable[[str], Any], Callable[[], list[str]]]":
    """Return `__getattr__` and `__dir__` of a package that gives the names in its stub, and imports each when it is first used."""

    def find(name: str) -> Any:
        if name == "__all__":
            return list_names()
        if name not in read_names(package):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, name_there = read_names(package)[name]
        return getattr(import_module(module), name_there)

    def list_names() -> list[str]:
        return sorted(read_names(package))

    return find, list_names


__getattr__, __dir__ = give_names(__name__)
