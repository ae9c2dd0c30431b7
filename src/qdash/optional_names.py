"""Names of members that need not be installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def import_on_use(module: str, names: Collection[str], home: str, extra: str) -> Callable[[str], Any]:
    """Return a module-level `__getattr__` that imports names of another member when they are first used.

    Parameters
    ----------
    module : str
        `__name__` of the module with the names.
    names : collection of str
        The names.
    home : str
        The module of the member that has them.
    extra : str
        The extra of `qdash` that installs the member.
    """

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        try:
            return getattr(import_module(home), name)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"{module}.{name} needs {error.name}: `pip install --find-links RELEASE 'qdash[{extra}]'`"
                " (`qdash docs installation`)",
                name=error.name,
            ) from error

    return find
