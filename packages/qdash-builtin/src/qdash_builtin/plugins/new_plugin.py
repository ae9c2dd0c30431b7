"""Making of a new plugin from the templates: real files, in which the name `my-plugin` is replaced."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.util import find_spec
from keyword import iskeyword
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.features.discovery import find_installed, normalize_name

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_REQUIRED = {
    "entity": ("qdash-builtin", "qdash-core"),
    "page": ("qdash-core", "qdash-ui-streamlit"),
    "request": ("qdash-core", "qdash-tasks"),
    "task": ("qdash-core", "qdash-tasks"),
}
"""Distributions that the templates of a kind need, if more than the core."""
_ENTRY_POINTS = dict.fromkeys(("entity", "feature"), "my_plugin:FEATURE")
"""Entry points of the kinds for which it is not the module."""


def list_kinds() -> list[str]:
    """Return the kinds of plugins that have a template."""
    folders = (one for one in _get_templates().iterdir() if one.is_dir() and one.name != "common")
    return sorted(one.name for one in folders if one.joinpath("my_plugin.py").is_file())


def make_plugin(kind: str, name: str, folder: Path) -> list[Path]:
    """Write the distribution of a new plugin into a new folder, and return its files.

    Raises
    ------
    InvalidInputError
        If the name is none of a plugin, or the name or the folder is taken.
    """
    module = _check_name(name)
    if folder.exists():
        raise InvalidInputError(f"{folder} exists: name another folder by --folder")
    texts = {
        **_read(_get_templates().joinpath("common")),
        **_read(_get_templates().joinpath(kind)),
    }
    folder.mkdir(parents=True)
    written = []
    for file, text in texts.items():
        path = folder / file.replace("my_plugin", module)
        path.write_text(_replace_name(text, kind, name, module), "utf-8")
        written.append(path)
    return written


def _check_name(name: str) -> str:
    """Return the name of the module of a plugin; raise an error if the name is invalid or taken."""
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or len(name) > 40 or iskeyword(module):
        raise InvalidInputError(
            f"{name!r} cannot be the name of a plugin: up to 40 lower-case letters, digits and '-', with a letter first"
        )
    for one in find_installed():
        if name in (one.name, normalize_name(one.distribution)):
            raise InvalidInputError(f"the name {name!r} is taken by {one.description}: choose another one")
    if find_spec(module) is not None:
        raise InvalidInputError(f"there is a module {module!r} already: choose another name")
    return module


def _replace_name(text: str, kind: str, name: str, module: str) -> str:
    words = name.split("-")
    required = ", ".join(f'"{one}"' for one in _REQUIRED.get(kind, ("qdash-core",)))
    for old, new in {
        "dependencies = []": f"dependencies = [{required}]",
        '= "my_plugin"': f'= "{_ENTRY_POINTS.get(kind, "my_plugin")}"',
        "MyPlugin": "".join(word.capitalize() for word in words),
        "My plugin": " ".join(words).capitalize(),
        "MY_PLUGIN": module.upper(),
        "my_plugin": module,
        "my-plugin": name,
    }.items():
        text = text.replace(old, new)
    return text


def _read(folder: Traversable) -> dict[str, str]:
    return {one.name: one.read_text("utf-8") for one in folder.iterdir() if one.is_file()}


def _get_templates() -> Traversable:
    return files("qdash_builtin").joinpath("plugins/plugin-templates")
