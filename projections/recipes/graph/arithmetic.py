"""Arithmetic: expressions of numbers, as nodes have them. Nothing but numbers comes in, and nothing else out."""

import ast
import math
import operator
import warnings
from collections.abc import Callable
from typing import Any, Final

LONGEST: Final = 500
"""Characters of an expression that is read."""

_LARGEST: Final = 2**64

_TWO: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

_CALLED: Final[dict[str, Callable[..., Any]]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "int": int,
    "float": float,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
}

_NAMED: Final = {
    "add": "+",
    "addition": "+",
    "subtract": "-",
    "subtraction": "-",
    "multiply": "*",
    "multiplication": "*",
    "divide": "/",
    "division": "/",
    "modulo": "%",
    **{sign: sign for sign in ("+", "-", "*", "/", "//", "%")},
}


class NotPlain(ValueError):
    """Raised when an expression is more than arithmetic of known numbers."""


def calculate(expression: str, names: Callable[[str], float | None]) -> int | float | bool | None:
    """The value of an expression, with the numbers that its names stand for; None where it has none."""
    if len(expression) > LONGEST:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            parsed = ast.parse(expression.strip(), mode="eval").body
        found = _value(parsed, names)
    except (ArithmeticError, SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        return None
    return found if abs(found) < _LARGEST else None


def operation(name: str, left: float, right: float) -> int | float | bool | None:
    """Two numbers, put together by what is called addition, subtraction and so on."""
    sign = _NAMED.get(name.strip().lower())
    return calculate(f"a {sign} b", {"a": left, "b": right}.get) if sign else None


def _value(node: ast.expr, names: Callable[[str], float | None]) -> Any:
    found = _computed(node, names)
    if not isinstance(found, int | float) or not math.isfinite(found) or abs(found) > _LARGEST:
        raise NotPlain
    return found


def _computed(node: ast.expr, names: Callable[[str], float | None]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names(name)
        case ast.UnaryOp(op=ast.USub(), operand=one):
            return -_value(one, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=one):
            return _value(one, names)
        case (
            ast.BinOp(left=left, op=sign, right=right)
            | ast.Compare(left=left, ops=[sign], comparators=[right])
        ) if type(sign) in _TWO:
            return _TWO[type(sign)](_value(left, names), _value(right, names))
        case ast.IfExp(test=test, body=body, orelse=other):
            return _value(body if _value(test, names) else other, names)
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in _CALLED:
            return _CALLED[name](*(_value(part, names) for part in parts))
    raise NotPlain
