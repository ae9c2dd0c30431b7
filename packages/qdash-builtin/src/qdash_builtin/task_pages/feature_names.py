"""Names of the features of task results.

A feature is a number by name. Features of a trace are declared by the task (`BaseTask.feature_parameters`); the others
are of the record and the surroundings of any result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.tasks.base import BaseTask


RECORD_FEATURES = {
    "failed": "1 if the result failed or was rejected, else 0",
    "flagged": "1 if it was flagged, else 0",
    "accepted": "1 if it was accepted, else 0",
    "skipped": "1 if it was skipped, else 0",
    "cancelled": "1 if it was cancelled, else 0",
    "measured": "1 if the measurement was complete, 0 if it was not",
    "attempt": "number of the task attempt",
    "r2": "coefficient of determination of the fit",
    "reduced_chi2": "reduced chi squared of the fit, the same as `quality.reduced_chi2`",
    "failures_before": "number of failures among the 5 results of the task on the target before this one",
    "results_before": "number of results of the task on the target before this one, at most 5",
    "hours_since_success": "time since the last accepted result of the task on the target, in hours",
    "oldest_input_h": "largest age of an input at the measurement, in hours",
    "neighbour_f12_gap": "smallest distance of the frequency of the qubit or a coupled one from the 1-2 transition of the other, in GHz",
    "multiplexed": "1 if the chip has multiplexers, else 0",
    "input_by_user_h": "time since a user last changed one of the inputs, in hours",
}
"""Features of every result by name."""

RESULT_PREFIXES = {
    "quality": "figure of merit of the analysis",
    "reason": "1 if the failure is of this kind, see the table of kinds",
    "parameter": "run parameter: the number, or the number of points of a sweep or list",
    "parameter_ratio": "run parameter, as in `parameter`, divided by its default",
    "input": "input value",
    "input_age_h": "age of the input at the measurement, in hours",
    "output": "measured value",
    "error": "error of the measured value",
    "change": "measured value divided by the previous accepted value",
    "change_sigma": "measured value minus the previous accepted value, in combined standard deviations",
    "offset": "measured value minus the previous accepted value, in the unit of the output",
    "before": "feature of the trace of the last accepted result of the task on the target before this one",
    "same_input": "1 if the input is within 3 % (a frequency in GHz: within 0.1 MHz) of that of the last accepted result of the task on the target, or absent in both, else 0",
    "design_offset": "measured value minus the design value",
    "chip_ratio": "measured value divided by the median of the chip's accepted values",
    "neighbour_gap": "smallest distance of the value from that of a coupled qubit",
    "share_failed": "share of the other targets with the same task in the same execution that failed or were flagged, "
    "without those that began to fail at another time or have a likely cause of their own: of the `mux`, `line`, `module`, `chip` or the coupled `neighbours`",
    "n_failed": "number of these targets",
    "share_any_failed": "share of the other targets of the same group in the same execution on which any task failed or was flagged",
    "n_any_failed": "number of these targets",
    "n_alike": "number of these targets whose result has the same outcome, and the same message apart from numbers",
    "chip_change": "median of `change` over the other targets with the same task in the same execution, at least 2",
    "mux_change": "the same for the other qubits of the multiplexer, at least 2",
    "failed": "1 if the newest result of another task on the target, at most 24 hours before or in the same execution, failed, else 0",
    "flagged": "1 if it was flagged, else 0",
    "accepted": "1 if it was accepted, else 0",
}
"""First parts of names with a dot, each with the meaning of the feature."""

REASONS = {
    "exception": "the code of the task raised an error",
    "backend": "the backend or an instrument reported an error",
    "timeout": "the task took longer than its time limit",
    "interrupted": "the process that ran it ended",
    "cancelled": "a user cancelled it",
    "missing_input": "an input has no value",
    "upstream": "it was skipped because of an earlier result",
    "analysis": "the analysis found no result in the data",
    "rejected": "validation rejected the values",
}
"""Kinds of failures."""

SHARES = ("mux", "line", "module", "chip", "neighbours")
"""Groups of targets."""
OF_SHARES = ("share_failed", "n_failed", "share_any_failed", "n_any_failed", "n_alike")
"""First parts of the names of features of such a group."""
FIT_FEATURES = ("r2", "reduced_chi2")
"""Features of every result that other results of the target have too, as in `CheckRabi.r2`."""
SUBJECT_NAMES = ("chip", "target", "task", "partner")
"""Names in the text of evidence that are no features."""
_OWN = re.compile(r"[a-z][a-z0-9_]*")
_OF_OUTCOMES = ("failed", "flagged", "accepted")
_OTHER_TASK = re.compile(r"[A-Z]\w*\.[a-z][a-z0-9_]*")


def find_name_error(task: type[BaseTask], name: str) -> str | None:
    """Return the reason why a name is no feature of a task's results, or None if it is one.

    Names of other tasks (`CheckRabi.contrast`, `failed.CheckRabi`) are not compared with any declaration: they may be in
    another package.
    """
    if name in RECORD_FEATURES or name in task.feature_parameters or _OTHER_TASK.fullmatch(name):
        return None
    prefix, dot, rest = name.partition(".")
    if not dot:
        known = (*RECORD_FEATURES, *task.feature_parameters)
        return f"{name} is neither in feature_parameters of {task.name} nor a feature of every result{suggest(name, known)}"
    if prefix not in RESULT_PREFIXES:
        return f"{name} begins with {prefix}, which is unknown{suggest(prefix, RESULT_PREFIXES)}"
    names = _list_names(task, prefix)
    if names is not None and rest not in names:
        return f"{name}: {task.name} has no {prefix} {rest!r}{suggest(rest, names)}"
    return None


def is_of_other_task(name: str) -> bool:
    """Return whether a feature is that of another task on the target: `CheckRabi.contrast` or `failed.CheckRabi`."""
    return _OTHER_TASK.fullmatch(name) is not None or name.startswith(
        tuple(f"{one}." for one in _OF_OUTCOMES)
    )


def list_features_of_other_tasks(tasks: Collection[type[BaseTask]]) -> set[str]:
    """Return the features that results of these tasks add to those of other tasks on the target."""
    of_traces = {
        f"{task.name}.{name}" for task in tasks for name in (*FIT_FEATURES, *task.feature_parameters)
    }
    return of_traces | {f"{outcome}.{task.name}" for task in tasks for outcome in _OF_OUTCOMES}


def find_common_name_error(name: str) -> str | None:
    """Return the reason why a name is no feature that the results of every task may have, or None if it is one."""
    prefix, _, rest = name.partition(".")
    known = {"reason": REASONS, **dict.fromkeys(OF_SHARES, SHARES)}
    if name in RECORD_FEATURES or rest in known.get(prefix, ()):
        return None
    return f"{name} is no feature of every result{suggest(name, RECORD_FEATURES)}"


def _list_names(task: type[BaseTask], prefix: str) -> list[str] | None:
    """Return the names that may follow a prefix, or None if any may."""
    if prefix in OF_SHARES:
        return [*SHARES]
    match prefix:
        case "quality" | "neighbour_gap":
            return None
        case _ if prefix in _OF_OUTCOMES:
            return None
        case "reason":
            return [*REASONS]
        case "before":
            return [*task.feature_parameters]
        case "parameter" | "parameter_ratio":
            return [*task.run_parameters]
        case "input" | "input_age_h" | "same_input":
            return [*task.input_parameters]
        case _:
            return [*task.output_parameters]


def is_feature_name(name: str) -> bool:
    """Return whether a task may declare a feature of its trace by this name: lower case, and none of every result."""
    reserved = (*RECORD_FEATURES, *RESULT_PREFIXES, *SUBJECT_NAMES, "known", "abs", "and", "or", "not")
    return _OWN.fullmatch(name) is not None and name not in reserved
