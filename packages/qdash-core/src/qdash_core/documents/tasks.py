"""What an installed task needs, makes and can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.errors import NotFoundError, PluginError
from qdash_core.models.task import TaskType
from qdash_core.tasks.pages import page_of

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.parameters import ArrayDeclaration, InputParameter, OutputParameter
    from qdash_core.tasks.run_parameters import RunParameter

_INPUT: dict[str, Any] = {"unit": "us", "required": True, "default": None, "source": "t1"}
_OUTPUT: dict[str, Any] = {"unit": "us", "description": "energy relaxation time", "minimum": 0.0}
_ARRAY: dict[str, Any] = {"unit": "us", "description": "time between pulse and readout"}
_FAILURE: dict[str, Any] = {"title": "A short window", "seen": "A straight line.", "do": "Ask for more."}
_RUN: dict[str, Any] = {
    "value": 1024,
    "value_type": "int",
    "unit": "",
    "minimum": 1,
    "description": "shots",
}


class InputDocument(ExplicitDocument):
    """An input of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INPUT]})

    unit: str
    required: bool
    default: float | int | None
    source: str
    """The parameter that it is the latest value of."""

    @classmethod
    def of(cls, name: str, declared: InputParameter) -> Self:
        """Return the document of an input."""
        return cls(
            unit=declared.unit,
            required=declared.required,
            default=declared.default,
            source=declared.source or name,
        )


class OutputDocument(Document):
    """An output of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUTPUT]})

    unit: str
    description: str
    minimum: float | int | None = None
    maximum: float | int | None = None

    @classmethod
    def of(cls, declared: OutputParameter) -> Self:
        """Return the document of an output."""
        return cls(
            unit=declared.unit,
            description=declared.description,
            minimum=declared.minimum,
            maximum=declared.maximum,
        )


class RunParameterDocument(Document):
    """A run parameter of a task, with the value that it has if nothing else is said."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})

    value: Any = None
    value_type: str
    unit: str
    minimum: float | int | None = None
    maximum: float | int | None = None
    choices: list[Any] | None = None
    description: str

    @classmethod
    def of(cls, declared: RunParameter) -> Self:
        """Return the document of a run parameter."""
        return cls(
            value=declared.value,
            value_type=declared.value_type,
            unit=declared.unit,
            minimum=declared.minimum,
            maximum=declared.maximum,
            choices=None if declared.choices is None else list(declared.choices),
            description=declared.description,
        )


class ArrayDocument(Document):
    """An array, or several under a pattern, of the raw data of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ARRAY]})

    unit: str
    description: str

    @classmethod
    def of(cls, declared: ArrayDeclaration) -> Self:
        """Return the document of an array."""
        return cls(unit=declared.unit, description=declared.description)


class FailurePatternDocument(Document):
    """One way in which a task fails, as its author tells it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FAILURE]})

    title: str
    seen: str
    do: str


class TaskDocument(ExplicitDocument):
    """An installed task."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "CheckT1",
                    "aliases": [],
                    "backend": None,
                    "task_type": "qubit",
                    "description": "Energy relaxation time.",
                    "requires": ["Relaxation", "laboratory"],
                    "input_parameters": {"t1": _INPUT},
                    "output_parameters": {"t1": _OUTPUT},
                    "run_parameters": {"shots": _RUN},
                    "arrays": {"delay": _ARRAY},
                    "measures": "X180, a delay, readout.",
                    "failures": [_FAILURE],
                }
            ]
        }
    )

    name: str
    aliases: list[str]
    backend: str | None
    """None: any."""
    task_type: TaskType
    description: str
    requires: list[str]
    """What a backend must offer for it."""
    input_parameters: dict[str, InputDocument]
    output_parameters: dict[str, OutputDocument]
    run_parameters: dict[str, RunParameterDocument]
    arrays: dict[str, ArrayDocument]
    """Of its raw data, by name or by a pattern such as `line_*`."""
    measures: str | None = None
    """What its author tells of it, where one task is shown and the author told anything."""
    failures: list[FailurePatternDocument] | None = None
    text_error: str | None = None
    """Why what the author tells cannot be read."""

    @classmethod
    def of(cls, task: type[BaseTask]) -> Self:
        """Return the document of a task."""
        inputs, outputs = task.input_parameters.items(), task.output_parameters.items()
        return cls(
            name=task.name,
            aliases=list(task.aliases),
            backend=task.backend,
            task_type=task.task_type,
            description=task.description,
            requires=sorted(task.requires),
            input_parameters={name: InputDocument.of(name, declared) for name, declared in inputs},
            output_parameters={name: OutputDocument.of(declared) for name, declared in outputs},
            run_parameters={
                name: RunParameterDocument.of(declared) for name, declared in task.run_parameters.items()
            },
            arrays={name: ArrayDocument.of(declared) for name, declared in task.arrays.items()},
        )

    def with_text(self, task: type[BaseTask]) -> Self:
        """Return the document with what the author tells of the task, or why that cannot be read."""
        try:
            page = page_of(task)
        except PluginError as error:
            return self.model_copy(update={"text_error": str(error)})
        if page is None:
            return self
        failures = [
            FailurePatternDocument(title=one.title, seen=one.seen, do=one.do) for one in page.failures
        ]
        return self.model_copy(update={"measures": page.measures, "failures": failures})


class TaskPageDocument(Document):
    """What the author of a task tells those who run it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "CheckT1", "measures": "X180, a delay, readout.", "failures": [_FAILURE]}]
        }
    )

    name: str
    measures: str
    failures: list[FailurePatternDocument]

    @classmethod
    def of(cls, task: type[BaseTask]) -> Self:
        """Return the document of what is told of a task.

        Raises
        ------
        NotFoundError
            If its author has written nothing.
        PluginError
            If what they wrote cannot be read.
        """
        page = page_of(task)
        if page is None:
            raise NotFoundError(f"the author of task {task.name} has written no page on it")
        failures = [
            FailurePatternDocument(title=one.title, seen=one.seen, do=one.do) for one in page.failures
        ]
        return cls(name=task.name, measures=page.measures, failures=failures)


class TaskOnChip(TaskDocument):
    """An installed task, and whether it can be run on a chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "CheckT2Echo",
                    "aliases": [],
                    "backend": None,
                    "task_type": "qubit",
                    "description": "Coherence time with a refocusing pulse.",
                    "requires": ["Echo", "laboratory"],
                    "input_parameters": {},
                    "output_parameters": {},
                    "run_parameters": {"shots": _RUN},
                    "arrays": {},
                    "why_not": "needs Echo, which backend rack does not offer",
                }
            ]
        }
    )

    why_not: str | None
    """Why it cannot be run there; None: it can."""

    @classmethod
    def on_chip(cls, task: type[BaseTask], why_not: str | None) -> Self:
        """Return the document of a task as a chip has it."""
        return cls(**dict(TaskDocument.of(task)), why_not=why_not)
