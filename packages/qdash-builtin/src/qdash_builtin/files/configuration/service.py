"""Service that pulls the configuration folder of the laboratory from its git remote, and pushes calibrated values to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from qdash_builtin.files.branch_names import check_branch_name
from qdash_builtin.files.configuration.settings import ConfigurationSettings
from qdash_core.errors import InvalidInputError
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_builtin.chips.calibration_notes import CalibrationNoteService
    from qdash_builtin.chips.service import ChipService
    from qdash_builtin.exchange.service import ExchangeService
    from qdash_builtin.files.git.checkout import FolderUpdate
    from qdash_builtin.files.git.folder import GitFolder
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.settings import Settings

Content = Literal["note", "parameters"]
"""Content of a push: the calibration note of the chip, or its values in the format of its backend."""

CONTENTS: tuple[Content, ...] = get_args(Content)


@dataclass(frozen=True, slots=True)
class PushResult:
    """Result of a push.

    Parameters
    ----------
    update : FolderUpdate or None
        The commit and its files, or None if there was nothing to push.
    left_out : tuple of str
        Contents that were left out, each with the reason.
    """

    update: FolderUpdate | None
    left_out: tuple[str, ...] = ()


class ConfigurationService:
    """Configuration folder of the settings."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        *,
        chips: ChipService,
        exchange: ExchangeService,
        notes: CalibrationNoteService,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._chips = chips
        self._exchange = exchange
        self._notes = notes

    def explain_absence(self) -> str | None:
        """Return which settings are missing for a pull or push, or None if all are there."""
        settings = self._settings.of(ConfigurationSettings)
        names = {
            "QDASH_CONFIG_FOLDER": settings.config_folder,
            "QDASH_CONFIG_REMOTE_URL": settings.config_remote_url,
        }
        if (settings.config_remote_url or "").startswith("http"):
            names |= {
                "QDASH_CONFIG_REMOTE_USER": settings.config_remote_user,
                "QDASH_CONFIG_REMOTE_TOKEN": settings.config_remote_token,
            }
        missing = [name for name, value in names.items() if not value]
        return f"no git remote of the configuration folder: set {' and '.join(missing)}" if missing else None

    def pull(self, access: Access, *, branch: str | None = None) -> FolderUpdate:
        """Update the configuration folder to the newest commit of a branch of its remote, by default that of the settings.

        Raises
        ------
        AccessDeniedError
            If the caller is no editor.
        InvalidInputError
            If a setting is missing, or the folder or the branch cannot be used.
        ConflictError
            If the folder and the remote were both changed. Nothing was changed by the pull.
        BackendError
            If the remote cannot be reached or refuses the credentials.
        """
        access.require(ProjectRole.EDITOR)
        return self._open(branch).pull()

    def push(
        self,
        access: Access,
        chip_id: str,
        *,
        contents: Collection[Content] = CONTENTS,
        file_names: Collection[str] | None = None,
        message: str | None = None,
        branch: str | None = None,
    ) -> PushResult:
        """Push the note and the values of a chip as one commit. The folder is pulled before.

        Parameters
        ----------
        access : Access
            The caller, an editor, who becomes the author of the commit.
        file_names : collection of str or None
            Only parameter files with these names, or None for all.
        message : str or None
            Message of the commit, or None for one that names the chip.
        branch : str or None
            The branch, or None for that of the settings.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        AccessDeniedError, InvalidInputError, ConflictError, BackendError
            As for `pull`. Nothing was pushed.
        """
        access.require(ProjectRole.EDITOR)
        if unknown := [name for name in contents if name not in CONTENTS]:
            raise InvalidInputError(
                f"{unknown[0]!r} is not a content of a push, which are {', '.join(CONTENTS)}{suggest(unknown[0], CONTENTS)}"
            )
        self._chips.get_header(access, chip_id)
        folder = self._open(branch)
        left_out: list[str] = []

        def make_files() -> dict[str, bytes]:
            left_out.clear()
            files: dict[str, bytes] = {}
            for content in (one for one in CONTENTS if one in contents):
                try:
                    files |= self._make_files(access, chip_id, content, file_names)
                except InvalidInputError as error:
                    left_out.append(f"{content}: {error}")
            return files

        update = folder.push(
            make_files, message=message or f"Calibrated values of chip {chip_id}", author=access.username
        )
        return PushResult(update if update.files else None, tuple(left_out))

    def _make_files(
        self, access: Access, chip_id: str, content: Content, names: Collection[str] | None
    ) -> dict[str, bytes]:
        """Return the files of a content by path in the folder; raise InvalidInputError if there are none."""
        if content == "note":
            note = self._notes.get_latest(access, chip_id).note
            text = json.dumps(note, indent=4, ensure_ascii=False, sort_keys=True)
            return {f"{chip_id}/calibration/calib_note.json": text.encode()}
        backend = self._registry.backend(self._chips.get_header(access, chip_id).backend)
        if backend.config_format is None:
            raise InvalidInputError(f"backend {backend.name} has no parameter files")
        files = self._exchange.export(access, chip_id, backend.config_format).files
        found = {
            path: text for path, text in files.items() if names is None or path.rpartition("/")[2] in names
        }
        if not found:
            raise InvalidInputError(
                f"{', '.join(names or ())}: no change; changed are {summarize_names(list(files), 5)}"
            )
        return found

    def _open(self, branch: str | None) -> GitFolder:
        from qdash_builtin.files.git.folder import GitFolder
        from qdash_builtin.files.git.remote import GitRemote

        settings = self._settings.of(ConfigurationSettings)
        try:
            name = check_branch_name(branch or settings.config_remote_branch)
        except ValueError as error:
            raise InvalidInputError(str(error)) from error
        if (absent := self.explain_absence()) is not None:
            raise InvalidInputError(absent)
        assert settings.config_folder is not None
        assert settings.config_remote_url is not None
        remote = GitRemote(
            settings.config_remote_url,
            name,
            settings.config_remote_user,
            settings.config_remote_token,
        )
        return GitFolder(settings.config_folder, remote)
