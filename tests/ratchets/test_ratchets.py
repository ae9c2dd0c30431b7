"""No count of the ratchets is above its recorded value, and none is below it unnoticed."""

from __future__ import annotations

import sys
from itertools import chain

import pytest

from .measurements import QUICK, SLOW, measure
from .recorded_values import COMMAND, FILE, PYTHON, read_values

recorded_python = pytest.mark.skipif(
    sys.version_info[:2] != PYTHON,
    reason="the number of calls, and libraries, depend on the version of Python: values are those of the oldest",
)


@recorded_python
@pytest.mark.parametrize(
    "names",
    [*QUICK, *(pytest.param(names, marks=pytest.mark.slow) for names in SLOW)],
    ids=" ".join,
)
def test_counts_are_at_their_recorded_values(names: tuple[str, ...]) -> None:
    values = read_values()
    counts = measure(names)
    new = [one.name for one in counts if one.name not in values]
    gone = {name for name, one in values.items() if one.by in names} - {one.name for one in counts}
    faults = [fault for one in counts if one.name in values and (fault := values[one.name].find_fault(one))]

    assert counts
    assert new == [], f"not in {FILE.name}: record them, `{COMMAND}`"
    assert gone == set(), f"in {FILE.name} but no longer measured: remove them, `{COMMAND}`"
    if faults:
        pytest.fail("\n\n".join(faults), pytrace=False)


def test_every_recorded_value_is_measured() -> None:
    assert {one.by for one in read_values().values()} == {*chain(*QUICK, *SLOW)}
