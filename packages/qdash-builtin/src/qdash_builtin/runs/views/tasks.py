"""View models of installed tasks: inputs, outputs, run parameters and guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from qdash_builtin.runs.views.replacements import TaskReplacementDocument
from qdash_builtin.task_pages.page import get_page
from qdash_core.documents.base import CitedPart, Document, ExplicitDocument, OmitEmpty
from qdash_core.errors import NotFoundError, PluginError
from qdash_core.models.task import TaskType
from qdash_core.tasks.analysis_options import get_analysis_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.replacements import TaskReplacement
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.parameters import InputParameter


class InputDocument(ExplicitDocument):
    """An input of a task."""

    unit: str
    required: bool
    default: float | int | None
    source: str
    """The parameter whose latest value is used."""

    @classmethod
    def from_input(cls, name: str, declared: InputParameter) -> Self:
        """Return the view model of an input."""
        return cls.from_record(declared, source=declared.source or name)


class OutputDocument(Document):
    """An output of a task."""

    unit: str
    description: str
    minimum: float | int | None = None
    maximum: float | int | None = None
    convention: OmitEmpty[str] = None
    """Definition of the value, where several are usual."""


class RunParameterDocument(Document):
    """A run parameter of a task with its default value."""

    value: Any = None
    value_type: str
    unit: str
    minimum: float | int | None = None
    maximum: float | int | None = None
    choices: list[Any] | None = None
    description: str


class ArrayDocument(Document):
    """An array of a task's raw data, or several that match a pattern."""

    unit: str
    description: str


class FailurePatternDocument(Document):
    """A typical failure of a task, as its author describes it."""

    title: str
    seen: str
    do: str


class TaskDocument(ExplicitDocument):
    """An installed task."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("task", "{name}"),)

    name: str
    aliases: list[str]
    backend: str | None
    """None if any backend will do."""
    task_type: TaskType
    description: str
    requires: list[str]
    """Capabilities that a backend must offer for it."""
    input_parameters: dict[str, InputDocument]
    output_parameters: dict[str, OutputDocument]
    run_parameters: dict[str, RunParameterDocument]
    analysis_options: dict[str, RunParameterDocument]
    """Analysis options that a refit may change: those of the task, and the selection of points if it declares the axes of its fit."""
    arrays: dict[str, ArrayDocument]
    """Arrays of the raw data, by name or by a pattern such as `line_*`."""
    measures: str | None = None
    """The author's description, if a single task is shown and has one."""
    failures: list[FailurePatternDocument] | None = None
    text_error: str | None = None
    """Reason why the author's text cannot be read."""
    replacements: list[TaskReplacementDocument] | None = None
    """Replacements by this task on its backend, or of this task on other backends; null if there are none."""

    @classmethod
    def from_task(cls, task: type[BaseTask]) -> Self:
        """Return the view model of a task."""
        inputs = {name: InputDocument.from_input(name, one) for name, one in task.input_parameters.items()}
        return cls.from_record(
            task,
            requires=sorted(task.requires),
            input_parameters=inputs,
            analysis_options=get_analysis_options(task),
        )

    def with_text(self, task: type[BaseTask]) -> Self:
        """Return the view model with the author's text, or with the reason why it cannot be read."""
        try:
            page = get_page(task)
        except PluginError as error:
            return self.model_copy(update={"text_error": str(error)})
        if page is None:
            return self
        failures = [FailurePatternDocument.from_record(one) for one in page.failures]
        return self.model_copy(update={"measures": page.measures, "failures": failures})

    def with_replacements(self, replacements: Iterable[TaskReplacement]) -> Self:
        """Return the view model with the replacements by this task; for a task for any backend, with those of it."""
        own = [one for one in replacements if self._takes_part_in(one)]
        documents = [TaskReplacementDocument.from_replacement(one) for one in own]
        return self.model_copy(update={"replacements": documents or None})

    def _takes_part_in(self, replacement: TaskReplacement) -> bool:
        if self.backend is None:
            return replacement.of.task == self.name
        return (replacement.backend, replacement.by.task) == (self.backend, self.name)


class TaskPageDocument(Document):
    """The author's guide to a task."""

    name: str
    measures: str
    failures: list[FailurePatternDocument]

    @classmethod
    def from_task(cls, task: type[BaseTask]) -> Self:
        """Return the view model of the author's guide to a task.

        Raises
        ------
        NotFoundError
            If the author has written no guide.
        PluginError
            If the guide cannot be read.
        """
        page = get_page(task)
        if page is None:
            raise NotFoundError(f"the author of task {task.name} has written no page on it")
        return cls.from_record(page, name=task.name)


class TaskOnChip(TaskDocument):
    """An installed task, and whether a chip can run it."""

    why_not: str | None
    """Reason why the chip cannot run it, or None if it can."""

    @classmethod
    def for_chip(cls, task: type[BaseTask], why_not: str | None, catalogue: Catalogue) -> Self:
        """Return the view model of a task for a chip, with the tasks that it replaces there."""
        document = cls(**dict(TaskDocument.from_task(task)), why_not=why_not)
        return document.with_replacements(catalogue.replacements.values())
