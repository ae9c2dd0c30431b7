"""YAML files of a configuration, with errors that name the file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash_core import InvalidInputError
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from pathlib import Path


def read_yaml(path: Path) -> Mapping[Any, Any]:
    """Return the contents of a YAML file as a mapping, which is empty for an empty file.

    Raises InvalidInputError with its name if the file cannot be read or is not a mapping.
    """
    from qdash_core.parsing.yaml_parser import parse_yaml  # only a reader of such a file needs PyYAML

    text = read_text(path, "configuration", size=YAML.size)
    try:
        found = parse_yaml(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{path}: {error}") from error
    return require_mapping({} if found is None else found, str(path))


def digest_folders(*folders: Path) -> dict[Path, str]:
    """Return a digest of every YAML file of these folders, by path."""
    found = (path for folder in folders for path in folder.glob("*.y*ml"))
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(found)}


def require_mapping(value: object, where: str) -> Mapping[Any, Any]:
    """Return a mapping of names to values; raise InvalidInputError, naming the place, for other values."""
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{where} is a {type(value).__name__}, not a mapping of names to values")
    return value


def require_number(value: object, where: str) -> float:
    """Return a finite number; raise InvalidInputError, naming the place, for other values."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInputError(f"{where} is {value!r}, not a finite number")
    return float(value)
