"""Pull and push of the laboratory's configuration folder, under the names of the original.

`pull` and `push` are the only place in which flows of the original reach a git remote.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from qdash_builtin.files.feature import CONFIGURATION
from qdash_core.errors import QDashError
from qdash_core.runtime.application import QDash
from qdash_core.runtime.runtime import Runtime
from qdash_core.session.running_flow import get_current_flow

if TYPE_CHECKING:
    from qdash_builtin.files.configuration.service import ConfigurationService, Content
    from qdash_core.models.execution import ExecutionModel

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
        Branch of the remote, or `main` for that of the settings.
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


_CONTENTS: dict[ConfigFileType, Content] = {
    ConfigFileType.CALIB_NOTE: "note",
    ConfigFileType.PROPS: "parameters",
    ConfigFileType.PARAMS: "parameters",
    ConfigFileType.ALL_PARAMS: "parameters",
}
"""Content of a push for each kind of files."""


class GitHubIntegration:
    """Pull and push for an execution."""

    def __init__(self, username: str, chip_id: str, execution_id: str) -> None:
        self.username, self.chip_id, self.execution_id = username, chip_id, execution_id

    @staticmethod
    def check_credentials() -> bool:
        """Return whether the settings name a git remote, with credentials if it needs them."""
        with Runtime.open() as runtime:
            return _open_configuration(runtime) is not None

    def pull_config(self, target_dir: str | None = None) -> str | None:  # noqa: ARG002  the settings name the folder
        """Pull the configuration folder of the settings; return the commit, or None without a remote."""
        with Runtime.open_for(self.username) as runtime:
            return pull(runtime, username=self.username, project_id=None, requested=True)

    def push_files(self, push_config: GitHubPushConfig) -> dict[str, Any]:
        """Push the values and the calibration note of the chip; return commit and files, empty without a remote."""
        with Runtime.open_for(self.username) as runtime:
            pushed = push(
                runtime,
                push_config,
                username=self.username,
                project_id=None,
                chip_id=self.chip_id,
                execution_id=self.execution_id,
                requested=True,
            )
        return pushed or {}


class ConfigurationSync:
    """Pull before and push after a calibration, as its flow asks for them. A missing remote is one warning in a session.

    Parameters
    ----------
    enabled : bool
        Whether the folder is pulled unless `pulls` says otherwise.
    pulls : bool or None
        Whether the flow pulls, if it says so.
    pushes : bool
        Whether the flow says that it pushes.
    """

    def __init__(self, enabled: bool, *, pulls: bool | None, pushes: bool) -> None:
        self.pulls = enabled if pulls is None else pulls
        self._names_remote = bool(pulls) or pushes
        self._has_asked_for_remote = False

    def pull(self, runtime: Runtime, username: str, project_id: str | None) -> None:
        """Pull the folder."""
        requested = self._take_first_request(self._names_remote)
        pull(runtime, username=username, project_id=project_id, requested=requested)

    def push(
        self, runtime: Runtime, execution: ExecutionModel, config: GitHubPushConfig, *, requested: bool | None
    ) -> dict[str, Any] | None:
        """Push the values of the chip of an execution. See `push`."""
        return push(
            runtime,
            config,
            username=execution.username,
            project_id=execution.project_id,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            requested=self._take_first_request(requested or self._names_remote),
        )

    def _take_first_request(self, asks: bool) -> bool:
        """Note a request for a remote; return whether it is the first one of the session."""
        first = asks and not self._has_asked_for_remote
        self._has_asked_for_remote |= asks
        return first


def pull(
    runtime: Runtime,
    *,
    username: str,
    project_id: str | None,
    branch: str | None = None,
    requested: bool = False,
) -> str | None:
    """Pull the configuration folder before a run; return the commit, or None if it was not pulled, which is logged.

    Parameters
    ----------
    requested : bool
        Whether the flow asks for it, so that a missing remote is a warning.
    """
    configuration = _open_configuration(runtime, requested=requested)
    if configuration is None:
        return None
    try:
        update = configuration.pull(runtime.access(username, project_id), branch=branch)
    except QDashError as error:
        logger.warning("the configuration folder was not pulled: %s; the run uses it as it is", error)
        return None
    logger.info("configuration folder: commit %s", update.commit)
    return update.commit


def push(
    runtime: Runtime,
    config: GitHubPushConfig,
    *,
    username: str,
    project_id: str | None,
    chip_id: str,
    execution_id: str,
    requested: bool = False,
) -> dict[str, Any] | None:
    """Push values and calibration note after a run; return commit and files, `error` if it failed, or None without a remote.

    `requested` is that of `pull`.
    """
    configuration = _open_configuration(runtime, requested=requested)
    if configuration is None:
        return None
    contents = {_CONTENTS[kind] for kind in config.file_types}
    message = config.commit_message or f"Calibrated values of chip {chip_id}, execution {execution_id}"
    try:
        pushed = configuration.push(
            runtime.access(username, project_id),
            chip_id,
            contents=contents,
            file_names=config.params_file_names,
            message=message,
            branch=None if config.branch == GitHubPushConfig.branch else config.branch,
        )
    except QDashError as error:  # the calibration has ended, and its values are stored
        logger.warning("nothing pushed: %s", error)
        return {"error": str(error)}
    update = pushed.update
    for reason in pushed.left_out:
        logger.warning("not pushed: %s", reason)
    return {
        "commit": None if update is None else update.commit,
        "files": [] if update is None else list(update.files),
        "left_out": list(pushed.left_out),
    }


def _open_configuration(runtime: Runtime, *, requested: bool = False) -> ConfigurationService | None:
    """Return the service for the configuration folder, or None if the settings name no remote, which is logged."""
    configuration = QDash.from_runtime(runtime).get(CONFIGURATION)
    absent = "this is a dry run" if get_current_flow().previewing else configuration.explain_absence()
    if absent is not None:
        logger.log(logging.WARNING if requested else logging.INFO, "nothing pulled or pushed: %s", absent)
        return None
    return configuration
