"""Traces outside the models of the fits: no kind is accepted with a wrong value and a small error in more than a stated share."""

import pytest

from .coverage import measure
from .populations_outside_models import OUTSIDE

SEED = 20240607
FEW, MORE = 40, 200
SLOW = [name for name in OUTSIDE if name.startswith(("resonator", "DRAG"))]
"""Kinds that take more than a second for few traces."""


@pytest.mark.parametrize(
    ("name", "traces"),
    [
        *(pytest.param(name, FEW, marks=pytest.mark.slow if name in SLOW else ()) for name in OUTSIDE),
        *(pytest.param(name, MORE, marks=pytest.mark.release) for name in OUTSIDE),
    ],
)
def test_wrong_values_are_refused_or_have_large_errors(name, traces):
    kind = OUTSIDE[name]
    found = measure(kind.population, traces=traces, seed=SEED)
    most = kind.most_wrong if traces == MORE else kind.most_wrong + 3 * (kind.most_wrong / traces) ** 0.5
    assert found.wrong <= most
    # One trace in twenty fewer than stated, of few.
    assert found.refused <= (1 - kind.least_accepted + (0.0 if traces == MORE else 0.05)) * traces
