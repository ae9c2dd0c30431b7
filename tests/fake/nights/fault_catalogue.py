"""Catalogue of seeded faults (`seeded_faults.toml`), and the twins on which rules are written and explanations are judged."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CATALOGUE = Path(__file__).with_name("seeded_faults.toml")


@dataclass(frozen=True, slots=True)
class Chip:
    """A healthy twin: its device, its seed, and the qubits that are calibrated."""

    device: str
    seed: int
    qids: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.device}-{self.seed}"


SETS: dict[str, dict[str, tuple[Chip, ...]]] = {
    "writing": {
        "qubit": (
            Chip("jakarta", 1, tuple("0123456")),
            Chip("guadalupe", 2, tuple(map(str, range(12)))),
            Chip("jakarta", 3, tuple("0123456")),
        ),
        "mux": (Chip("square-lattice-mux-16", 4, tuple(map(str, range(16)))),),
        "pair": (Chip("jakarta", 5, tuple("0135")),),
    },
    "judging": {
        "qubit": (
            Chip("brooklyn", 201, tuple(map(str, range(14)))),
            Chip("kolkata", 202, tuple(map(str, range(14)))),
            Chip("montreal", 203, tuple(map(str, range(14, 27)))),
        ),
        "mux": (Chip("square-lattice-mux-64", 204, tuple(map(str, range(16)))),),
        "pair": (Chip("kolkata", 205, tuple("0124")), Chip("montreal", 206, tuple("0124"))),
    },
}
"""Twins by set and by kind of night."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, or a pair of kinds.

    Attributes
    ----------
    name
        Row of the table.
    causes
        Ids of the causes that an explanation should name: one, or two of a pair.
    alike
        Ids of causes with the same evidence as the last cause, declared before the judgement; each counts as right.
    because
        Physical reason why they cannot be told apart.
    variants
        Options of the twin by name, one mapping for each size. `{t}` is the target, `{n}` a coupled neighbour, `{c}` the coupling, `{m}` the
        multiplexer, `{pi70}` 70 % of the amplitude of the π pulse, `{h}` the hour at which the fault begins.
    values
        Changes of accepted values by a user: a number is added, a text such as `*0.5` multiplies.
    parameters
        Run parameters of the night.
    night
        Kind of the night.
    unit
        Unit of the sizes in the table.
    hours
        Hours of laboratory time from the healthy calibration to the night.
    """

    name: str
    causes: tuple[str, ...]
    variants: tuple[Mapping[str, str], ...] = ({},)
    alike: tuple[str, ...] = ()
    because: str = ""
    values: tuple[Mapping[str, float | str], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    night: str = "qubit"
    unit: str = ""
    hours: float = 1.0

    @property
    def accepted(self) -> list[set[str]]:
        """Ids that count as each of its causes."""
        return [{cause, *(self.alike if cause == self.causes[-1] else ())} for cause in self.causes]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault on a target of a twin."""

    kind: Kind
    chip: Chip
    target: str
    variant: int

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.kind.name}-{self.variant}-{self.chip.name}-{self.target}"


@cache
def read_catalogue() -> tuple[Kind, ...]:
    """Return the kinds of the catalogue, in its order."""
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["fault"]
    return tuple(_parse_kind(entry) for entry in entries)


def _parse_kind(entry: Mapping[str, Any]) -> Kind:
    lists = ("causes", "alike", "variants", "values")
    return Kind(**{name: tuple(value) if name in lists else value for name, value in entry.items()})
