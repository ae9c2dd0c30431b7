"""What the code of a plugin raised, in one line: its kind, its words, and where in the plugin it happened."""

from __future__ import annotations

from pathlib import PurePath
from traceback import walk_tb

from qdash_core.errors import QDashError

_LONGEST_TEXT = 2000
_HOST = frozenset({"qdash_core", "pluggy", "importlib"})
"""Whose frames lie between the catcher and the plugin: ours, and those of whoever imports and calls for us."""


def failure_message(error: BaseException, *, stage: str = "", module: str = "") -> str:
    """Return why a task failed: a QDash error speaks for itself, any other says stage, kind and place.

    Parameters
    ----------
    error : BaseException
        What was raised.
    stage : str
        The method that was called, such as `preprocess`.
    module : str
        Where the class with that method is written, to tell its frames from those of the libraries it uses.
    """
    if isinstance(error, QDashError):
        return _text(error)
    return f"{stage}: {described(error, module=module)}" if stage else described(error, module=module)


def described(error: BaseException, *, module: str = "") -> str:
    """Return kind, words and place of an error: `ZeroDivisionError: division by zero (my_task.py:31)`."""
    text, place = _text(error), _place(error, module)
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{said} ({place})" if place else said


def _text(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except (Exception, SystemExit):  # noqa: BLE001  even the message is the plugin's code
        return ""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}..."
    return text.encode("utf-8", "replace").decode()  # a file name in the message may hold what no store keeps


def _place(error: BaseException, module: str) -> str:
    """Return file and line of the innermost frame of the plugin; nothing when none of its code was running.

    The plugin is the package of `module`, or else of the first frame that is not the host's: what it calls in turn is
    of others, and where a library of numbers gave up helps its author less than where it was called.
    """
    frames = [
        (_package(str(frame.f_globals.get("__name__", ""))), frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
    ]
    packages = [package for package, _, _ in frames]
    own = _package(module)
    if own not in packages or own in _HOST:
        own = next((package for package in packages if package not in _HOST), "")
    innermost = next(
        ((file, line) for package, file, line in reversed(frames) if own and package == own), None
    )
    return f"{PurePath(innermost[0]).name}:{innermost[1]}" if innermost else ""


def _package(module: str) -> str:
    return module.partition(".")[0]
