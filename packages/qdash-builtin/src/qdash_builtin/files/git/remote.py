"""Branch of a git remote: fetch and push with the credentials of the settings, never with those of the user's git."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dulwich.client import HTTPUnauthorized, default_urllib3_manager, get_transport_and_path
from dulwich.config import ConfigDict
from dulwich.errors import GitProtocolError, NotGitRepository
from dulwich.refs import Ref
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry

from qdash_core.errors import BackendError, InvalidInputError
from qdash_core.models.name_summary import summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dulwich.client import GitClient
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo

_HEADS = b"refs/heads/"
_TIMEOUT_S = 60.0
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = "unexpected http resp 403 "
_CONNECTION = re.compile(r"^HTTPS?Connection(Pool)?\([^)]*\): ")
_LOST_RACES = ("unable to set", "fetch first", "non-fast-forward", "failed to update ref")


@dataclass(frozen=True, slots=True)
class GitRemote:
    """A branch of a git repository, and the credentials for it.

    Parameters
    ----------
    url : str
        `https://`, `ssh://` or `file://`, without credentials.
    user, token : str or None
        Credentials for HTTPS, or None. SSH uses the keys of the user.
    """

    url: str
    branch: str = "main"
    user: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def ref(self) -> Ref:
        """Name of the branch in a repository."""
        return Ref(_HEADS + self.branch.encode())

    def fetch(self, repo: Repo) -> ObjectID:
        """Fetch the branch into a repository, and return its newest commit.

        Raises
        ------
        InvalidInputError
            If there is no such branch.
        BackendError
            If the remote cannot be reached or refuses the credentials.
        """
        with self._connect() as (client, path):
            refs = client.fetch(path, repo, determine_wants=self._select).refs
        found = refs.get(self.ref)
        if found is None:
            raise InvalidInputError(f"{self.url} has no branch {self.branch!r}{_list_branches(refs)}")
        return found

    def send(self, repo: Repo, base: ObjectID, commit: ObjectID) -> bool:
        """Push a commit; return whether the branch was still at the base, otherwise nothing was pushed.

        Raises
        ------
        BackendError
            As for `fetch`, or if the remote refuses the push.
        """
        at_base = False

        def update(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
            nonlocal at_base
            found = refs.get(self.ref)
            at_base = found == base
            return {self.ref: commit} if at_base else {self.ref: found} if found else {}

        with self._connect() as (client, path):
            result = client.send_pack(path.encode(), update, repo.object_store.generate_pack_data)
        refused = (result.ref_status or {}).get(self.ref)
        if at_base and refused and not any(text in refused for text in _LOST_RACES):
            raise BackendError(f"{self.url} refuses a push to branch {self.branch}: {refused}")
        return at_base and not refused

    def _select(self, refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
        del depth
        return [refs[self.ref]] if self.ref in refs else []

    @contextmanager
    def _connect(self) -> Iterator[tuple[GitClient, str]]:
        """Connect, and explain the errors of the block."""
        # An empty configuration, since that of the user may name other remotes, credentials and programs.
        config = ConfigDict()
        manager: Any = default_urllib3_manager(config, base_url=self.url, timeout=_TIMEOUT_S)
        # Only redirects are followed: urllib3 would repeat a failed request at once, and log a warning each time.
        manager.connection_pool_kw["retries"] = Retry(
            total=None, connect=0, read=0, redirect=5, status=0, other=0
        )
        over_http = self.url.startswith(("http://", "https://"))
        try:
            yield get_transport_and_path(
                self.url,
                config=config,
                username=self.user if over_http else None,
                password=self.token if over_http else None,
                pool_manager=manager if over_http else None,
                ssh_command=_SSH,
            )
        except HTTPUnauthorized as error:
            given = "these credentials" if self.token else "access without credentials"
            raise BackendError(f"{self.url} refuses {given}") from error
        except NotGitRepository as error:
            denied = ", or these credentials do not give access to it" if over_http else ""
            raise BackendError(f"{self.url} is not a git repository{denied}") from error
        except (GitProtocolError, HTTPError, OSError) as error:
            if isinstance(error, OSError) and error.errno in _FULL:
                raise BackendError(
                    f"no space left on this machine: nothing was exchanged with {self.url}"
                ) from error
            if _FORBIDDEN in str(error):
                raise BackendError(
                    f"{self.url} denied access (HTTP 403): check that the credentials may read and push"
                ) from error
            reason = _get_reason(error)
            if self.token:
                reason = reason.replace(self.token, "***")
            raise BackendError(f"{self.url} cannot be used: {reason or type(error).__name__}") from error
        finally:
            manager.clear()


def _get_reason(error: BaseException) -> str:
    """Return the message of an error; that of the first cause without urllib3's objects if no connection was possible."""
    cause = error.__cause__ if isinstance(error.__cause__, MaxRetryError) else error
    reason = cause.reason if isinstance(cause, MaxRetryError) and cause.reason else cause
    return _CONNECTION.sub("", str(reason))


def _list_branches(refs: Mapping[Ref, ObjectID | None]) -> str:
    names = sorted(name.removeprefix(_HEADS).decode() for name in refs if name.startswith(_HEADS))
    return f"; it has {summarize_names(names, 5)}" if names else ": it is empty"
