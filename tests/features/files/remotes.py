"""Bare repositories on this machine, as remotes of configuration folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dulwich import porcelain
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, Tree
from dulwich.repo import Repo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dulwich.objects import ObjectID


def make_remote(folder: Path, files: Mapping[bytes, bytes], mode: int = 0o100644) -> Path:
    """Make a bare repository with one commit of files on branch `main`."""
    Repo.init_bare(folder, mkdir=True, default_branch=b"main").close()
    add_commit(folder, files, mode)
    return folder


def add_commit(bare: Path, files: Mapping[bytes, bytes], mode: int = 0o100644) -> None:
    """Add a commit of files, with any names and modes, to branch `main` of a bare repository."""
    with Repo(bare) as repo:
        parent = repo.refs.as_dict().get(b"refs/heads/main")  # type: ignore[call-overload]
        tree: Tree | ObjectID = repo[parent].tree if parent else Tree()  # type: ignore[attr-defined]
        blobs = [(name, Blob.from_string(contents)) for name, contents in files.items()]
        for _, blob in blobs:
            repo.object_store.add_object(blob)
        repo.object_store.add_object(Tree())
        commit = Commit()
        commit.tree = commit_tree_changes(
            repo.object_store, tree, [(name, mode, blob.id) for name, blob in blobs]
        )
        commit.parents = [parent] if parent else []
        commit.author = commit.committer = b"laboratory <>"
        commit.author_time = commit.commit_time = 1_700_000_000
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"by hand"
        repo.object_store.add_object(commit)
        repo.refs[b"refs/heads/main"] = commit.id  # type: ignore[index]


def read_remote(bare: Path, path: str) -> bytes:
    """Return the contents of a file of the newest commit."""
    with Repo(bare) as repo:
        return porcelain.get_object_by_path(repo, path).as_raw_string()
