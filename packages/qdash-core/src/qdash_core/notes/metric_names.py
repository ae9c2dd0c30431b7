"""On which metrics there can be notes: those of the metrics file, and those that a chip has values or notes of."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.models.note import MetricNoteModel
    from qdash_core.repositories.repositories import Repositories


def require_metric(repositories: Repositories, about: MetricNoteModel, in_file: Collection[str]) -> None:
    """Refuse a metric that nobody knows.

    Parameters
    ----------
    repositories : Repositories
        Where values and notes are kept.
    about : MetricNoteModel
        A note on the metric.
    in_file : collection of str
        The metrics of such targets that the metrics file names.

    Raises
    ------
    NotFoundError
        If neither the metrics file has it, nor a value of such a target of the chip, nor a task that has run, nor a note on
        this target. It names the nearest ones.
    """
    if about.metric_key in in_file or repositories.metric_notes.on_metric(about):
        return
    known = {*in_file, *_recorded(repositories, about)}
    if about.metric_key not in known:
        near = get_close_matches(about.metric_key, sorted(known), n=3, cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(map(repr, near))}?"
            if near
            else f"`qdash metrics {about.chip_id} --summary` has those of the chip"
        )
        raise NotFoundError(
            f"there is no metric {about.metric_key!r} of a {about.target_type}, neither in the metrics file nor among "
            f"the values of chip {about.chip_id}; {hint}"
        )


def _recorded(repositories: Repositories, about: MetricNoteModel) -> set[str]:
    """Return the metrics of which such a target of the chip has a value, or a task that has run makes one, used or not."""
    targets = repositories.qubits if about.target_type == "qubit" else repositories.couplings
    values = {name for one in targets.values_of_chip(about.project_id, about.chip_id) for name in one["data"]}
    made = {
        name
        for task in repositories.tasks.of_project(about.project_id)
        if (task.task_type == "coupling") is (about.target_type == "coupling")
        for name in task.output_parameters
    }
    return values | made
