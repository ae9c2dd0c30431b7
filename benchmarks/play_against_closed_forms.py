"""Comparison of the twin's closed forms with pulses played on its truth, for every request.

`python -m benchmarks.play_against_closed_forms` prints the table and stores it in `benchmarks/play.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.both_twins import WRONG, BothTwins
from benchmarks.standard_requests import on_a_coupling, on_a_qubit
from qdash_fake.devices import load_device
from qdash_fake.physics.draw import draw_chip
from qdash_tasks.laboratory.shots import Shots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import ResetMode

TABLE = Path(__file__).with_name("play.md")
QUBITS = {"jakarta": ("0", "4"), "guadalupe": ("0", "13")}
COUPLINGS = {"jakarta": (("4", "5"), ("5", "4")), "guadalupe": (("7", "6"),)}
SHOTS, MANY = 100_000, 10**9
"""Number of shots for the pulls, and a number so large that means have almost no noise."""
_CASES: tuple[tuple[str, ResetMode], ...] = (
    (WRONG[0], "passive"),
    *((wrong, "active") for wrong in WRONG),
)
"""Errors of the settings, with the reset."""


_NOTE = f"""\
{SHOTS:,} shots a point on both sides; the largest differences are those at so many shots that no noise is left. After active reset with
right settings and with each of three mistakes, and after passive reset; qubits 0 and 4 of jakarta, 0 and 13 of guadalupe, couplings 4-5, 5-4
and 7-6. The largest differences of couplings are those of 7-6, whose qubits are 66 MHz apart: `docs/physics-pairs.md` has the reasons."""


class Compared(NamedTuple):
    """Difference between both answers to a request on one qubit or coupling, with one kind of settings.

    Attributes
    ----------
    largest
        Largest difference in units of the distance between |0> and |1>, without noise; single shots with noise.
    chi2
        Mean square of the pulls.
    """

    request: str
    largest: float
    chi2: float
    pull: float


def compared(
    twins: BothTwins, target: str, requests: Mapping[str, Request], *, reset: ResetMode
) -> Iterator[Compared]:
    """Yield the comparison of both twins for each request."""
    for name, request in requests.items():
        noisy = twins.differences(target, request, Shots(count=SHOTS, reset=reset))
        exact = (
            noisy
            if request.single_shots
            else twins.differences(target, request, Shots(count=MANY, reset=reset))
        )
        pulls = np.concatenate([one.pulls for one in noisy])
        largest = max(one.largest for one in exact)
        yield Compared(name, largest, float(np.mean(pulls**2)), float(np.abs(pulls).max()))


def everything() -> Iterator[Compared]:
    """Compare all requests on several qubits and couplings, after both kinds of reset, and with wrong
    settings.
    """
    for device, qids in QUBITS.items():
        twins = BothTwins(draw_chip(load_device(device), 0))
        for qid in qids:
            for wrong, reset in _CASES:
                twins.calibrate(qid, wrong=wrong)
                yield from compared(twins, qid, on_a_qubit(twins.settings(qid)), reset=reset)
        for control, target in COUPLINGS[device]:
            name = next(name for name in twins.chip.couplings if set(name.split("-")) == {control, target})
            for wrong, reset in _CASES:
                twins.calibrate(control, target, wrong=wrong)
                target_ghz = twins.settings(target).drive_frequency_ghz
                yield from compared(twins, name, on_a_coupling(control, target, target_ghz), reset=reset)


def as_markdown(rows: Sequence[Compared]) -> str:
    """Return the table: for each request the worst of all qubits, settings and resets, and the median of
    chi2.
    """
    names = dict.fromkeys(one.request for one in rows)
    lines = [
        "| request | cases | largest difference (% of the distance of 0 and 1) | chi2 a point: median, largest | largest pull |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        mine = [one for one in rows if one.request == name]
        chi2 = [one.chi2 for one in mine]
        lines.append(
            f"| {name} | {len(mine)} | {100 * max(one.largest for one in mine):.3f} | "
            f"{np.median(chi2):.2f}, {max(chi2):.2f} | {max(one.pull for one in mine):.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table and store it."""
    table = as_markdown(list(everything()))
    print(table)
    TABLE.write_text(f"# Played pulses against closed forms\n\n{_NOTE}\n\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
