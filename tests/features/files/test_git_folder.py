"""Folders that follow a branch of a git remote, with bare repositories on this machine."""

from __future__ import annotations

import base64
import errno
import gc
import shutil
import threading
import warnings
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from qdash_builtin.files.confined_folder import ConfinedFolder
from qdash_builtin.files.git.folder import GitFolder
from qdash_builtin.files.git.remote import GitRemote
from qdash_core.errors import BackendError, ConflictError, InvalidInputError

from .remotes import add_commit, make_remote, read_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T1 = "params/64Q/t1.yaml"


class Colleague:
    """A second clone of the remote, in which a person works with git."""

    def __init__(self, folder: Path, bare: Path) -> None:
        self.folder = folder
        porcelain.clone(str(bare), str(folder), errstream=porcelain.NoneStream()).close()

    def commit(self, files: Mapping[str, str | None]) -> None:
        """Commit files; None removes one."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        with Repo(self.folder) as repo:
            repo.get_worktree().stage(list(files))
            repo.get_worktree().commit(message=b"by hand", author=b"colleague <>", committer=b"colleague <>")

    def push(self, files: Mapping[str, str | None]) -> None:
        """Commit and push files on top of the remote branch."""
        none = porcelain.NoneStream()
        porcelain.pull(str(self.folder), outstream=none, errstream=none)
        self.commit(files)
        porcelain.push(str(self.folder), outstream=none, errstream=none)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_remote(tmp_path / "remote.git", {T1.encode(): b"Q00: 31.5\n"})


@pytest.fixture
def colleague(tmp_path: Path, bare: Path) -> Colleague:
    return Colleague(tmp_path / "colleague", bare)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def ours(folder: Path, bare: Path) -> GitFolder:
    return GitFolder(folder, GitRemote(bare.as_uri()))


def make(files: Mapping[str, bytes]) -> Callable[[], Mapping[str, bytes]]:
    return lambda: files


def is_clean(folder: Path) -> bool:
    found = porcelain.status(str(folder))
    return not (any(found.staged.values()) or found.unstaged)


def test_a_pull_into_a_missing_folder_clones_the_branch(ours: GitFolder, folder: Path) -> None:
    pulled = ours.pull()
    assert pulled.files == (T1,)
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    assert is_clean(folder)
    assert ours.pull() == type(pulled)(pulled.commit, ())


def test_a_pull_changes_adds_and_removes_files_and_keeps_others(
    ours: GitFolder, folder: Path, colleague: Colleague
) -> None:
    ours.pull()
    (folder / "notes.txt").write_text("mine")
    colleague.push({T1: "Q00: 40\n", "config/chip.yaml": "64Q: {}\n"})
    assert ours.pull().files == ("config/chip.yaml", T1)
    colleague.push({"config/chip.yaml": None})
    ours.pull()
    assert (folder / T1).read_text() == "Q00: 40\n"
    assert not (folder / "config/chip.yaml").exists()
    assert (folder / "notes.txt").read_text() == "mine"
    assert is_clean(folder)


def test_a_file_replaces_a_folder_and_a_folder_a_file(
    ours: GitFolder, folder: Path, colleague: Colleague
) -> None:
    colleague.push({"params/64Q/deep/t2.yaml": "Q00: 12\n", "chip": "64Q\n"})
    ours.pull()
    (folder / "params/empty").mkdir()
    colleague.commit({T1: None, "params/64Q/deep/t2.yaml": None, "chip": None})
    shutil.rmtree(colleague.folder / "params", ignore_errors=True)
    colleague.push({"params": "none\n", "chip/64Q.yaml": "64Q: {}\n"})
    ours.pull()
    assert (folder / "params").read_text() == "none\n"
    assert (folder / "chip/64Q.yaml").read_text() == "64Q: {}\n"
    assert is_clean(folder)


def test_a_folder_with_a_file_of_its_own_is_not_replaced(
    ours: GitFolder, folder: Path, colleague: Colleague
) -> None:
    ours.pull()
    (folder / "params/notes.txt").write_text("mine")
    colleague.commit({T1: None})
    shutil.rmtree(colleague.folder / "params", ignore_errors=True)
    colleague.push({"params": "none\n"})
    with pytest.raises(ConflictError, match="params changed here and in the commit"):
        ours.pull()
    assert (folder / "params/notes.txt").read_text() == "mine"
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    (folder / "params/notes.txt").unlink()
    ours.pull()
    assert (folder / "params").read_text() == "none\n"


def test_files_that_were_changed_on_both_sides_are_refused_and_stay(
    ours: GitFolder, folder: Path, colleague: Colleague
) -> None:
    ours.pull()
    (folder / T1).write_text("Q00: 99\n")
    colleague.push({T1: "Q00: 40\n", "new.yaml": "a: 1\n"})
    with pytest.raises(ConflictError, match=r"params/64Q/t1\.yaml changed here and in the commit"):
        ours.pull()
    assert (folder / T1).read_text() == "Q00: 99\n"
    assert not (folder / "new.yaml").exists()
    (folder / T1).write_text("Q00: 31.5\n")
    assert ours.pull().files == ("new.yaml", T1)


def test_commits_that_the_remote_does_not_have_are_refused(
    ours: GitFolder, folder: Path, bare: Path, colleague: Colleague
) -> None:
    colleague.commit({"mine.yaml": "a: 1\n"})
    with pytest.raises(ConflictError, match="has commits that are not in branch main"):
        GitFolder(colleague.folder, GitRemote(bare.as_uri())).pull()
    assert (colleague.folder / "mine.yaml").exists()


def test_a_folder_with_files_and_without_git_is_refused(ours: GitFolder, folder: Path) -> None:
    folder.mkdir()
    (folder / "chip.yaml").write_text("mine")
    with pytest.raises(InvalidInputError, match="has files but is no git work tree"):
        ours.pull()
    assert [path.name for path in folder.iterdir()] == ["chip.yaml"]


def test_a_folder_on_another_branch_is_refused(ours: GitFolder, folder: Path, bare: Path) -> None:
    ours.pull()
    with pytest.raises(InvalidInputError, match="is not on branch night"):
        GitFolder(folder, GitRemote(bare.as_uri(), "night")).pull()


def test_a_missing_branch_is_refused_with_those_that_exist(folder: Path, bare: Path) -> None:
    with pytest.raises(InvalidInputError, match="has no branch 'night'; it has main"):
        GitFolder(folder, GitRemote(bare.as_uri(), "night")).pull()


@pytest.mark.parametrize("url", ["file:///nowhere/remote.git", "http://127.0.0.1:9/remote.git"])
def test_a_missing_remote_is_an_error_that_names_it(folder: Path, url: str) -> None:
    with pytest.raises(BackendError, match=url):
        GitFolder(folder, GitRemote(url)).pull()


def test_a_push_is_one_commit_of_its_author(ours: GitFolder, folder: Path, bare: Path) -> None:
    files = {T1: b"Q00: 42\n", "64Q/calibration/calib_note.json": b"{}"}
    pushed = ours.push(make(files), message="Night 3", author="anna")
    assert pushed.files == ("64Q/calibration/calib_note.json", T1)
    for path, contents in files.items():
        assert read_remote(bare, path) == contents == (folder / path).read_bytes()
    with Repo(bare) as repo:
        [entry] = repo.get_walker(max_entries=1)
        assert (entry.commit.author, entry.commit.message) == (b"anna <>", b"Night 3")
        assert len(entry.commit.parents) == 1
    assert is_clean(folder)
    assert ours.push(make(files), message="again", author="anna").files == ()


def test_a_push_goes_onto_what_others_pushed_meanwhile(
    ours: GitFolder, folder: Path, bare: Path, colleague: Colleague
) -> None:
    calls = []

    def make_files() -> dict[str, bytes]:
        calls.append((folder / T1).read_text())
        if len(calls) == 1:
            colleague.push({"theirs.yaml": "b: 2\n", T1: "# a comment\nQ00: 31.5\n"})
        return {T1: calls[-1].replace("31.5", "42").encode()}

    ours.push(make_files, message="Night 3", author="anna")
    assert calls == ["Q00: 31.5\n", "# a comment\nQ00: 31.5\n"]
    assert read_remote(bare, T1) == b"# a comment\nQ00: 42\n"
    assert read_remote(bare, "theirs.yaml") == b"b: 2\n"


def test_a_push_of_a_file_that_was_changed_in_the_folder_is_refused(
    ours: GitFolder, folder: Path, bare: Path
) -> None:
    ours.pull()
    (folder / T1).write_text("Q00: 99\n")
    with pytest.raises(ConflictError, match="changed here and in the commit"):
        ours.push(make({T1: b"Q00: 42\n"}), message="Night 3", author="anna")
    assert (folder / T1).read_text() == "Q00: 99\n"
    assert read_remote(bare, T1) == b"Q00: 31.5\n"


def test_a_pull_completes_one_that_was_interrupted(
    ours: GitFolder, folder: Path, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.pull()
    colleague.push({"a.yaml": "a: 1\n", T1: "Q00: 40\n"})
    with monkeypatch.context() as patch:
        # Files are written in order of path: the power fails at the second.
        real = ConfinedFolder.write
        written: list[tuple[str, ...]] = []

        def fail_later(
            files: ConfinedFolder, parts: tuple[str, ...], contents: bytes, *, mode: int | None = None
        ) -> None:
            written.append(parts)
            if len(written) == 2:
                raise KeyboardInterrupt
            real(files, parts, contents, mode=mode)

        patch.setattr(ConfinedFolder, "write", fail_later)
        with pytest.raises(KeyboardInterrupt):
            ours.pull()
    assert (folder / "a.yaml").exists()
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    assert ours.pull().files == ("a.yaml", T1)
    assert (folder / T1).read_text() == "Q00: 40\n"
    assert is_clean(folder)


@pytest.mark.parametrize(
    ("name", "mode", "said"),
    [
        (b"link.yaml", 0o120000, "is a symbolic link or a submodule"),
        (b"..", 0o100644, "not safe"),
        (b".GIT", 0o100644, "not safe"),
        (b"a\\b", 0o100644, "not safe"),
        (b"\xe9.yaml", 0o100644, r"a file '\\udce9.yaml', which is not safe"),
    ],
)
def test_paths_that_leave_the_folder_are_refused(
    ours: GitFolder, folder: Path, bare: Path, name: bytes, mode: int, said: str
) -> None:
    add_commit(bare, {name: b"/etc/passwd"}, mode)
    with pytest.raises(InvalidInputError, match=said):
        ours.pull()
    assert [path.name for path in folder.iterdir()] == [".git"]


def test_a_folder_below_a_symbolic_link_is_not_written_to(
    ours: GitFolder, folder: Path, colleague: Colleague, tmp_path: Path
) -> None:
    ours.pull()
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / "params", elsewhere)
    (folder / "params").symlink_to(elsewhere)
    colleague.push({T1: "Q00: 40\n"})
    with pytest.raises(InvalidInputError, match="symbolic link"):
        ours.pull()
    assert (elsewhere / "64Q/t1.yaml").read_text() == "Q00: 31.5\n"


def test_hooks_of_the_folder_never_run(ours: GitFolder, folder: Path, tmp_path: Path) -> None:
    ours.pull()
    for name in ("pre-commit", "post-commit", "pre-push", "post-checkout", "post-merge", "commit-msg"):
        hook = folder / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        hook.chmod(0o755)
    ours.push(make({T1: b"Q00: 42\n"}), message="Night 3", author="anna")
    assert not (tmp_path / "ran").exists()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        """Print nothing."""


@pytest.fixture
def over_http(bare: Path) -> Iterator[str]:
    """Serve the bare repository by HTTP to user `qdash`; yield its URL.

    `secret-token` permits everything, `read-token` only reading.
    """
    wanted, reading = (
        f"Basic {base64.b64encode(b'qdash:' + token).decode()}" for token in (b"secret-token", b"read-token")
    )
    with Repo(bare) as repo:
        inner = make_wsgi_chain(DictBackend({"/remote.git": repo}))

        def serve(environ, start_response):  # type: ignore[no-untyped-def]
            sent = environ.get("HTTP_AUTHORIZATION")
            if sent == reading and "receive-pack" in environ["PATH_INFO"] + environ["QUERY_STRING"]:
                start_response("403 Forbidden", [])
                return [b""]
            if sent not in (wanted, reading):
                start_response("401 Unauthorized", [("WWW-Authenticate", "Basic")])
                return [b"secret-token is not what you sent"]
            return inner(environ, start_response)

        server = make_server("127.0.0.1", 0, serve, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/remote.git"
        server.shutdown()
        thread.join()
        server.server_close()


def test_credentials_open_a_remote_by_http(over_http: str, folder: Path, bare: Path) -> None:
    ours = GitFolder(folder, GitRemote(over_http, user="qdash", token="secret-token"))
    assert ours.pull().files == (T1,)
    ours.push(make({T1: b"Q00: 42\n"}), message="Night 3", author="anna")
    assert read_remote(bare, T1) == b"Q00: 42\n"
    written = [path.read_bytes() for path in (folder / ".git").rglob("*") if path.is_file()]
    assert not any(b"secret-token" in contents for contents in written)


def test_a_full_disk_is_not_blamed_on_the_remote(
    ours: GitFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dulwich.client.LocalGitClient.fetch", fill)
    with pytest.raises(BackendError, match="no space left on this machine: nothing was exchanged"):
        ours.pull()
    monkeypatch.undo()
    assert ours.pull().files == (T1,)
    assert is_clean(folder)


def test_a_push_that_the_token_does_not_permit_is_refused(over_http: str, folder: Path, bare: Path) -> None:
    ours = GitFolder(folder, GitRemote(over_http, user="qdash", token="read-token"))
    ours.pull()
    with pytest.raises(BackendError, match=r"HTTP 403.*may read and push"):
        ours.push(make({T1: b"Q00: 42\n"}), message="Night 3", author="anna")
    assert (folder / T1).read_bytes() == read_remote(bare, T1) == b"Q00: 31.5\n"


def test_an_unreachable_remote_is_one_message_with_the_reason(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remote = GitRemote("https://127.0.0.1:9/remote.git", user="qdash", token="secret-token")
    with pytest.raises(BackendError) as refused:
        GitFolder(folder, remote).pull()
    said = "https://127.0.0.1:9/remote.git cannot be used: Failed to establish a new connection: [Errno 111]"
    assert str(refused.value).startswith(said)
    assert not caplog.records


@pytest.mark.parametrize(
    ("token", "said"), [("wrong-token", "refuses these credentials"), (None, "refuses access without")]
)
def test_refused_credentials_are_told_without_the_token(
    over_http: str, folder: Path, token: str | None, said: str
) -> None:
    remote = GitRemote(over_http, user=token and "qdash", token=token)
    with pytest.raises(BackendError, match=said) as refused:
        GitFolder(folder, remote).pull()
    assert "token" not in str(refused.value)
    assert "wrong" not in repr(remote)
    del refused
    with warnings.catch_warnings():
        # dulwich leaves the connection of a refusal open until it is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
