"""Sources of flows that are checked and saved."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_core.models.faults import ENTRY
from qdash_core.parsing.limits import FLOW_SOURCE

_SOURCE = "def night(chip_id, qids=None, shots: int = 1024):\n    ...\n"


class SourceRequest(Body):
    """A source to be checked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"source": _SOURCE, "function": "night"}]})

    source: Annotated[str, Field(max_length=FLOW_SOURCE.size)]
    """The text of a Python file."""
    function: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Its function that is called; absent: its only public one, or `main`."""


class FlowRequest(SourceRequest):
    """A flow to be saved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": _SOURCE, "function": "night", "tags": ["nightly"]}]},
    )

    chip_id: Annotated[str, Field(max_length=128)] = ""
    """The chip that it is for; empty: whichever a run names."""
    description: Annotated[str, Field(max_length=2_000)] = ""
    """Empty: what the function's docstring begins with."""
    tags: Annotated[tuple[Annotated[str, Field(max_length=64), ENTRY], ...], Field(max_length=100)] = ()
