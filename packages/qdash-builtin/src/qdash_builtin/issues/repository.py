"""Repositories of laboratory issues and their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.model import IssueEventModel, IssueModel
from qdash_core.repositories.base import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.pages import Page, PageRequest

_NEWEST = ("-updated_at",)


class IssueRepository(Repository[IssueModel]):
    """Issues by project and id. Lists begin with the newest activity."""

    collection = "issue"
    model = IssueModel

    def find(self, project_id: str, issue_id: str) -> IssueModel | None:
        """Return an issue, or None."""
        return self._get((project_id, issue_id))

    def put(self, issue: IssueModel) -> None:
        """Add or replace an issue."""
        self._put(issue)

    def remove(self, issue: IssueModel) -> None:
        """Remove an issue. Its events stay."""
        with self._open_transaction() as transaction:
            where = {"project_id": issue.project_id, "issue_id": issue.issue_id}
            transaction.delete(self.collection, where)

    def search(self, where: Mapping[str, Any], *, limit: int) -> list[IssueModel]:
        """Return the first issues that meet conditions."""
        return self.select(where, order=_NEWEST, limit=limit)

    def page(self, where: Mapping[str, Any], request: PageRequest) -> Page[IssueModel]:
        """Return a page of the issues that meet conditions."""
        return self._page(where, request, order=_NEWEST)


class IssueEventRepository(Repository[IssueEventModel]):
    """Events of issues by project, issue and number."""

    collection = "issue_event"
    model = IssueEventModel

    def get_last_issue(self, project_id: str) -> int:
        """Return the number of the last issue of a project, deleted ones included, or 0 if there was none.

        Transactions are serialised, so that none is opened meanwhile.
        """
        found = self.select({"project_id": project_id}, order=("-issue", "-number"), limit=1)
        return found[0].issue if found else 0

    def list_by_issue(self, project_id: str, issue: int) -> list[IssueEventModel]:
        """Return the events of an issue in order; none if there never was such an issue."""
        return self.select({"project_id": project_id, "issue": issue}, order=("number",))

    def page(self, project_id: str, issue: int, request: PageRequest) -> Page[IssueEventModel]:
        """Return a page of the events of an issue in order."""
        return self._page({"project_id": project_id, "issue": issue}, request, order=("number",))

    def put(self, event: IssueEventModel) -> None:
        """Add an event, or replace one by a copy without texts."""
        self._put(event)
