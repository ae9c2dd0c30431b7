"""Settings of the files that users browse and edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_settings import NoDecode

from qdash_builtin.files.models.file_root import FileRoot, check_root_name, find_danger
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.urls import find_folder
from qdash_core.settings import TOML_FILE, FeatureSettings

if TYPE_CHECKING:
    from qdash_core.settings import Settings


def _parse_roots(roots: object) -> object:
    """Return roots, which the environment gives as JSON."""
    return parse_json(roots) if isinstance(roots, str) else roots


def _check_roots(roots: dict[str, FileRoot], info: ValidationInfo) -> dict[str, FileRoot]:
    private = list_private_paths(cast("Settings", info.context))
    for name in roots:
        if (danger := find_danger(check_root_name(name), roots, private)) is not None:
            raise ValueError(f"root {name} is refused: {danger}")
    return roots


def list_private_paths(settings: Settings) -> dict[str, Path]:
    """Return the files and folders of QDash on this machine that no root of files may reach, by their names in messages."""
    private = {"the home of QDash": settings.home}
    store = urlsplit(settings.store_url)
    if store.scheme == "sqlite":
        private["the store"] = Path(unquote(store.path.removeprefix("/"))).absolute()
    if (raw_data := find_folder(settings.artifacts_url)) is not None:
        private["the raw data"] = raw_data
    if Path(TOML_FILE).exists():
        private[TOML_FILE] = Path(TOML_FILE).absolute()
    return private


class FileSettings(FeatureSettings):
    """Folders of files."""

    file_roots: Annotated[
        dict[str, FileRoot], NoDecode, BeforeValidator(_parse_roots), AfterValidator(_check_roots)
    ] = Field(default={}, repr=False)
    """Folders that users browse and edit, by name; in the environment as JSON."""
