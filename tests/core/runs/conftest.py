"""A bench, and the processes for its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from qdash_builtin.runs import followers, foreground, process_ends, worker

from ..bench import Bench
from .crew import Crew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from qdash_core import BaseTask


class MakeCrew(Protocol):
    """Creates a bench like `make_bench`, and the crew for its runs."""

    def __call__(self, *tasks: type[BaseTask], **given: Any) -> tuple[Bench, Crew]: ...


@pytest.fixture
def make_crew(
    tmp_path: Path, store_url: str, no_settings: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeCrew]:
    """Function that creates a bench with a crew; waiting processes poll often."""
    for module in (foreground, followers, process_ends, worker):
        monkeypatch.setattr(module, "LOOK_S", 0.01)
    made: list[tuple[Bench, Crew]] = []

    def make(*tasks: type[BaseTask], **given: Any) -> tuple[Bench, Crew]:
        bench = Bench.open(tmp_path, store_url, *tasks, **given)
        made.append((bench, Crew(bench)))
        return made[-1]

    yield make
    for bench, crew in made:
        with crew:
            pass
        bench.qdash.close()
