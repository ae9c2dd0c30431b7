"""Conditions on features: three-valued logic, in which an unknown feature decides nothing."""

from __future__ import annotations

import pytest

from qdash_builtin.task_pages.feature_conditions import parse_condition
from qdash_core import InvalidInputError

FEATURES = {"contrast": 0.1, "snr": 5.0, "failed": 1.0, "failed.CheckT1": 0.0, "quality.reduced_chi2": 3.0}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("contrast < 0.2 and snr > 3", True),
        ("0.05 < contrast <= 0.1", True),
        ("contrast == 0.1 and snr != 4", True),
        ("abs(contrast - snr) * 2 > -contrast / 2", True),
        ("failed and not failed.CheckT1", True),
        ("quality.reduced_chi2 >= 3", True),
        ("known(contrast) and not known(missing)", True),
        ("snr < 3 or contrast > 1", False),
        ("missing < 1", None),
        ("not missing < 1", None),
        ("missing", None),
        ("missing < 1 and snr < 3", False),
        ("missing < 1 or snr > 3", True),
        ("missing < 1 and snr > 3", None),
        ("3 < missing < 1", None),
        ("6 < snr < missing", False),
        ("snr / (contrast - contrast) > 1", None),
    ],
)
def test_a_condition_holds_or_not_or_is_unknown(text: str, holds: bool | None) -> None:
    assert parse_condition(text).evaluate(FEATURES) is holds


def test_a_condition_names_its_features_once() -> None:
    names = parse_condition("a < 1 and (b.c > 2 or not known(a)) and abs(D.e) < 1").names
    assert names == ("a", "b.c", "D.e")


def test_anything_else_is_refused(subtests: pytest.Subtests) -> None:
    for text, message in [
        (None, "None is not a condition"),
        ("", "'' is not a condition"),
        ("contrast <", "no condition: invalid syntax"),
        ("1", "'1' is neither a comparison nor a feature"),
        ("a.b()", r"'a.b\(\)' is neither a comparison nor a feature"),
        ("__import__('os').system('id') < 1", "neither a number, a feature"),
        ("a[0] < 1", "neither a number, a feature"),
        ("a ** 9 < 1", "neither a number, a feature"),
        ("a < 'b'", "neither a number, a feature"),
        ("a < True", "write 1 or 0"),
        ("a < 1e999", "neither a number, a feature"),
        (f"a < 1{'0' * 309}", "neither a number, a feature"),
        ("a is b", "a comparison is one of <"),
        ("a in b", "a comparison is one of <"),
        ("known(1)", "takes the name of a feature"),
        ("(lambda: 1) < 2", "neither a number, a feature"),
        ("a" * 501, "has 501 characters: the limit is 500"),
        ("(" * 240 + "a" + ")" * 240, "no condition"),
        ("-" * 490 + "a", "more than 50 levels"),
        ("a" + "+a" * 200 + " < 1", "more than 50 levels"),
    ]:
        with subtests.test(str(text)), pytest.raises(InvalidInputError, match=message):
            parse_condition(text)
