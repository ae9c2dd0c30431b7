"""Settings of the configuration folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from qdash_builtin.files.branch_names import check_branch_name
from qdash_builtin.files.git_remotes import check_git_remote
from qdash_core.parsing.paths import make_absolute
from qdash_core.settings import FeatureSettings


class ConfigurationSettings(FeatureSettings):
    """Configuration folder, and the git remote that it follows."""

    config_folder: Annotated[Path, AfterValidator(make_absolute)] | None = None
    """Configuration folder of the laboratory, which follows a git remote."""
    config_remote_url: Annotated[str | None, AfterValidator(check_git_remote)] = None
    """Git remote of the configuration folder, `https://`, `ssh://` or `file://`, without credentials."""
    config_remote_branch: Annotated[str, AfterValidator(check_branch_name)] = "main"
    """Branch of the git remote."""
    config_remote_user: str | None = Field(default=None, repr=False)
    """User at the git remote, for `https://`; `ssh://` uses the keys of the user."""
    config_remote_token: str | None = Field(default=None, repr=False)
    """Password or access token of this user, neither stored nor logged."""
