"""Set-up links, and how often logins have failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.login import LoginAttemptModel, SetUpLinkModel
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
        """Write the only link of a user: those before it are worth nothing from now on."""
        with self._writing() as transaction:
            transaction.delete(self.collection, {"username": link.username})
            transaction.insert(self.collection, link.document())

    def remove(self, username: str) -> None:
        """Remove whatever link a user has."""
        with self._writing() as transaction:
            transaction.delete(self.collection, {"username": username})


class LoginAttemptRepository(Repository[LoginAttemptModel]):
    """Failed logins by who they are counted for."""

    collection = "login_attempt"
    model = LoginAttemptModel

    def find(self, subject: str) -> LoginAttemptModel | None:
        """Return what was counted, or None."""
        return self._get((subject,))

    def put(self, attempt: LoginAttemptModel) -> None:
        """Write a count as it is now."""
        self._put(attempt)

    def remove(self, subject: str) -> None:
        """Forget what was counted."""
        with self._writing() as transaction:
            transaction.delete(self.collection, {"subject": subject})

    def prune(self, before: datetime) -> None:
        """Remove what nobody has added to since a moment."""
        with self._writing() as transaction:
            transaction.delete(self.collection, {"last_at": Range(below=before)})
