"""Conversion of single values of the original system, or refusal with the reason."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_original import values

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2024, 6, 3, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-06-03T12:00:00.500Z",
        "2024-06-03T21:00:00.500000+09:00",
        "2024-06-03T12:00:00.5",
        "2024-06-03 12:00:00.5+00:00",
        NOON,
        NOON.replace(tzinfo=None),
    ],
)
def test_times_are_utc_whatever_their_zone(written: object) -> None:
    assert values.timestamp(written) == NOON


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0:00:12.345678", 12.345678),
        ("2:03:04", 7384.0),
        ("1 day, 0:00:01", 86401.0),
        ("3 days, 1:00:00", 262800.0),
        ("PT1M30.5S", 90.5),
        ("P1DT1S", 86401.0),
        ("12.5", 12.5),
        (12, 12.0),
        (Decimal("0.5"), 0.5),
        ("", None),
    ],
)
def test_durations_are_seconds(written: object, seconds: float | None) -> None:
    assert values.seconds(written) == seconds


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_every_duration_that_python_prints_is_read(duration: timedelta) -> None:
    assert values.seconds(str(duration)) == pytest.approx(duration.total_seconds(), abs=1e-6)


@pytest.mark.parametrize(
    ("wanted", "written", "converted"),
    [
        ("us", (41_000.0, "ns"), (41.0, "us")),
        ("us", (0.041, "ms"), (41.0, "us")),
        ("GHz", (5_000.0, "MHz"), (5.0, "GHz")),
        ("GHz", (5.0, ""), (5.0, "")),
        ("", (99.0, "%"), (0.99, "")),
        ("a.u.", (0.1, ""), (0.1, "")),
        (None, (1.0, "furlong"), (1.0, "furlong")),
    ],
)
def test_values_are_converted_to_the_required_unit(
    wanted: str | None, written: tuple[float, str], converted: tuple[float, str]
) -> None:
    value, unit = values.convert_unit(wanted, "value", *written)

    assert (value, unit) == (pytest.approx(converted[0], rel=1e-15), converted[1])


@pytest.mark.parametrize("sign", ["µ", "μ", "u"])
def test_micro_is_written_u(sign: str) -> None:
    assert values.unit(f"{sign}s") == "us"


@pytest.mark.parametrize(
    ("convert", "wrong", "said"),
    [
        (values.timestamp, "yesterday", "'yesterday' is not a time"),
        (values.timestamp, 5, "5 is not a time"),
        (values.seconds, "a few seconds", "'a few seconds' is not a duration"),
        (values.seconds, "nan", "is not a duration"),
        (values.number, "5.0", "'5.0' is not a number"),
        (values.number, True, "True is not a number"),
        (values.number, None, "None is not a number"),
        (values.number, math.inf, "inf is not a finite number"),
        (values.number, Decimal("NaN"), "nan is not a finite number"),
        (values.integer, 1.5, "1.5 is not an integer"),
        (values.text, ["a"], "is not text"),
        (values.text_list, {"a": 1}, "is not a list of text"),
        (values.boolean, "yes", "is not true or false"),
        (values.date, "2024-06-03", "is not a date such as"),
        (values.json_value, {"a": [b"x"]}, "b'x' is not a number"),
        (values.coupling, "1-1", "is not a coupling"),
        (values.text, [0] * 1000, r"\.\.\. is not text"),
    ],
)
def test_invalid_values_are_refused(convert: Callable[[object], object], wrong: object, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        convert(wrong)


def test_an_object_id_contains_the_creation_time() -> None:
    assert values.creation_time("665d9f800000000000000001") == datetime(2024, 6, 3, 10, 48, 32, tzinfo=UTC)
    assert values.creation_time("a name") is None
