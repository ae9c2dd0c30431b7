"""Git work trees in which users commit, pull and push, with bare repositories on this machine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dulwich import porcelain
from dulwich.repo import Repo

from qdash_builtin.files.confined_folder import ConfinedFolder
from qdash_builtin.files.git import work_tree
from qdash_builtin.files.git.checkout import lock_repository
from qdash_builtin.files.git.remote import GitRemote
from qdash_builtin.files.git.work_tree import GitWorkTree
from qdash_core.errors import ConflictError, InvalidInputError, StoreError, StoreUnavailableError
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, machine_now, open_clock

from .remotes import add_commit, make_remote, read_remote

if TYPE_CHECKING:
    from pathlib import Path

    from dulwich.objects import Commit


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_remote(tmp_path / "remote.git", {b"a.yaml": b"a: 1\n", b"sub/b.yaml": b"b: 1\n"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "config"
    made.mkdir()
    return made


@pytest.fixture
def tree(folder: Path, bare: Path) -> GitWorkTree:
    """A work tree with the first commit of the remote."""
    made = GitWorkTree(ConfinedFolder(folder, "config"), GitRemote(bare.as_uri()))
    made.pull(author="anna")
    return made


def is_clean(folder: Path) -> bool:
    found = porcelain.status(str(folder))
    return not (any(found.staged.values()) or found.unstaged or found.untracked)


def list_changed(tree: GitWorkTree) -> dict[str, str]:
    return {one.path: one.change for one in tree.get_status().changed}


def test_changes_are_committed_in_the_name_of_their_author(
    tree: GitWorkTree, folder: Path, bare: Path
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    (folder / "sub/b.yaml").unlink()
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    assert list_changed(tree) == {"a.yaml": "changed", "run.sh": "added", "sub/b.yaml": "deleted"}
    first = tree.commit(["a.yaml"], message="Night 3", author="anna")
    assert first.files == ("a.yaml",)
    assert tree.commit([], message="rest", author="bob").files == ("run.sh", "sub/b.yaml")
    assert tree.commit([], message="nothing", author="bob").files == ()
    assert is_clean(folder)
    assert tree.get_status().unpushed == 2
    assert tree.push().files == ("a.yaml", "run.sh", "sub/b.yaml")
    assert tree.get_status().unpushed == 0
    assert read_remote(bare, "a.yaml") == b"a: 2\n"
    [newest, *_] = tree.list_commits("a.yaml", limit=5)
    assert (newest.commit, newest.author, newest.message) == (first.commit, "anna", "Night 3")
    assert tree.read("a.yaml", newest.commit) == b"a: 2\n"
    assert tree.read("run.sh", newest.commit) is None


def test_a_commit_has_the_time_of_the_machine_as_those_of_other_programs(
    tree: GitWorkTree, folder: Path, tmp_path: Path
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    SimulatedClock.create(tmp_path / CLOCK_FILE, datetime(2040, 1, 1, tzinfo=UTC))
    clock = open_clock(tmp_path)
    try:
        tree.commit([], message="tomorrow", author="anna")
    finally:
        close_clock(clock)
        close_clock(open_clock(tmp_path / "ordinary"))
    [newest, *_] = tree.list_commits("a.yaml", limit=1)
    assert abs(newest.at - machine_now()) < timedelta(minutes=1)


def test_an_unchanged_file_is_not_committed(tree: GitWorkTree) -> None:
    with pytest.raises(InvalidInputError, match=r"a\.yaml not changed since the last commit"):
        tree.commit(["a.yaml"], message="nothing", author="anna")


def test_ignored_files_are_no_changes(tree: GitWorkTree, folder: Path) -> None:
    (folder / ".gitignore").write_text("*.tmp\n")
    (folder / "x.tmp").touch()
    assert list_changed(tree) == {".gitignore": "added"}


def test_commits_of_both_sides_are_merged_if_no_file_is_in_both(
    tree: GitWorkTree, folder: Path, bare: Path
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    (folder / "sub/b.yaml").write_text("b: 2\n")
    tree.commit([], message="ours", author="anna")
    add_commit(bare, {b"c.yaml": b"c: 1\n", b"sub/b.yaml": b"b: 2\n"})
    with pytest.raises(ConflictError, match="pull first"):
        tree.push()
    assert tree.pull(author="bob").files == ("c.yaml",)
    assert [(folder / one).read_text() for one in ("a.yaml", "c.yaml", "sub/b.yaml")] == [
        "a: 2\n",
        "c: 1\n",
        "b: 2\n",
    ]
    assert is_clean(folder)
    tree.push()
    with Repo(bare) as repo:
        [entry] = repo.get_walker(max_entries=1)
        assert (entry.commit.author, len(entry.commit.parents)) == (b"bob <>", 2)
    assert read_remote(bare, "a.yaml") == b"a: 2\n"


def test_a_conflicting_pull_is_refused_with_the_files_and_changes_nothing(
    tree: GitWorkTree, folder: Path, bare: Path
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    ours = tree.commit([], message="ours", author="anna").commit
    add_commit(bare, {b"a.yaml": b"a: 3\n", b"c.yaml": b"c: 1\n"})
    with pytest.raises(
        ConflictError, match=r"a\.yaml changed in root config and in branch main .*nothing was"
    ):
        tree.pull(author="anna")
    assert (tree.get_status().commit, list_changed(tree)) == (ours, {})
    assert (folder / "a.yaml").read_text() == "a: 2\n"
    assert not (folder / "c.yaml").exists()
    (folder / "a.yaml").write_text("a: 1\n")
    tree.commit([], message="as it was", author="anna")
    assert tree.pull(author="anna").files == ("a.yaml", "c.yaml")
    assert (folder / "a.yaml").read_text() == "a: 3\n"


def test_a_file_and_a_folder_of_one_name_conflict(tree: GitWorkTree, folder: Path, bare: Path) -> None:
    (folder / "new").write_text("a file\n")
    tree.commit([], message="ours", author="anna")
    add_commit(bare, {b"new/c.yaml": b"c: 1\n"})
    with pytest.raises(ConflictError, match="new changed in root config"):
        tree.pull(author="anna")
    assert (folder / "new").read_text() == "a file\n"


def test_changes_that_are_not_committed_are_not_overwritten(
    tree: GitWorkTree, folder: Path, bare: Path
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    add_commit(bare, {b"a.yaml": b"a: 3\n"})
    with pytest.raises(ConflictError, match=r"a\.yaml changed here and in the commit"):
        tree.pull(author="anna")
    assert (folder / "a.yaml").read_text() == "a: 2\n"


def test_neither_hooks_nor_filters_run(tree: GitWorkTree, folder: Path, bare: Path, tmp_path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "pre-push", "post-checkout", "post-merge"):
        hook = folder / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        hook.chmod(0o755)
    with (folder / ".git/config").open("a") as config:
        config.write(f'[filter "bad"]\nclean = touch {tmp_path}/ran\nsmudge = touch {tmp_path}/ran\n')
        config.write(f"[core]\nfsmonitor = touch {tmp_path}/ran\nautocrlf = true\n")
    (folder / ".gitattributes").write_text("* filter=bad\n")
    (folder / "a.yaml").write_bytes(b"a: 2\r\n")
    tree.commit([], message="ours", author="anna")
    add_commit(bare, {b"c.yaml": b"c: 1\n"})
    tree.pull(author="anna")
    tree.push()
    assert read_remote(bare, "a.yaml") == b"a: 2\r\n"
    assert (folder / "c.yaml").read_bytes() == b"c: 1\n"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", [b"qdash.toml", b"sub/.git/config", b"sub/HEAD", b"..", b"c:x", b"a\\b"])
def test_files_of_the_remote_that_could_leave_the_root_are_refused(
    tree: GitWorkTree, folder: Path, bare: Path, name: bytes
) -> None:
    add_commit(bare, {name: b"home = '/'\n", b"c.yaml": b"c: 1\n"})
    with pytest.raises(InvalidInputError, match="which is not safe to write"):
        tree.pull(author="anna")
    assert not (folder / "c.yaml").exists()


def test_a_root_without_a_remote_commits_on_its_branch(folder: Path) -> None:
    Repo.init(folder, default_branch=b"night").close()
    tree = GitWorkTree(ConfinedFolder(folder, "config"), None)
    assert tree.get_status().commit is None
    (folder / "a.yaml").write_text("a: 1\n")
    assert tree.commit([], message="first", author="anna").files == ("a.yaml",)
    assert (tree.get_status().branch, is_clean(folder)) == ("night", True)
    with pytest.raises(InvalidInputError, match="has no git remote"):
        tree.pull(author="anna")


def test_a_damaged_repository_is_an_error_that_names_the_root(tree: GitWorkTree, folder: Path) -> None:
    for one in (folder / ".git/objects").rglob("*"):
        if one.is_file():
            one.chmod(0o600)
            one.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="root config: its git repository is damaged"):
        tree.get_status()


def test_a_folder_with_files_and_without_git_is_refused(folder: Path, bare: Path) -> None:
    (folder / "mine.txt").touch()
    tree = GitWorkTree(ConfinedFolder(folder, "config"), GitRemote(bare.as_uri()))
    with pytest.raises(InvalidInputError, match="is no git work tree"):
        tree.pull(author="anna")


def test_a_missing_folder_is_not_created_by_a_pull(folder: Path, bare: Path) -> None:
    folder.rmdir()
    tree = GitWorkTree(ConfinedFolder(folder, "config"), GitRemote(bare.as_uri()))
    with pytest.raises(StoreUnavailableError, match="root config cannot be opened"):
        tree.pull(author="anna")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/main.lock"])
def test_a_commit_during_another_git_program_is_refused(tree: GitWorkTree, folder: Path, name: str) -> None:
    before = tree.get_status().commit
    (folder / "a.yaml").write_text("a: 2\n")
    (folder / ".git" / name).touch()
    with pytest.raises(StoreUnavailableError, match="another git program") as caught:
        tree.commit([], message="mine", author="anna")
    assert str(folder) not in str(caught.value)
    assert tree.get_status().commit == before
    (folder / ".git" / name).unlink()
    assert tree.commit([], message="mine", author="anna").files == ("a.yaml",)
    assert is_clean(folder)


def test_a_commit_by_git_at_the_same_time_stays(
    tree: GitWorkTree, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made after the newest commit was read, and before the branch is moved."""
    (folder / "a.yaml").write_text("a: 2\n")
    real, theirs = work_tree.add_commit, []

    def commit_first(repo: Repo, *given: Any, **options: Any) -> Commit:
        parent = repo.refs[b"refs/heads/main"]
        theirs.append(real(repo, [parent], {}, message="theirs", author="bob").id)
        repo.refs[b"refs/heads/main"] = theirs[0]
        return real(repo, *given, **options)

    monkeypatch.setattr(work_tree, "add_commit", commit_first)
    with pytest.raises(ConflictError, match="another program made a commit"):
        tree.commit([], message="mine", author="anna")
    assert tree.get_status().commit == theirs[0].decode()
    assert list_changed(tree) == {"a.yaml": "changed"}


def test_a_file_replaces_a_folder_and_a_folder_a_file(tree: GitWorkTree, folder: Path) -> None:
    (folder / "sub/b.yaml").unlink()
    (folder / "sub").rmdir()
    (folder / "sub").write_text("a file\n")
    (folder / "a.yaml").unlink()
    (folder / "a.yaml").mkdir()
    (folder / "a.yaml/c.yaml").write_text("c: 1\n")
    tree.commit([], message="swapped", author="anna")
    assert is_clean(folder)
    assert list_changed(tree) == {}
    [newest, *_] = tree.list_commits("sub", limit=1)
    assert tree.read("sub", newest.commit) == b"a file\n"
    assert tree.read("a.yaml/c.yaml", newest.commit) == b"c: 1\n"
    assert tree.read("a.yaml", newest.commit) is None


def test_a_file_that_is_changed_after_its_commit_was_read_is_changed(
    tree: GitWorkTree, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.yaml").write_text("a: 2\n")
    real = work_tree.add_commit

    def change_then_commit(*given: Any, **options: Any) -> Commit:
        (folder / "a.yaml").write_text("a: 3\n")
        return real(*given, **options)

    monkeypatch.setattr(work_tree, "add_commit", change_then_commit)
    commit = tree.commit([], message="mine", author="anna").commit
    assert tree.read("a.yaml", commit) == b"a: 2\n"
    assert list_changed(tree) == {"a.yaml": "changed"}


def set_time(path: Path, at_ns: int) -> None:
    os.utime(path, ns=(at_ns, at_ns))


def test_a_change_within_one_tick_of_the_file_system_is_seen(tree: GitWorkTree, folder: Path) -> None:
    """The file keeps its size and its time, which is that of the index too."""
    file, index = folder / "a.yaml", folder / ".git/index"
    tick_ns = file.stat().st_mtime_ns
    set_time(index, tick_ns)
    file.write_text("a: 2\n")
    set_time(file, tick_ns)
    assert list_changed(tree) == {"a.yaml": "changed"}
    (folder / "sub/b.yaml").write_text("b: 2\n")
    tree.commit(["sub/b.yaml"], message="of another file", author="anna")
    assert index.stat().st_mtime_ns > tick_ns
    for contents in ("a: 2\n", ""):
        file.write_text(contents)
        set_time(file, tick_ns)
        assert list_changed(tree) == {"a.yaml": "changed"}
        assert not is_clean(folder)


def test_a_change_after_its_commit_was_read_is_seen_within_one_tick(
    tree: GitWorkTree, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.yaml"
    tick_ns = file.stat().st_mtime_ns + 10**12
    file.write_text("a: 2\n")
    set_time(file, tick_ns)
    real = work_tree.add_commit

    def change_then_commit(*given: Any, **options: Any) -> Commit:
        file.write_text("a: 3\n")
        set_time(file, tick_ns)
        return real(*given, **options)

    monkeypatch.setattr(work_tree, "add_commit", change_then_commit)
    tree.commit([], message="mine", author="anna")
    set_time(folder / ".git/index", tick_ns + 1)
    assert list_changed(tree) == {"a.yaml": "changed"}


def test_a_large_file_with_a_new_time_is_unchanged(tree: GitWorkTree, folder: Path, bare: Path) -> None:
    large = folder / "large.bin"
    with large.open("wb") as file:
        file.truncate(65 * 2**20)
    with Repo(folder) as repo:
        repo.get_worktree().stage(["large.bin"])
        repo.get_worktree().commit(message=b"large", author=b"anna <>", committer=b"anna <>")
    os.utime(large, (1, 1))
    assert list_changed(tree) == {}
    with large.open("ab") as file:
        file.write(b"x")
    assert list_changed(tree) == {"large.bin": "changed"}


def test_the_state_can_be_read_during_a_pull(tree: GitWorkTree, folder: Path) -> None:
    with lock_repository(folder), ThreadPoolExecutor(1) as pool:
        assert pool.submit(tree.get_status).result(60).branch == "main"
        assert pool.submit(tree.list_commits, "a.yaml", limit=1).result(60)


@pytest.mark.parametrize("pattern", ["a*a*a*a*a*a*b", "x/**/a*a*/**/a*/**/b*c*d", "!" + "*a" * 9])
def test_patterns_that_would_be_matched_for_hours_are_refused(
    tree: GitWorkTree, folder: Path, pattern: str
) -> None:
    (folder / ("a" * 255)).touch()
    (folder / "sub/.gitignore").write_text(f"*.tmp\n{pattern}\n")
    (folder / "sub/new").touch()
    with pytest.raises(InvalidInputError, match=r"config:sub/\.gitignore, line 2: the pattern has too many"):
        tree.get_status()


def test_usual_patterns_are_accepted(tree: GitWorkTree, folder: Path) -> None:
    (folder / ".gitignore").write_text(
        "# * * * * * * *\n**/*.egg-info/**\n.*.sw?\n*-*-*.log\n/*/*/*/*/*/*.tmp\n"
    )
    (folder / "x-y-z.log").touch()
    assert list_changed(tree) == {".gitignore": "added"}


def test_patterns_in_a_pipe_are_not_read(tree: GitWorkTree, folder: Path) -> None:
    os.mkfifo(folder / ".gitignore")
    (folder / "new").touch()
    with pytest.raises(InvalidInputError, match="a symbolic link or a device"):
        tree.get_status()


def test_files_that_became_links_are_not_deleted_by_a_commit(
    tree: GitWorkTree, folder: Path, tmp_path: Path
) -> None:
    """A backup by hard links gives every file a second one."""
    (tmp_path / "backup").hardlink_to(folder / "a.yaml")
    (folder / "sub").rename(tmp_path / "elsewhere")
    (folder / "sub").symlink_to(tmp_path / "elsewhere")
    assert list_changed(tree) == {}
    assert tree.commit([], message="all", author="anna").files == ()
    (folder / "a.yaml").unlink()
    assert list_changed(tree) == {"a.yaml": "deleted"}
