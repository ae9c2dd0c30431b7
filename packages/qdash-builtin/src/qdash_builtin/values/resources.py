"""Resources of the laboratory that several targets share."""

from dataclasses import dataclass, field
from enum import StrEnum

from qdash_core.errors import InvalidInputError

WHOLE_CHIP = "whole chip"
"""Text of the whole chip as a resource and as a cause."""


class ResourceKind(StrEnum):
    """Kind of a resource that several targets share, in the order in which it is preferred as a cause."""

    CHIP = "chip"
    MULTIPLEXER = "multiplexer"
    LINE = "line"
    """A readout or pump line of several multiplexers."""
    MODULE = "module"
    QUBIT = "qubit"
    """A qubit of several couplings."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource by kind and name."""

    kind: ResourceKind
    name: str
    detail: str = field(default="", compare=False)
    """Further description, such as the readout line of a multiplexer."""

    def __str__(self) -> str:
        if self.kind is ResourceKind.CHIP:
            return WHOLE_CHIP
        return f"{self.kind} {self.name}{f' ({self.detail})' if self.detail else ''}"


_KINDS = {
    "mux": ResourceKind.MULTIPLEXER,
    **{str(kind): kind for kind in ResourceKind if kind is not ResourceKind.QUBIT},
}


def parse_resource(text: str) -> Resource:
    """Return a resource from `mux:13`, `line:U10B-5`, `module:U10B` or `chip`; raise InvalidInputError for other text."""
    kind, _, name = text.strip().partition(":")
    if kind not in _KINDS or bool(name) is (kind == ResourceKind.CHIP):
        raise InvalidInputError(f"{text!r} is not a resource: write mux:13, line:U10B-5, module:U10B or chip")
    return Resource(_KINDS[kind], name)
