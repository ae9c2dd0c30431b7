"""Fields of an issue: their validation, and a change of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.links import LINKS, resolve_links
from qdash_builtin.issues.model import IssueEventKind, IssueState
from qdash_builtin.issues.pictures import require_pictures
from qdash_builtin.issues.texts import normalise_labels
from qdash_builtin.text_pages.user_texts import check_text, check_title
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.task import parse_choice
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.identity import ProjectMembershipRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from qdash_builtin.issues.change import IssueChange
    from qdash_builtin.issues.model import IssueModel
    from qdash_core.repositories.repositories import Repositories

MOST_LABELS, MOST_ASSIGNEES = 20, 20
_LISTED = (("labels", IssueEventKind.LABELLED), ("assignees", IssueEventKind.ASSIGNED))
_EDITABLE = ("title", "body", "state", "labels", "assignees", *(one for one in LINKS if one != "task"))


@dataclass(frozen=True, slots=True)
class IssueNames:
    """Names of the installed plugins.

    Parameters
    ----------
    task_name : callable
        Returns the task name for an alias, and any other name unchanged.
    parameters : callable
        Returns the declared parameters of qubits and couplings.
    """

    task_name: Callable[[str], str]
    parameters: Callable[[], Collection[str]]


def change_fields(change: IssueChange, fields: Mapping[str, Any], names: IssueNames) -> str:
    """Change fields, and return what happened, or an empty text if nothing differs; raise as `check_fields`."""
    checked = check_fields(change.repositories, change.issue, fields, names)
    change.set_fields(
        IssueEventKind.EDITED, **{name: checked[name] for name in ("title", "body") if name in checked}
    )
    change.texts += [checked["body"]] if "body" in change.changed else []
    for name, kind in _LISTED:
        change.set_fields(kind, **{name: checked[name]} if name in checked else {})
    change.set_fields(IssueEventKind.LINKED, **{name: checked[name] for name in LINKS if name in checked})
    if checked.get("state", change.issue.state) != change.issue.state:
        return change.set_state(checked["state"])
    return "changed" if change.changed else ""


def check_fields(
    repositories: Repositories, issue: IssueModel, fields: Mapping[str, Any], names: IssueNames
) -> dict[str, Any]:
    """Return the given fields as they are stored, with the links that follow from them.

    Raises
    ------
    NotFoundError, InvalidInputError
        If a field is not valid, or names something that does not exist.
    """
    checked = dict(fields)
    for name in checked:
        if name not in _EDITABLE:
            raise InvalidInputError(f"{name} cannot be changed; {', '.join(_EDITABLE)} can")
    if "title" in checked:
        checked["title"] = check_title(checked["title"])
    if "body" in checked:
        checked["body"] = check_text(checked["body"], "description")
        require_pictures(repositories, issue.project_id, checked["body"])
    if "state" in checked:
        checked["state"] = IssueState(parse_choice(IssueState, "state", checked["state"]))
    if "labels" in checked:
        checked["labels"] = _limit(normalise_labels(checked["labels"]), MOST_LABELS, "labels")
    if "assignees" in checked:
        checked["assignees"] = _check_assignees(repositories, issue, checked["assignees"])
    links = {name: checked[name] for name in LINKS if name in checked}
    if links:
        checked |= resolve_links(repositories, issue, links, names.parameters())
    return checked


def _check_assignees(repositories: Repositories, issue: IssueModel, names: Iterable[str]) -> list[str]:
    """Return assignees, each once; raise NotFoundError for a new one who is not a member."""
    made = _limit(list(dict.fromkeys(names)), MOST_ASSIGNEES, "assignees")
    members = [
        one.username
        for one in repositories.of(ProjectMembershipRepository).list_by_project(issue.project_id)
        if one.active
    ]
    for name in made:
        if name not in issue.assignees and name not in members:
            raise NotFoundError(
                f"{name!r} is not a member of project {issue.project_id}{suggest(name, members)}"
            )
    return made


def _limit(members: list[str], most: int, noun: str) -> list[str]:
    if len(members) > most:
        raise InvalidInputError(f"{len(members)} {noun} are too many; {most} are possible")
    return members
