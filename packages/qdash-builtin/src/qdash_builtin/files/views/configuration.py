"""View models of the configuration folder of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_builtin.files.configuration.service import PushResult


class PullDocument(Document):
    """A pull of the configuration folder."""

    commit: str
    """Commit of the folder, 40 hexadecimal digits."""
    files: list[str]
    """Changed files relative to the folder."""


class PushDocument(Document):
    """A push of calibrated values to the git remote of the configuration folder."""

    commit: str | None = None
    """The pushed commit, 40 hexadecimal digits; absent if nothing was to be changed."""
    files: list[str]
    """Changed files relative to the folder."""
    left_out: list[str]
    """Contents that were left out, each with the reason."""

    @classmethod
    def from_result(cls, result: PushResult) -> Self:
        """Return the view model of a push."""
        update = result.update
        return cls(
            commit=None if update is None else update.commit,
            files=[] if update is None else list(update.files),
            left_out=list(result.left_out),
        )
