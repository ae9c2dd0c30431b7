"""One-line messages for exceptions in the code of plugins."""

from __future__ import annotations

import inspect
from pathlib import PurePath
from traceback import walk_tb

from qdash_core.errors import QDashError

_LONGEST_TEXT = 2000
_HOST = frozenset({"click", "importlib", "pkgutil", "pluggy", "qdash_builtin", "qdash_cli", "qdash_core"})
"""Packages whose frames are between the handler and the plugin: QDash, click, pluggy and the import system."""


def describe_failure(error: BaseException, *, stage: str = "", module: str = "") -> str:
    """Return the message of a failed task: that of a QDash error, else stage, type and location of the error.

    `stage` is the called method, such as `preprocess`. `module` is the module of the class with that method, to tell
    its frames from those of libraries.
    """
    if isinstance(error, QDashError):
        return _get_message(error)
    return (
        f"{stage}: {describe_error(error, module=module)}" if stage else describe_error(error, module=module)
    )


def describe_error(error: BaseException, *, module: str = "", with_text: bool = True) -> str:
    """Return type, message unless `with_text` is false, and location of an error: `ZeroDivisionError: division by zero (my_task.py:31)`."""
    text, place = _get_message(error) if with_text else "", get_location(error, module)
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{said} ({place})" if place else said


def _get_message(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except (Exception, SystemExit):  # noqa: BLE001  even the message is the plugin's code
        return ""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}..."
    return text.encode("utf-8", "replace").decode()  # a file name in the message may hold what no store keeps


def get_location(error: BaseException, module: str = "") -> str:
    """Return file and line of the innermost frame of the plugin, or empty text if there is none.

    The plugin is the package of `module`, or else of the first frame outside the host.
    """
    frames = [
        (_get_package(str(frame.f_globals.get("__name__", ""))), frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
    ]
    packages = [package for package, _, _ in frames]
    own = _get_package(module)
    if own not in packages or own in _HOST:
        own = next((package for package in packages if package not in _HOST), "")
    innermost = next(
        ((file, line) for package, file, line in reversed(frames) if own and package == own), None
    )
    return f"{PurePath(innermost[0]).name}:{innermost[1]}" if innermost else ""


def describe_place(*things: object) -> str:
    """Return ` (my_tasks.py:12)` of the first class or function, or class of an object, that the host does not define; or empty text."""
    for thing in things:
        source = thing if isinstance(thing, type) or inspect.isroutine(thing) else type(thing)
        if _get_package(getattr(source, "__module__", "")) in {*_HOST, "builtins"}:
            continue
        try:
            file, line = inspect.getsourcefile(source), inspect.getsourcelines(source)[1]
        except (OSError, TypeError):  # made by `type`, or without source
            continue
        return f" ({PurePath(file or '').name}:{line})"
    return ""


def _get_package(module: str) -> str:
    return module.partition(".")[0]
