"""Opening of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.issues.texts import normalise_labels
from qdash_builtin.proposals.action import (
    ActionArguments,
    Confirmation,
    Name,
    Outcome,
    ProposalAction,
    Targets,
)
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.text_pages.user_texts import check_text, check_title
from qdash_core.errors import InvalidInputError
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from qdash_builtin.chips.service import ChipService
    from qdash_builtin.issues.service import IssueService
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store


class IssueArguments(ActionArguments):
    """A laboratory issue."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(max_length=10_000, description="Description in Markdown.")]
    chip_id: Name | None = None
    targets: Targets
    task_id: Annotated[
        Name | None, Field(default=None, description="Id of a result, which fills chip and target.")
    ]
    labels: Annotated[tuple[Name, ...], Field(default=(), max_length=10)]


class IssueAction(ProposalAction[IssueArguments]):
    """Opening of an issue."""

    kind = "issue"
    arguments = IssueArguments
    description = "Proposes a laboratory issue with a title, a text and links."

    def __init__(self, store: Store, issues: IssueService, chips: ChipService) -> None:
        self._store, self._issues, self._chips = store, issues, chips

    def resolve(self, access: Access, arguments: IssueArguments) -> IssueArguments:
        """Return the arguments with the whole id of the result."""
        if arguments.task_id is None:
            return arguments
        task_id = match_result_id(self._store, access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: IssueArguments) -> tuple[str, str]:
        """Return the issue, whose links exist."""
        title, _ = check_title(arguments.title), check_text(arguments.text, "description")
        normalise_labels(arguments.labels)
        if arguments.chip_id is not None:
            chip = self._chips.show(access, arguments.chip_id)
            chip.require_targets(arguments.targets)
        elif arguments.targets and arguments.task_id is None:
            raise InvalidInputError("an issue on targets needs a chip: give `chip_id`")
        return f"Open an issue: {title}.", ""

    def perform(self, access: Access, arguments: IssueArguments, basis: str, by: Confirmation) -> Outcome:  # noqa: ARG002  depends on nothing
        """Open the issue."""
        links = arguments.model_dump(
            include={"chip_id", "targets", "task_id", "labels"}, exclude_defaults=True
        )
        fields = {name: [*value] if isinstance(value, tuple) else value for name, value in links.items()}
        body = f"{arguments.text}\n\n({by.drafted_by})"
        issue_id = self._issues.open(access, arguments.title, key=by.key, body=body, **fields).issue.issue_id
        return Outcome(
            f"issue {issue_id} opened",
            Reference("issue", issue_id),
        )
