"""Repositories of set-up links and failed logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.people.models.login import LoginAttemptModel, SetUpLinkModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime


class SetUpLinkRepository(Repository[SetUpLinkModel]):
    """Set-up links by the hash of their code."""

    collection = "setup_link"
    model = SetUpLinkModel

    def find(self, code_hash: str) -> SetUpLinkModel | None:
        """Return the link whose code has this hash, or None."""
        return self._get((code_hash,))

    def replace(self, link: SetUpLinkModel) -> None:
        """Write the only link of a user, which invalidates earlier ones."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"username": link.username})
            transaction.insert(self.collection, link.to_document())

    def remove(self, username: str) -> None:
        """Remove the link of a user, if there is one."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"username": username})


class LoginAttemptRepository(Repository[LoginAttemptModel]):
    """Counts of failed logins by subject."""

    collection = "login_attempt"
    model = LoginAttemptModel

    def find(self, subject: str) -> LoginAttemptModel | None:
        """Return the count of a subject, or None."""
        return self._get((subject,))

    def put(self, attempt: LoginAttemptModel) -> None:
        """Add or update a count."""
        self._put(attempt)

    def remove(self, subject: str) -> None:
        """Remove the count of a subject."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"subject": subject})

    def prune(self, before: datetime) -> None:
        """Remove counts without a new failure since a time."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"last_at": Range(below=before)})
