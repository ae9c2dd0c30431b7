"""Pages of a host with a folder, a git work tree and a folder of others below its roots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from dulwich import porcelain

from qdash_builtin.files.feature import FILES
from qdash_builtin.files.pages import files
from qdash_builtin.files.pages.file_place import FilePlace
from qdash_core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from ....ui.conftest import DashboardPages

TEXT = "Q00: 31.5\n"


@dataclass(frozen=True)
class FilePages:
    """Files page on one host, and its folders.

    Parameters
    ----------
    pages : DashboardPages
        Pages.
    lab : Path
        Folder of root `lab`.
    config : Path
        Git work tree of root `config`.
    """

    pages: DashboardPages
    lab: Path
    config: Path

    def draw(self, username: str = "editor", /, **params: str) -> AppTest:
        """Return the page of a user at an address, drawn once."""
        return self.pages.page(files.render, username, **params)

    def make_place(self, path: str, username: str = "editor", root: str = "lab") -> FilePlace:
        """Return a place of a user."""
        from qdash_builtin.files.operations import list_file_roots

        view = self.pages.view(username)
        (found,) = (one for one in view.every(list_file_roots) if one.name == root)
        return FilePlace(view, found, path)

    def list_versions(self, path: str, root: str = "lab") -> list[tuple[str, str, str]]:
        """Return change, author and reason of each version of a file, the newest first."""
        from qdash_core.models.pages import PageRequest

        qdash = self.pages.qdash
        page = qdash.get(FILES).list_versions(qdash.access("viewer"), root, path, PageRequest())
        return [(str(one.change), one.username, one.reason) for one in page.items]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    roots: dict[str, Any] = {
        name: {"path": str(tmp_path / name), "projects": ["default"]} for name in ("lab", "config", "gone")
    }
    roots["secret"] = {"path": str(tmp_path / "secret"), "projects": ["other"]}
    lab, config = tmp_path / "lab", tmp_path / "config"
    (lab / "params").mkdir(parents=True)
    (lab / "params/t1.yaml").write_text(TEXT, "utf-8")
    config.mkdir()
    (tmp_path / "secret").mkdir()
    (config / "chip.toml").write_text("qubits = 4\n", "utf-8")
    porcelain.init(config)
    porcelain.add(config, ["chip.toml"])
    porcelain.commit(config, b"first", author=b"a <a@b>", committer=b"a <a@b>")
    return Settings(home=tmp_path / "home", file_roots=roots)


@pytest.fixture
def file_pages(dashboard_pages: DashboardPages, tmp_path: Path) -> FilePages:
    return FilePages(dashboard_pages, tmp_path / "lab", tmp_path / "config")
