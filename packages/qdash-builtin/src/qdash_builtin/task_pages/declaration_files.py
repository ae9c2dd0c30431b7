"""Files that authors write beside the modules of their tasks, validated as models."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError, model_validator

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.models.base import Value
from qdash_core.models.error_messages import find_first_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.resources.abc import Traversable

    from qdash_core.tasks.base import BaseTask

    FindNameError = Callable[[str], str | None]
    """Function that returns the reason why a name is no feature, or None if it is one."""


class Declaration(Value):
    """File, or an entry of one. A field without a value counts as left out."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_fields_without_value(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


_DeclarationT = TypeVar("_DeclarationT", bound=Declaration)


def parse_declarations(
    model: type[_DeclarationT], document: object, find_name_error: FindNameError
) -> _DeclarationT:
    """Validate a document, whose rules may name the features that `find_name_error` knows.

    Raises
    ------
    InvalidInputError
        If it breaks the format. The message has the path of the field.
    """
    try:
        return model.model_validate(document, context=find_name_error)
    except ValidationError as error:
        raise InvalidInputError(": ".join(filter(None, find_first_error(error)))) from error


def read_declarations(
    file: Traversable, model: type[_DeclarationT], find_name_error: FindNameError, *, title: str
) -> _DeclarationT | None:
    """Return the contents of a file, or None if there is none.

    Raises
    ------
    PluginError
        If the file cannot be read or breaks the format. The message is one line and names the file by its `title` and the field.
    """
    from qdash_core.parsing.yaml_parser import parse_yaml

    if not file.is_file():
        return None
    try:
        return parse_declarations(model, parse_yaml(file.read_text(encoding="utf-8")), find_name_error)
    except (InvalidInputError, OSError, UnicodeDecodeError) as error:
        raise PluginError(f"{title}: {error}") from error


def iter_folders(task: type[BaseTask]) -> Iterator[tuple[str, Traversable]]:
    """Yield the packages of a task's module from the inside out, or the folder of a top-level module, with their names."""
    module = sys.modules.get(task.__module__)
    package, file = getattr(module, "__package__", None), getattr(module, "__file__", None)
    if not package:
        if file is not None:
            yield task.__module__, Path(file).parent
        return
    while package:
        yield package, files(package)
        package = package.rpartition(".")[0]
