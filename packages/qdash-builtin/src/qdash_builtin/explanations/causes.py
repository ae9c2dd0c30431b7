"""Causes of failures, declared in `causes.yaml` of the package of a task.

The file lies beside the module of the task, or above it in its package.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from qdash_builtin.task_pages.declaration_files import (
    Declaration,
    iter_folders,
    parse_declarations,
    read_declarations,
)
from qdash_builtin.task_pages.evidence_rules import CauseId, Evidence, join_words
from qdash_builtin.task_pages.feature_names import find_common_name_error
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

FILE_NAME = "causes.yaml"
COMMAND_NAMES = ("chip", "target", "qid", "task", "task_id", "execution_id", "partner", "event")
"""Names in braces in the command of a cause."""


def _check_command(command: str) -> str:
    if not command.startswith("qdash "):
        raise InvalidInputError(f"{command!r} does not begin with qdash")
    for _, name, spec, conversion in Formatter().parse(command):
        if name is not None and (name not in COMMAND_NAMES or spec or conversion):
            raise InvalidInputError(f"{{{name}}} is not one of {', '.join(COMMAND_NAMES)}")
    return command


_Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(join_words)
]


class Cause(Declaration):
    """A cause of failures."""

    id: CauseId
    """Id, such as `dead-line`."""
    title: _Text
    """The cause in a few words."""
    do: _Text
    """The next step of the user."""
    command: Annotated[_Text, AfterValidator(_check_command)] = ""
    """Its command line, with names in braces: `qdash task run CheckRabi --chip {chip} --qid {qid}`. Empty without one."""
    prior: float = Field(default=1.0, strict=True, ge=1e-6, le=1e6)
    """Frequency of the cause relative to others, before any evidence."""
    indistinguishable_from: tuple[CauseId, ...] = ()
    """Ids of causes that the data cannot tell apart from it."""
    words: tuple[Annotated[_Text, AfterValidator(str.casefold)], ...] = ()
    """Words, in lower case, by which notes and issues hint at it."""
    evidence: Evidence = ()
    """Evidence for or against it from the explained result of any task, in addition to the evidence of the task."""

    @field_validator("evidence", mode="before")
    @classmethod
    def _add_cause(cls, rules: Any, info: ValidationInfo) -> Any:
        """Return the rules of this cause as those of a task, which name their causes."""
        if not isinstance(rules, list):
            return rules
        return [{**one, "cause": info.data.get("id")} if isinstance(one, dict) else one for one in rules]


@dataclass(frozen=True, slots=True)
class LikelyCause:
    """Cause of a failure with its probability."""

    cause: Cause
    probability: float

    def find_measurement(self, task: str) -> str:
        """Return the flow or task that the command of the cause runs and whose values it saves, or an empty text.

        The values that it measures end the failure; other commands only look for the cause. `task` is the failed task.
        """
        words = self.cause.command.split()
        if words[1:2] == ["calibrate"] and "--flow" in words:
            name = words[words.index("--flow") + 1]
        elif words[1:3] == ["task", "run"] and "--save" in words:
            name = words[3]
        else:
            return ""
        return task if name == "{task}" else name


class _CauseFile(Declaration):
    causes: tuple[Cause, ...]

    @field_validator("causes")
    @classmethod
    def _check_ids(cls, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
        for name, number in Counter(one.id for one in causes).items():
            if number > 1:
                raise ValueError(f"{number} causes have the id {name!r}")
        return causes


def read_causes(task: type[BaseTask]) -> dict[str, Cause]:
    """Return the causes that the package of a task declares, by id; those of the nearest file first.

    Raises
    ------
    PluginError
        If a file cannot be read or breaks the format. The message is one line and names the file and the field.
    """
    found: dict[str, Cause] = {}
    for place, folder in iter_folders(task):
        declared = read_declarations(
            folder / FILE_NAME, _CauseFile, find_common_name_error, title=f"{FILE_NAME} of {place}"
        )
        for one in declared.causes if declared else ():
            found.setdefault(one.id, one)
    return found


def parse_causes(document: object) -> tuple[Cause, ...]:
    """Parse the contents of a file of causes; raise InvalidInputError, which names the field, if it breaks the format."""
    return parse_declarations(_CauseFile, document, find_common_name_error).causes
