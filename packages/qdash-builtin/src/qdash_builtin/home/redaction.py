"""Removal of secrets, addresses, paths and names from a text that becomes public."""

from __future__ import annotations

import getpass
import os
import re
import socket
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.settings import TOML_FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_VARIABLES = re.compile(r"^(QDASH|PREFECT)_|(TOKEN|KEY|SECRET|PASSWORD|URL)$", re.IGNORECASE)
"""Names of variables whose values may be secrets."""
_OPEN_VARIABLES = {"QDASH_BLOCK_PLUGINS", "QDASH_LOG_LEVEL"}
_NUMBER = re.compile(r"[\d.+-]{0,5}|true|false", re.IGNORECASE)
_END = r"[^\s'\"<>,;()]"
_URL = re.compile(rf"\b([a-zA-Z][a-zA-Z0-9+.-]*)://(?:<[^>]*>|{_END})*")
_ROOT = r"(?:(?:~[\w.-]*)?/|[a-zA-Z]:\\|\\\\)"
_PATH = re.compile(
    rf"(?<=')(?={_ROOT})[^'\n]+(?=')|(?<=\")(?={_ROOT})[^\"\n]+(?=\")"
    rf"|(?<![\w.~<>/\\-])(?!(?<=:)//){_ROOT}{_END}+(?: {_END}*[/\\]{_END}+)*"
)
"""Absolute path: in quotes as a whole, elsewhere with the words after a space that have a separator, too."""
_TOKEN = re.compile(
    r"(?i:\b(?:bearer|basic) +)[^\s'\",;]+"
    r"|\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|sk-|hf_|AKIA|eyJ|qdash_(?=[\w-]{30}))[\w.-]{12,}"
)
"""Token in a header, or with the prefix of a common service or of QDash."""
_HOST_ENDS = "internal|intranet|local|localdomain|localhost|lan|home|corp|private|com|edu|gov|io|net|org"
_ADDRESS = re.compile(
    r"[^\s@'\"<>(),;]+@[^\s@'\"<>(),;]+"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)(?::\d+)?"
    r"|(?<![\w:])(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::[0-9a-fA-F:]+)(?!\w)"
    r"|(?<![\w.-])(?:[a-zA-Z][\w.-]*:\d{2,5}\b|(?:[a-zA-Z0-9-]+\.)+(?:"
    + _HOST_ENDS
    + r"|(?!db|md|py|sh|so)[a-z]{2})(?![\w-]))"
)
"""Address of mail or of a machine: by number, with a port, or with the end of a domain."""


def redact(text: str, *, known: Collection[str]) -> str:
    """Return a text without set values, tokens, addresses, absolute paths, and names of the machine, its user and the home.

    Of a URL the scheme remains. A value of a setting is replaced by the name of the setting, unless it is one of `known`, the values that
    are no secrets, since QDash or a plugin defines them.
    """
    words = {word: name for name, word in _list_words() if word.strip() and not _NUMBER.fullmatch(word)}
    words = {word: name for word, name in words.items() if word not in known}
    if words:
        # The longest first: a path before a name in it. A path is removed with what follows.
        found = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        pattern = re.compile(rf"(?<![\w-])({found})(?:(?<!\w)|(?![\w-]))(?:/{_END}*)?")
        text = pattern.sub(lambda match: f"<{words[match[1]]}>", text)
    text = _TOKEN.sub("<token>", _URL.sub(r"\1://...", text))
    return _ADDRESS.sub("<address>", _PATH.sub("<path>", text))


def list_set_names() -> list[str]:
    """Return the names of the variables and keys of the settings file that set something of QDash."""
    return sorted(
        {name for name, _ in (*_list_variables(), *_list_keys()) if name.lower().startswith("qdash_")}
    )


def _list_words() -> Iterator[tuple[str, str]]:
    """Yield words to remove, each after the name of its place; a later one has the more exact name."""
    yield from (("user", os.environ.get(name, "")) for name in ("USER", "LOGNAME", "USERNAME"))
    with suppress(OSError, KeyError, ImportError):
        yield "user", getpass.getuser()
    yield from (("machine", name) for name in (socket.gethostname(), socket.gethostname().partition(".")[0]))
    with suppress(RuntimeError):
        yield "home of the user", str(Path.home())
    for name, value in (*_list_variables(), *_list_keys()):
        if name not in _OPEN_VARIABLES:
            yield from ((name, word) for word in _list_texts(value))


def _list_variables() -> Iterator[tuple[str, object]]:
    for name, text in os.environ.items():
        if _VARIABLES.search(name):
            yield name, text
            with suppress(InvalidInputError, ValueError):
                yield name, parse_json(text)


def _list_keys() -> Iterator[tuple[str, object]]:
    with suppress(OSError, ValueError, RecursionError):
        keys = tomllib.loads(Path(TOML_FILE).read_text("utf-8"))
        yield from ((f"QDASH_{name}".upper(), value) for name, value in keys.items())


def _list_texts(value: object) -> Iterator[str]:
    """Yield every text in a value, and the parts of URLs."""
    if isinstance(value, dict):
        yield from (text for one in value.values() for text in _list_texts(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _list_texts(one))
    elif isinstance(value, str):
        yield value
        with suppress(ValueError):
            parts = urlsplit(value)
            found = (
                parts.hostname,
                parts.username,
                parts.password,
                *(text for _, text in parse_qsl(parts.query)),
            )
            yield from (form for part in found if part for form in (part, unquote(part)))
