"""Generator of the pages of the tasks; `python -m docs.make_tasks [TASK ...]` draws their pictures.

A page is made of the task's declarations, of the short text that its author wrote (`TASK.yaml` beside its module), and of
pictures from a twin: the figure to expect, and one for each failure that the text names. The twins are seeded, so the same
code draws the same pictures. They take seven minutes, so they are committed.
"""

from __future__ import annotations

import argparse
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.task_pages.page import get_page
from qdash_core.hooks.manager import load_plugins
from qdash_core.tasks.analysis_options import get_analysis_options
from qdash_tasks.tasks import COUPLING_TASKS, QUBIT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_builtin.explanations.causes import Cause
    from qdash_builtin.task_pages.evidence_rules import EvidenceRule
    from qdash_builtin.task_pages.page import TaskPage
    from qdash_core import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter

EVIDENCE = "../plugins/evidence.md"
IMAGES = Path(__file__).parent / "images/tasks"

DOCUMENTED: tuple[type[BaseTask], ...] = (*QUBIT_TASKS, *COUPLING_TASKS)
"""Every standard task, in the order in which a chip needs them."""

DEVICE = "jakarta"
"""Device of the twin of the pictures."""
_NAME = DEVICE.capitalize()


def main() -> None:
    """Draw the pictures of all tasks, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="draw only the pictures of these")
    arguments = parser.parse_args()
    for task in DOCUMENTED:
        if not arguments.tasks or task.name in arguments.tasks:
            draw(task)


def draw(task: type[BaseTask], folder: Path = IMAGES) -> None:
    """Draw every picture of a task into `folder`."""
    from docs.task_pictures import figures, png_of

    folder.mkdir(parents=True, exist_ok=True)
    drawings = figures(task, text_of(task).failures)
    for name, (figure, message) in zip(pictures_of(task), drawings, strict=True):
        (folder / name).write_bytes(png_of(figure))
        print(f"{name}: {message}")  # noqa: T201  a script's own


# -------------------------------------------------------------------------------------------------------------- pages


def text_of(task: type[BaseTask]) -> TaskPage:
    """Return the author's text on a task."""
    text = get_page(task)
    if text is None:
        raise SystemExit(f"{task.name} has no text: write {task.name}.yaml beside {task.__module__}")
    return text


def pictures_of(task: type[BaseTask]) -> list[str]:
    """Return the names of a task's pictures: the figure to expect, then one for each failure."""
    failures = text_of(task).failures
    return [f"{task.name}.png", *(f"{task.name}-{number}.png" for number in range(1, len(failures) + 1))]


def list_pages() -> dict[str, Callable[[], str]]:
    """Return the generator of each page by its path."""
    return {"tasks/README.md": index, **{f"tasks/{task.name}.md": partial(page, task) for task in DOCUMENTED}}


def index() -> str:
    """Return the text of the list of the tasks."""
    rows = [
        f"| [{task.name}]({task.name}.md) | {task.description} | {', '.join(task.output_parameters) or 'nothing'} |"
        for task in DOCUMENTED
    ]
    return f"""# Tasks

The standard tasks, on one qubit and then on two coupled ones, in the order in which a chip needs
them. Each page says what is measured, how the figure should look, and what it means when it does not.

| task | measures | outputs |
|---|---|---|
{chr(10).join(rows)}
"""


def page(task: type[BaseTask]) -> str:
    """Return the text of a task's page."""
    text = text_of(task)
    expected, *failed = (f"../images/tasks/{name}" for name in pictures_of(task))
    also = f"\nAlso known as {', '.join(f'`{name}`' for name in task.aliases)}.\n" if task.aliases else ""
    parts = [
        f"# {task.name}\n",
        f"{task.description}\n{also}",
        f"## What it measures\n\n{_sentence(text.measures)}\n",
        f"## What to expect\n\n![{task.name} on a twin of {_NAME}]({expected})\n",
        f"Measured on a twin of {_NAME}, and drawn with `qdash task figure TASK_ID -o FILE.png`.\n",
        *_section("Inputs", ("input", "unit", "needed", "what for"), _inputs(task)),
        *_section("Outputs", ("output", "unit", "bounds", "what it is"), _outputs(task)),
        *_section(
            "Run parameters",
            ("parameter", "default", "bounds", "what it sets"),
            _parameters(task.run_parameters),
        ),
    ]
    if options := get_analysis_options(task):
        parts += _section(
            "Analysis options", ("option", "default", "choices", "what it sets"), _parameters(options)
        )
    if task.arrays:
        parts += _section("Raw data", ("array", "unit", "what it holds"), _arrays(task))
    if task.feature_parameters:
        parts += _section("Features", ("feature", "unit", "meaning"), _features(task))
    if text.evidence:
        parts += _section("Causes of failures", ("cause", "weight", "if"), _evidence(task))
        parts.append(f"[Evidence]({EVIDENCE}) explains weights and conditions.\n")
    if failed:
        parts.append("## When it goes wrong\n")
    for failure, picture in zip(text.failures, failed, strict=True):
        parts += [
            f"### {_sentence(failure.title, end='')}\n",
            f"![{failure.title}]({picture})\n",
            f"**Seen:** {_sentence(failure.seen)}\n",
            f"**To do:** {_sentence(failure.do)}\n",
        ]
    return "\n".join(parts)


def _sentence(text: str, *, end: str = ".") -> str:
    text = text.strip().removesuffix(".")
    return f"{text[:1].upper()}{text[1:]}{end}"


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return [f"## {title}\n\nNone.\n"]
    lines = [head, ["---"] * len(head), *rows]
    return [f"## {title}\n", "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"]


def _inputs(task: type[BaseTask]) -> list[list[str]]:
    return [
        [
            f"`{name}`",
            given.unit,
            "yes"
            if given.required and given.default is None
            else "if known"
            if not given.required
            else f"else {given.default:g}",
            given.description,
        ]
        for name, given in task.input_parameters.items()
    ]


def _outputs(task: type[BaseTask]) -> list[list[str]]:
    return [
        [
            f"`{name}`",
            made.unit,
            "; ".join(filter(None, (_bounds(made.minimum, made.maximum), _change(made.jump)))),
            made.description
            + (f" (convention `{made.convention}`)" if made.convention else "")
            + (" (where the data show it)" if made.optional else ""),
        ]
        for name, made in task.output_parameters.items()
    ]


def _parameters(declared: Mapping[str, RunParameter]) -> list[list[str]]:
    return [
        [
            f"`{name}`",
            "" if given.value is None else f"{given.value} {given.unit}".strip(),
            ", ".join(map(str, given.choices))
            if given.choices
            else _bounds(given.minimum, given.maximum, given.unit),
            given.description,
        ]
        for name, given in declared.items()
    ]


def _arrays(task: type[BaseTask]) -> list[list[str]]:
    return [[f"`{name}`", given.unit, given.description] for name, given in task.arrays.items()]


def _features(task: type[BaseTask]) -> list[list[str]]:
    return [[f"`{name}`", given.unit, given.description] for name, given in task.feature_parameters.items()]


def _evidence(task: type[BaseTask]) -> list[list[str]]:
    """Return a row for each rule of each cause, by cause in the order of their first rules, the strongest first."""
    by_cause: dict[str, list[EvidenceRule]] = {}
    for rule in text_of(task).evidence:
        for cause in rule.causes:
            by_cause.setdefault(cause, []).append(rule)
    return [
        [all_causes()[cause].title, f"{rule.weight:+g}", f"`{rule.when.text}`"]
        for cause, rules in by_cause.items()
        for rule in sorted(rules, key=lambda one: -one.weight)
    ]


@cache
def all_causes() -> Mapping[str, Cause]:
    """Return the causes of installed plugins by id."""
    return RuleBook(load_plugins()).causes


def _change(jump: float | None) -> str:
    return "" if jump is None else f"change up to {jump * 100:g} %"


def _bounds(low: float | None, high: float | None, unit: str = "") -> str:
    spoken = [f"{word} {bound:.6g}" for word, bound in (("from", low), ("to", high)) if bound is not None]
    return " ".join([*spoken, unit] if spoken and unit else spoken)


if __name__ == "__main__":
    main()
