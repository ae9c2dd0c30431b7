"""Plugin that provides the Prefect runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core.hooks.runners import Runner


@hookimpl
def qdash_runners() -> list[Runner]:
    from qdash_prefect.runner import PrefectRunner

    return [PrefectRunner()]
