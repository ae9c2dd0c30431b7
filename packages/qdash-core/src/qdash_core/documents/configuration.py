"""View models of the configuration folder of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.configuration.service import PushResult


class PullDocument(Document):
    """A pull of the configuration folder."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"commit": "1f8ac10f23c5b5bc1167bda84b833e5c057a77d2", "files": ["params/64Qv3/t1.yaml"]}
            ]
        }
    )

    commit: str
    """Commit of the folder, 40 hexadecimal digits."""
    files: list[str]
    """Changed files relative to the folder."""


class PushDocument(Document):
    """A push of calibrated values to the git remote of the configuration folder."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "commit": "1f8ac10f23c5b5bc1167bda84b833e5c057a77d2",
                    "files": ["64Qv3/calibration/calib_note.json", "params/64Qv3/t1.yaml"],
                    "left_out": [],
                }
            ]
        }
    )

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
