"""Request bodies for the sources of flows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine
from qdash_core.parsing.limits import FLOW_SOURCE


class SourceRequest(Body):
    """Request to check source code."""

    source: Annotated[str, Field(max_length=FLOW_SOURCE.size)]
    """Text of a Python file."""
    function: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Function to call; absent: the only public function of the file, or `main`."""


class FlowRequest(SourceRequest):
    """Request to save a flow."""

    chip_id: Annotated[str, Field(max_length=128)] = ""
    """Chip of the flow; empty: each run names one."""
    description: Annotated[str, Field(max_length=2_000)] = ""
    """Description; empty: the first line of the function's docstring."""
    tags: Annotated[tuple[Annotated[str, Field(max_length=64), ENTRY], ...], Field(max_length=100)] = ()


class FlowCopyRequest(Body):
    """Request to copy a flow."""

    name: Annotated[str, Field(min_length=1, max_length=128), OnCommandLine(metavar="NEW", is_argument=True)]
    """Name of the copy, which no flow has yet."""
    chip_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Chip: of an installed flow, the tasks that it runs there are copied; absent: all of them."""
