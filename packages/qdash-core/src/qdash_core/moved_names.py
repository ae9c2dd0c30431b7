"""Old import paths of names that moved."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def moved(module: str, names: Mapping[str, str], *, stacklevel: int = 2) -> Callable[[str], Any]:
    """Return a module-level `__getattr__` that finds moved names at their new place, and warns once for each.

    Parameters
    ----------
    module : str
        `__name__` of the module that the names have left.
    names : mapping
        The new place of each old name, as `"package.module:Name"`.
    stacklevel : int
        2 if it is the module's `__getattr__` itself, 3 if that calls it.

    Examples
    --------
    >>> __getattr__ = moved(__name__, {"Work": "qdash_core.hooks.runners:WorkerContext"})
    """
    # The warning names the line that reads the attribute, `from module import name` included.
    warn_once = _warn_once(stacklevel + 1)

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, new_name = names[name].partition(":")
        warn_once(f"{module}.{name}", f"{home}.{new_name}")
        return getattr(import_module(home), new_name)

    return find


def moved_methods(service: str, part: str, names: Collection[str]) -> Callable[[object, str], Any]:
    """Return a `__getattr__` of a class that finds methods moved to an attribute of its objects, and warns
    once for each.

    Parameters
    ----------
    service : str
        Name by which the warning calls an object of the class.
    part : str
        Attribute of the object that has the methods now.
    names : collection of str
        The methods.
    """
    warn_once = _warn_once(3)

    def find(instance: object, name: str) -> Any:
        if name not in names:
            raise AttributeError(f"{type(instance).__name__!r} object has no attribute {name!r}")
        warn_once(f"{service}.{name}", f"{service}.{part}.{name}")
        return getattr(getattr(instance, part), name)

    return find


def _warn_once(stacklevel: int) -> Callable[[str, str], None]:
    """Return a function that warns of an old name, with its new one, at the first call for each."""
    warned: set[str] = set()

    def warn(old: str, new: str) -> None:
        if old not in warned:
            warned.add(old)
            warnings.warn(f"{old} has moved to {new}", DeprecationWarning, stacklevel=stacklevel)

    return warn
