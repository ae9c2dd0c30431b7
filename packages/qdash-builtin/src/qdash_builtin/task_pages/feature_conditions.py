"""Conditions on named features, such as `contrast < 0.2 and snr > 3`, in three-valued logic, and numbers from them."""

from __future__ import annotations

import ast
import math
import operator
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LONGEST = 500
_DEEPEST = 50
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS = ("known", "abs")


@dataclass(frozen=True, slots=True)
class FeatureCondition:
    """A parsed condition; `names` are the features that it reads, in order."""

    text: str
    names: tuple[str, ...]
    _tree: ast.expr

    def evaluate(self, features: Mapping[str, float]) -> bool | None:
        """Return whether the condition holds, or None if that depends on a feature that is absent.

        A comparison with an absent feature is unknown, and so is its negation. `and` with a false part is false, and `or`
        with a true part is true, whatever the other parts are.
        """
        return _evaluate(self._tree, features)


@dataclass(frozen=True, slots=True)
class FeatureNumber:
    """A parsed number, such as `1000 * offset.qubit_frequency`; `names` are the features that it reads, in order."""

    names: tuple[str, ...]
    _tree: ast.expr

    def evaluate(self, features: Mapping[str, float]) -> float | None:
        """Return the number, or None if a feature is absent or the number is not finite."""
        return _calculate(self._tree, features)


def parse_number(text: str) -> FeatureNumber:
    """Parse a number of features, sums, products and `abs(...)`; raise InvalidInputError if it is too long, or has anything else."""
    line = text.strip()
    tree = _parse(line, "number")
    _check_number(tree, line)
    return FeatureNumber(tuple(dict.fromkeys(_iter_names(tree))), tree)


def parse_condition(text: object) -> FeatureCondition:
    """Parse a condition.

    It has comparisons of numbers, feature names (`contrast`, `quality.reduced_chi2`), sums, products and `abs(...)`, joined by
    `and`, `or`, `not` and parentheses. `known(name)` is true if a feature is present. A name alone holds if it is not 0.

    Raises
    ------
    InvalidInputError
        If it is not a text, too long, or has anything else.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(f"{text!r} is not a condition such as 'contrast < 0.2'")
    line = " ".join(text.split())
    tree = _parse(line, "condition")
    try:
        _check_logic(tree, line)
    except InvalidInputError as error:
        raise InvalidInputError(f"{line!r}: {error}") from error
    return FeatureCondition(line, tuple(dict.fromkeys(_iter_names(tree))), tree)


def _parse(line: str, kind: str) -> ast.expr:
    if len(line) > _LONGEST:
        raise InvalidInputError(f"a {kind} has {len(line)} characters: the limit is {_LONGEST}")
    try:
        tree = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidInputError(f"{line!r} is no {kind}: {_get_reason(error)}") from error
    _check_depth(tree, kind)
    return tree


def _check_depth(tree: ast.expr, kind: str) -> None:
    """Raise InvalidInputError if an expression has too many levels for the functions below, which call themselves for each."""
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise InvalidInputError(
            f"a {kind} has more than {_DEEPEST} levels of signs and operations: simplify it"
        )


def _get_reason(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else type(error).__name__


def _check_logic(node: ast.expr, line: str) -> None:
    match node:
        case ast.BoolOp(values=values):
            for one in values:
                _check_logic(one, line)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _check_logic(operand, line)
        case ast.Compare():
            _check_comparison(node, line)
        case ast.Call(func=ast.Name(id="known"), args=[argument], keywords=[]):
            if _get_name(argument) is None:
                raise InvalidInputError("known() takes the name of a feature")
        case _ if _get_name(node) is not None:
            return
        case _:
            raise InvalidInputError(
                f"{ast.get_source_segment(line, node)!r} is neither a comparison nor a feature"
            )


def _check_comparison(node: ast.Compare, line: str) -> None:
    if any(type(op) not in _COMPARISONS for op in node.ops):
        raise InvalidInputError("a comparison is one of <, <=, >, >=, == and !=")
    for one in (node.left, *node.comparators):
        _check_number(one, line)
    if not any(_iter_names(node)):
        raise InvalidInputError(
            f"{ast.get_source_segment(line, node)!r} reads no feature: it would be the same for every result"
        )


def _check_number(node: ast.expr, line: str) -> None:
    match node:
        case ast.Constant(value=bool()):
            raise InvalidInputError("write 1 or 0 for True and False")
        case ast.Constant(value=int() | float() as number) if (
            -sys.float_info.max <= number <= sys.float_info.max
        ):
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check_number(operand, line)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            _check_number(left, line)
            _check_number(right, line)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            _check_number(argument, line)
        case _ if _get_name(node) is not None:
            return
        case _:
            raise InvalidInputError(
                f"{ast.get_source_segment(line, node)!r} is neither a number, a feature, a sum, a product nor abs(...)"
            )


def _get_name(node: ast.expr) -> str | None:
    """Return the name of a feature, which may have dots, or None for another expression."""
    match node:
        case ast.Name(id=name):
            return None if name in _FUNCTIONS else name
        case ast.Attribute(value=value, attr=part):
            prefix = _get_name(value)
            return None if prefix is None else f"{prefix}.{part}"
        case _:
            return None


def _iter_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.expr) and (name := _get_name(node)) is not None:
        yield name
        return
    for child in ast.iter_child_nodes(node):
        yield from _iter_names(child)


def _evaluate(node: ast.expr, features: Mapping[str, float]) -> bool | None:
    match node:
        case ast.BoolOp(op=op, values=values):
            deciding = isinstance(op, ast.Or)
            found = [_evaluate(one, features) for one in values]
            if deciding in found:
                return deciding
            return None if None in found else not deciding
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _evaluate(operand, features)
            return None if inner is None else not inner
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            numbers = [_calculate(one, features) for one in (left, *comparators)]
            results = [
                None if a is None or b is None else _COMPARISONS[type(op)](a, b)
                for a, op, b in zip(numbers, ops, numbers[1:], strict=False)
            ]
            if False in results:
                return False
            return None if None in results else True
        case ast.Call(args=[argument]):
            return _get_name(argument) in features
        case _:
            number = _calculate(node, features)
            return None if number is None else number != 0


def _calculate(node: ast.expr, features: Mapping[str, float]) -> float | None:
    """Return the value of an expression, or None if a feature is absent or the value is not a finite number."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _calculate(operand, features)
            return inner if inner is None or isinstance(op, ast.UAdd) else -inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _calculate(left, features), _calculate(right, features)
            if a is None or b is None:
                return None
            try:
                number = _OPERATIONS[type(op)](a, b)
            except (ZeroDivisionError, OverflowError):
                return None
            return number if math.isfinite(number) else None
        case ast.Call(args=[argument]):
            inner = _calculate(argument, features)
            return None if inner is None else abs(inner)
        case _:
            name = _get_name(node)
            return None if name is None else features.get(name)
