"""Contracts of the other standard tasks on a simulated chip."""

from __future__ import annotations

import pytest

from .twin_tasks import OTHERS, make_contracts

pytestmark = pytest.mark.slow

globals().update(make_contracts(OTHERS))
