"""Echo times above twice the T1."""

from __future__ import annotations

from qdash_builtin.values.long_t2 import describe_long_t2
from qdash_core.models.estimates import Parameter


def test_an_echo_time_above_twice_t1_is_a_contradiction() -> None:
    values = {"t1": Parameter(100.0, 3.0, "us"), "t2_echo": Parameter(212.0, 8.0, "us")}
    assert describe_long_t2(values) == "t2_echo of 212 µs is above twice the t1 of 100 µs, by 1.2 errors"
    assert describe_long_t2(values, beyond=True) is None
    assert describe_long_t2({"t1": values["t1"]}) is None
    in_ms = {**values, "t1": Parameter(0.1, 0.003, "ms")}
    assert describe_long_t2(in_ms) == describe_long_t2(values)
    assert describe_long_t2({**values, "t1": Parameter(5.0, None, "MHz")}) is None
    assert describe_long_t2({**values, "t2_echo": Parameter(200.0, 8.0, "us")}) is None
