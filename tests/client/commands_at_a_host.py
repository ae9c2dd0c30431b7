"""Commands on a machine beside a host."""

from __future__ import annotations

import io
from itertools import count
from typing import TYPE_CHECKING

from qdash_builtin.people.feature import TOKENS
from qdash_cli.main import run
from qdash_core.models.token import TokenScope

from ..user_settings import remove_settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ..api import sockets

_NUMBERS = count(1)


class Terminal(io.StringIO):
    """Standard input of a terminal."""

    def isatty(self) -> bool:
        return True


class Commands:
    """Commands of a user on a machine beside a host."""

    def __init__(
        self, host: sockets.Sockets, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.host = host
        self.url = f"http://{host.address[0]}:{host.address[1]}"
        self._patch = patch
        self._capture = capture

    def run(self, *arguments: str, given: str = "") -> tuple[int, str, str]:
        """Run a command with a text on standard input, and return its status and both outputs."""
        return self._run(io.StringIO(given), arguments)

    def run_with_password(self, password: str, *arguments: str) -> tuple[int, str, str]:
        """Run a command on a terminal, where the user types a password."""
        self._patch.setattr("click.termui.hidden_prompt_func", lambda _: password)
        return self._run(Terminal(), arguments)

    def _run(self, given: io.StringIO, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        self._patch.setattr("sys.stdin", given)
        status = run([*arguments])
        said = self._capture.readouterr()
        return status, said.out, said.err

    def does(self, *arguments: str, given: str = "") -> str:
        """Run a command that must succeed, and return its output."""
        status, out, error = self.run(*arguments, given=given)
        assert status == 0, error
        return out

    def make_token(self, username: str) -> str:
        """Return the secret of a new token."""
        name = f"token-{next(_NUMBERS)}"
        return self.host.host.qdash.get(TOKENS).create(username, name, scope=TokenScope.ADMIN)[0]

    def log_in(self, username: str = "editor", *, name: str = "lab") -> str:
        """Log in by a token."""
        token = self.make_token(username)
        return self.does("login", self.url, "--token-stdin", "--name", name, given=f"{token}\n")


def make_commands(
    host: sockets.Sockets, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> Commands:
    """Return commands of a user without settings, profiles and keyring."""
    remove_settings(patch, folder)
    patch.setenv("XDG_CONFIG_HOME", str(folder / "configuration"))
    patch.setenv("QDASH_HOME", str(folder / "home"))
    patch.setenv("COLUMNS", "200")
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return Commands(host, patch, capture)
