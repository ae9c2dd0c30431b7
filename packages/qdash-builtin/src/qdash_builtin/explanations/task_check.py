"""Check of the author's text of a task, its evidence and its features."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from qdash_builtin.explanations.causes import read_causes
from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.task_pages.feature_names import (
    is_feature_name,
    is_of_other_task,
    list_features_of_other_tasks,
)
from qdash_builtin.task_pages.page import get_page
from qdash_core.hooks.manager import load_plugins
from qdash_core.tasks.overrides import apply_overrides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.tasks.base import BaseTask


def find_faults(task: type[BaseTask]) -> Iterator[str]:
    """Yield what is wrong with the features of a task, and with the evidence in its author's text.

    Causes are those of `causes.yaml` of the package, and else of installed plugins. Features of other tasks, such as `CheckRabi.contrast` and
    `failed.CheckRabi`, are those of installed tasks: a rule on another name never applies.
    """
    for name in task.feature_parameters:
        if not is_feature_name(name):
            yield f"{name} has capital letters, or every result has such a feature"
    page = get_page(task)
    if page is None:
        return
    for failure in page.failures:
        apply_overrides(task.run_parameters, dict(failure.parameters), task=task.name)
    causes = {cause for rule in page.evidence for cause in rule.causes} - read_causes(task).keys()
    if causes and (causes := causes - _list_installed_causes()):
        yield f"no causes.yaml declares {', '.join(sorted(causes))}"
    features = {name for rule in page.evidence for name in rule.names if is_of_other_task(name)}
    if features and (features := features - list_features_of_other_tasks([task, *_load_installed_tasks()])):
        yield f"no installed task has the feature {', '.join(sorted(features))}"


@cache
def _list_installed_causes() -> frozenset[str]:
    """Return the ids of the causes that installed plugins declare."""
    return frozenset(RuleBook(load_plugins()).causes)


@cache
def _load_installed_tasks() -> tuple[type[BaseTask], ...]:
    return tuple(load_plugins().tasks().values())
