"""Pull and push of the laboratory's configuration folder, under the names of the original.

`pull` and `push` are the only place in which flows of the original reach a git remote.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from qdash_core.runtime import Runtime

if TYPE_CHECKING:
    from qdash_core.settings import Settings

__all__ = ["ConfigFileType", "GitHubIntegration", "GitHubPushConfig"]

logger = logging.getLogger(__name__)


class ConfigFileType(Enum):
    """Kinds of files of a push."""

    CALIB_NOTE = "calib_note"
    PROPS = "props"
    PARAMS = "params"
    ALL_PARAMS = "all_params"


@dataclass
class GitHubPushConfig:
    """Options of a push.

    Parameters
    ----------
    enabled : bool
        Whether the end of a calibration pushes.
    file_types : list of ConfigFileType
        Kinds of files.
    params_file_names : list of str or None
        Only parameter files with these names, or None for all.
    commit_message : str or None
        Message of the commit, or None for one that names the chip.
    branch : str
        Branch of the remote.
    props_within_24hrs : bool
        Accepted for flows of the original; a push contains all values that have changed.
    """

    enabled: bool = False
    file_types: list[ConfigFileType] = field(
        default_factory=lambda: [ConfigFileType.CALIB_NOTE, ConfigFileType.ALL_PARAMS]
    )
    params_file_names: list[str] | None = None
    commit_message: str | None = None
    branch: str = "main"
    props_within_24hrs: bool = False


class GitHubIntegration:
    """Pull and push for an execution."""

    def __init__(self, username: str, chip_id: str, execution_id: str) -> None:
        self.username, self.chip_id, self.execution_id = username, chip_id, execution_id

    @staticmethod
    def check_credentials() -> bool:
        """Return whether the settings name a git remote."""
        with Runtime.open() as runtime:
            return has_remote(runtime.settings)

    def pull_config(self, target_dir: str | None = None) -> str | None:  # noqa: ARG002  the settings name the folder
        """Pull the configuration folder of the settings; return the commit, or None without a remote."""
        with Runtime.open() as runtime:
            return pull(runtime.settings, username=self.username, project_id=None)

    def push_files(self, push_config: GitHubPushConfig) -> dict[str, Any]:
        """Push the values and the calibration note of the chip; return the result by kind, empty without a remote."""
        with Runtime.open() as runtime:
            pushed = push(
                runtime.settings,
                push_config,
                username=self.username,
                project_id=None,
                chip_id=self.chip_id,
                execution_id=self.execution_id,
            )
        return pushed or {}


def has_remote(settings: Settings) -> bool:
    """Return whether the settings name a git remote of the configuration folder."""
    return bool(getattr(settings, "config_remote_url", None))


def pull(settings: Settings, *, username: str, project_id: str | None) -> str | None:  # noqa: ARG001
    """Pull the configuration folder before a run; return the commit, or None without a remote."""
    if not has_remote(settings):
        logger.info("nothing pulled: the settings name no git remote of the configuration folder")
    return None


def push(
    settings: Settings,
    config: GitHubPushConfig,  # noqa: ARG001
    *,
    username: str,  # noqa: ARG001
    project_id: str | None,  # noqa: ARG001
    chip_id: str,  # noqa: ARG001
    execution_id: str,  # noqa: ARG001
) -> dict[str, Any] | None:
    """Push values and calibration note after a run; return the result by kind, or None without a remote."""
    if not has_remote(settings):
        logger.info("nothing pushed: the settings name no git remote of the configuration folder")
    return None
