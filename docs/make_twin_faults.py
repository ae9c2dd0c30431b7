"""Generator of the page of timed faults of twins, from `qdash_fake.fault_kinds`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.fault_kinds import FAULT_KINDS

if TYPE_CHECKING:
    from qdash_fake.timed_faults import FaultKind

_INTRODUCTION = """\
# Timed faults of twins

A twin may have several faults, at most ten of a kind on one target. Faults of a kind combine: shifts, angles, delays, gains and attenuations add, factors
multiply, variances of drive noise add, and of thermal populations and reset failures the largest counts. Of any other size, the last one counts.
A fault begins at HOUR of laboratory time and ends at the second HOUR, or never if this is omitted.

Faults are options of `qdash twin create`, also with `--for`: `--fault NAME=VALUE`. For several faults of a kind, repeat the option or separate the
values by commas. [The guide](experimenter.md#options-of-a-twin) lists the other options of a twin; [noise and drift](physics-noise-and-drift.md) describes drift, defects and dead lines.

```text
qdash twin create lab --device jakarta --fault frequency-jump=0:-3@12-13 --fault drive-attenuation=2:6@12
qdash calibrate lab --flow bring-up
qdash twin wait lab --hours 12.1
qdash calibrate lab --flow check
qdash explain last
qdash twin truth lab
```

Tasks do not see the faults. `qdash twin truth` shows the true values at the current laboratory time, with a remark on each target that has a fault. The last
column is the cause that an [explanation](features/explanations.md#explain-a-failure) should find after enough tasks; `check` alone sees fewer. Some faults fail no result: `qdash explain TARGET` also examines accepted ones. Faults of drive lines affect neither active resets nor the best possible gate of a
coupling, which is computed for a linear drive; lost points do not affect the true readout fidelity. If the topology of a chip has no multiplexers,
four qubits with successive numbers share one. A twin with `--pulse-level` refuses the kinds marked with *.
"""


def make_page() -> str:
    """Return the text of the page."""
    rows = [_describe(kind) for kind in FAULT_KINDS.values()]
    table = "\n".join(["| option | example | effect and source | cause |", "|---|---|---|---|", *rows])
    return f"{_INTRODUCTION}\n{table}\n"


def _describe(kind: FaultKind) -> str:
    mark = "" if kind.on_pulses else "\\*"
    limits = "; ".join(f"{size.name} from {size.least:g} to {size.most:g}" for size in kind.sizes)
    effect = f"{kind.effect_text}. {limits}" if limits else kind.effect_text
    effect = effect.replace("|", "\\|")  # of a state, not the end of a cell
    return f"| `{kind.name}={kind.form}`{mark} | `{kind.example}` | {effect} | `{kind.cause}` |"
