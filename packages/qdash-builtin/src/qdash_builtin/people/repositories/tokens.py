"""Repository of access tokens."""

from __future__ import annotations

from qdash_core.models.token import AccessTokenModel
from qdash_core.repositories.base import Repository


class AccessTokenRepository(Repository[AccessTokenModel]):
    """Tokens by the hash of their secret."""

    collection = "access_token"
    model = AccessTokenModel

    def find(self, token_hash: str) -> AccessTokenModel | None:
        """Return the token whose secret has this hash, or None."""
        return self._get((token_hash,))

    def list_by_user(self, user_id: str) -> list[AccessTokenModel]:
        """Return the tokens of a user, by name."""
        return self.select({"user_id": user_id}, order=("name",))

    def put(self, token: AccessTokenModel) -> None:
        """Add or replace a token."""
        self._put(token)

    def remove(self, token: AccessTokenModel) -> None:
        """Remove a token, which invalidates its secret."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"token_hash": token.token_hash})

    def remove_all(self, user_id: str) -> int:
        """Remove every token of a user; return their number."""
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, {"user_id": user_id})
