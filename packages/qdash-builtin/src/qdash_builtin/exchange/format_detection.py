"""Format detection, and error handling around the formats of plugins."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError, PluginError, QDashError
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.manager import Registry

_GLANCE = 1024
"""Bytes at the beginning of a file in which a reason is sought why no format recognizes it."""


def find_reader(registry: Registry, path: Path, name: str | None = None) -> Format:
    """Return the named format for a file or folder, otherwise the only format that recognizes it.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If the named format cannot read, or none or several formats recognize the file; the message names the
        formats.
    """
    if not path.exists():
        raise NotFoundError(f"there is no file or folder {path}")
    if name is not None:
        return _list_able_formats(registry, name, "is_reader", "cannot be imported: QDash only writes it")
    readers = [one for one in registry.formats().values() if one.is_reader]
    found = [one for one in readers if _recognises(one, path)]
    if len(found) == 1:
        return found[0]
    if not found:
        known = ", ".join(sorted(one.name for one in readers)) or "none is installed"
        raise InvalidInputError(
            f"{path} {_describe_beginning(path)}looks like no known format: name its format with --format ({known})"
        )
    several = ", ".join(sorted(one.name for one in found))
    raise InvalidInputError(f"{path} looks like several formats: name its format with --format ({several})")


def find_writer(registry: Registry, name: str) -> Format:
    """Return the named format if it can write; raise InvalidInputError otherwise."""
    return _list_able_formats(registry, name, "is_writer", "cannot be exported: QDash only reads it")


@contextmanager
def convert_format_errors(format_: Format, what: str) -> Iterator[None]:
    """Convert errors of a format, except QDash's own, into a PluginError that names the format."""
    try:
        yield
    except QDashError:
        raise
    except Exception as error:  # errors of a plugin's code
        raise PluginError(
            f"format {format_.name} cannot {what}: {describe_error(error, module=type(format_).__module__)}"
        ) from error


def _describe_beginning(path: Path) -> str:
    """Return a reason why no format reads a file, with a trailing "and", or empty text."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        beginning = file.read(_GLANCE)
    if not beginning.strip():
        return "is empty and "
    if b"\0" in beginning:
        return "is no text in UTF-8 (save it as UTF-8) and "
    return ""


def _recognises(format_: Format, path: Path) -> bool:
    with convert_format_errors(format_, f"tell whether it reads {path}"):
        return bool(format_.reads(path))


def _list_able_formats(registry: Registry, name: str, ability: str, lacks: str) -> Format:
    try:
        format_ = registry.format(name)
    except NotFoundError as error:  # the requested chip or file exists; only the format is wrong
        raise InvalidInputError(str(error)) from error
    if not getattr(format_, ability):
        known = ", ".join(one.name for one in registry.formats().values() if getattr(one, ability))
        raise InvalidInputError(f"format {name} {lacks}; others are {known or 'not installed'}")
    return format_
