"""Rule book: the causes and the evidence of all installed tasks, and those of every result."""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from qdash_builtin.explanations.causes import parse_causes, read_causes
from qdash_builtin.task_pages.evidence_rules import parse_common_evidence
from qdash_builtin.task_pages.page import get_page
from qdash_core.errors import NotFoundError, PluginError
from qdash_core.parsing.yaml_parser import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.explanations.causes import Cause
    from qdash_builtin.task_pages.evidence_rules import EvidenceRule
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


class RuleBook:
    """Causes and evidence, read once from the files of QDash and of the installed tasks.

    A file that cannot be read makes a remark, and its causes and evidence are left out.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._rules: dict[type[BaseTask], tuple[tuple[EvidenceRule, ...], str]] = {}
        self._feature_names: dict[type[BaseTask], frozenset[str]] = {}

    @property
    def causes(self) -> dict[str, Cause]:
        """All causes by id. The first declaration of an id counts: that of QDash, then those of plugins in their order."""
        return self._causes_and_remarks[0]

    @cached_property
    def _causes_and_remarks(self) -> tuple[dict[str, Cause], list[str]]:
        """All causes by id, and remarks on their files."""
        remarks: list[str] = []
        found = {one.id: one for one in parse_causes(parse_yaml(_read_own("causes.yaml")))}
        # The tasks of one package have the same files.
        by_package = {
            task.__module__.rpartition(".")[0] or task.__module__: task
            for task in self._registry.tasks().values()
        }
        for task in by_package.values():
            try:
                declared = read_causes(task)
            except PluginError as error:
                remarks.append(str(error))
                continue
            for one in declared.values():
                found.setdefault(one.id, one)
        return _make_symmetric(found), remarks

    @cached_property
    def common_rules(self) -> tuple[EvidenceRule, ...]:
        """Evidence that the explained result of any task has."""
        own = parse_common_evidence(parse_yaml(_read_own("evidence.yaml")))
        return (*own, *(rule for one in self.causes.values() for rule in one.evidence))

    def find_task(self, result: TaskResultModel) -> type[BaseTask] | None:
        """Return the task of a result, or None if it is not installed."""
        return self.find_named_task(result.name, backend=result.backend)

    def find_named_task(self, name: str, *, backend: str | None = None) -> type[BaseTask] | None:
        """Return the task of a name, for a backend or any, or None if it is not installed."""
        try:
            return self._registry.any_task(name, backend=backend)
        except NotFoundError:
            return None

    def get_rules(self, task: type[BaseTask]) -> tuple[EvidenceRule, ...]:
        """Return the evidence of a task."""
        return self._get_read(task)[0]

    def get_feature_names(self, task: type[BaseTask]) -> frozenset[str]:
        """Return the names of the features on which the evidence of a task depends."""
        if task not in self._feature_names:
            rules = self.get_rules(task)
            self._feature_names[task] = frozenset(name for rule in rules for name in rule.when.names)
        return self._feature_names[task]

    def list_remarks(self, results: Iterable[TaskResultModel]) -> list[str]:
        """Return the remarks on the files of all causes, and on those of the tasks of these results."""
        tasks = {task: None for one in results if (task := self.find_task(one)) is not None}
        of_tasks = (self._get_read(task)[1] for task in tasks)
        return [*self._causes_and_remarks[1], *filter(None, of_tasks)]

    def _get_read(self, task: type[BaseTask]) -> tuple[tuple[EvidenceRule, ...], str]:
        if task not in self._rules:
            self._rules[task] = self._read_rules(task)
        return self._rules[task]

    def _read_rules(self, task: type[BaseTask]) -> tuple[tuple[EvidenceRule, ...], str]:
        """Return the evidence of a task, and a remark on its file or an empty text."""
        try:
            page = get_page(task)
        except PluginError as error:
            return (), str(error)
        rules = () if page is None else page.evidence
        unknown = sorted({cause for rule in rules for cause in rule.causes} - self.causes.keys())
        if not unknown:
            return rules, ""
        names = ", ".join(unknown)
        return rules, f"the evidence of task {task.name} names causes that no causes.yaml declares: {names}"


def _read_own(name: str) -> str:
    return (files("qdash_builtin.explanations") / name).read_text(encoding="utf-8")


def _make_symmetric(causes: dict[str, Cause]) -> dict[str, Cause]:
    """Return the causes with each declared pair of indistinguishable ones in both."""
    pairs = {(one.id, other) for one in causes.values() for other in one.indistinguishable_from}
    pairs |= {(other, one) for one, other in pairs}
    return {
        name: one.model_copy(
            update={"indistinguishable_from": tuple(sorted(b for a, b in pairs if a == name))}
        )
        for name, one in causes.items()
    }
