"""Paths that try to leave a root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ESCAPES = (
    *("..", "../outside.txt", "params/../../outside.txt", "params/..", "./params", "params/./t1.yaml"),
    *("/etc/passwd", "//etc/passwd", "params//t1.yaml", "params/", "C:/outside.txt", "c:outside.txt"),
    *("..\\outside.txt", "params\\t1.yaml", "params/\0", "params/\nt1.yaml", "\u202eparams"),
    *("link.txt", "link-folder/outside.txt", "link-to-root/etc/passwd", "dangling", "loop", "loop/x"),
    *("hard-link.txt", "pipe", ".git/config", ".GIT/config", ".git /config", ".git./config", "git~1/config"),
    *(
        "params/.git/config",
        ".git :x/config",
        ".git\uff0fconfig",
        "qdash.toml",
        "params/QDASH.TOML",
        ".qdash-0123456789abcdef0123456789abcdef.tmp",
    ),
    *("a/" * 40 + "a", "n" * 300, "\uff0e\uff0e/outside.txt", "params/t1.yaml/x", "..%2foutside.txt/.."),
)
"""Attempts to leave a root, or to reach a reserved name, by their paths."""


def plant_escapes(folder: Path, outside: Path) -> list[Path]:
    """Plant links, a hard link, a pipe and a repository in a folder; return the files outside that nothing may reach or change."""
    secret = outside / "outside.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    (folder / "link-folder").symlink_to(outside)
    (folder / "link-to-root").symlink_to("/")
    (folder / "dangling").symlink_to(outside / "new.txt")
    (folder / "loop").symlink_to("loop")
    (folder / "hard-link.txt").hardlink_to(secret)
    os.mkfifo(folder / "pipe")
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("[core] secret")
    return [secret, folder / ".git/config"]
