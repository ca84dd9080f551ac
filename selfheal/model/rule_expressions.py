"""The `when` of a rule: a small, safe part of Python's expressions, evaluated on whole columns.

Comparisons, chained too, of numeric features and numbers; == and != and `in (...)` of categorical
features and texts; `and`, `or`, `not`, parentheses. A feature whose name is no Python name is
written feature["its name"]. A comparison with a missing value is False, != included, and `not`
turns that into True.
"""

import ast
import sys
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from selfheal.model.arrays import Flags, Float64, frozen64
from selfheal.model.feature_kinds import Categorical, Numeric
from selfheal.model.schema import Schema

Predicate: TypeAlias = Callable[[Float64], Flags]
"""Raw values (n, f) to bool (n,)."""
_Operand: TypeAlias = Callable[[Float64], Float64]

MAX_CHARACTERS = 2_000
MAX_DEPTH = 50

_COMPARISONS: dict[type[ast.cmpop], np.ufunc] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


class ExpressionFault(ValueError):  # noqa: N818  (becomes a RuleError, which says where)
    """Why an expression is refused."""


def parse_expression(text: str, schema: Schema) -> Predicate:
    """The expression as a function of raw values. Raises ExpressionFault, which says why not.

    >>> from selfheal.model.schema import Numeric
    >>> fires = parse_expression("-2 < V14 <= 0 or V14 > 9", Schema((Numeric("V14"),)))
    >>> fires(np.array([[-3.0], [-1.0], [10.0], [np.nan]])).tolist()
    [False, True, True, False]
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionFault(f"{len(text)} characters long, expected at most {MAX_CHARACTERS}")
    try:
        parsed = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionFault("not an expression, expected one like V14 < -1.5") from None
    return _Parser(schema).predicate(parsed.body, depth=0)


class _Parser:
    """Turns syntax into functions of columns, and refuses what is not on the list above."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def predicate(self, node: ast.expr, depth: int) -> Predicate:
        if depth > MAX_DEPTH:
            raise ExpressionFault(f"nested deeper than {MAX_DEPTH}")
        match node:
            case ast.BoolOp(op=op, values=nodes):
                parts = [self.predicate(part, depth + 1) for part in nodes]
                combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return lambda values: combine.reduce([part(values) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                negated = self.predicate(inner, depth + 1)
                return lambda values: ~negated(values)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                pairs = zip([left, *rights[:-1]], ops, rights, strict=True)
                parts = [self._comparison(*pair) for pair in pairs]
                return lambda values: np.logical_and.reduce([part(values) for part in parts])
            case _:
                raise ExpressionFault(f"{_kind(node)} where a comparison is expected")

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Predicate:
        if isinstance(op, (ast.In, ast.NotIn)):
            return self._membership(left, isinstance(op, ast.In), _texts(right))
        if (is_text := _text(left) is not None) or _text(right) is not None:
            feature, text = (right, left) if is_text else (left, right)
            if not isinstance(op, (ast.Eq, ast.NotEq)):
                raise ExpressionFault("text can be compared by == and != alone")
            return self._membership(feature, isinstance(op, ast.Eq), _texts(text))
        if type(op) not in _COMPARISONS:
            raise ExpressionFault(f"{_kind(op)} is not allowed, expected < <= > >= == != or in")
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
            raise ExpressionFault("a comparison of two constants, expected a feature")
        return _compared(self._number(left), _COMPARISONS[type(op)], self._number(right))

    def _membership(self, feature: ast.expr, is_in: bool, texts: list[str]) -> Predicate:
        position, kind = self._feature(feature)
        if not isinstance(kind, Categorical):
            raise ExpressionFault(f"{kind.name} is numeric and cannot be compared with text")
        unknown = sorted(set(texts).difference(kind.levels))
        if unknown:
            raise ExpressionFault(f"{unknown[0]!r} is none of the levels of {kind.name}")
        codes = np.array([kind.code(text) for text in texts])

        def fires(values: Float64) -> Flags:
            column = values[:, position]
            return ~np.isnan(column) & (np.isin(column, codes) == is_in)

        return fires

    def _number(self, node: ast.expr) -> _Operand:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            positive = self._number(node.operand)
            return lambda values: -positive(values)
        if isinstance(node, ast.Constant):
            number = frozen64(_constant(node))
            return lambda _: number
        position, kind = self._feature(node)
        if not isinstance(kind, Numeric):
            raise ExpressionFault(f"{kind.name} is categorical, expected it beside a text")
        return lambda values: values[:, position]

    def _feature(self, node: ast.expr) -> tuple[int, Numeric | Categorical]:
        match node:
            case ast.Name(id=name):
                pass
            case ast.Subscript(value=ast.Name(id="feature"), slice=ast.Constant(value=str(name))):
                pass
            case _:
                raise ExpressionFault(f"{_kind(node)} where a feature is expected")
        if name not in self._schema.names:
            raise ExpressionFault(f"{name!r} is no feature of schema.json")
        position = self._schema.names.index(name)
        return position, self._schema.features[position]


def _compared(left: _Operand, compare: np.ufunc, right: _Operand) -> Predicate:
    def fires(values: Float64) -> Flags:
        one, other = left(values), right(values)
        return compare(one, other) & ~np.isnan(one) & ~np.isnan(other)

    return fires


def _constant(node: ast.Constant) -> float:
    value = node.value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ExpressionFault(f"a {type(value).__name__} where a number is expected")
    if not abs(value) <= sys.float_info.max:
        raise ExpressionFault("a number beyond float64, expected a smaller one")
    return float(value)


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _texts(node: ast.expr) -> list[str]:
    """The text, or the texts of a tuple, list or set of them."""
    nodes = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    texts = [text for text in map(_text, nodes) if text is not None]
    if not texts or len(texts) < len(nodes):
        raise ExpressionFault("expected texts, as in channel in ('web', 'shop')")
    return texts


def _kind(node: ast.AST) -> str:
    return type(node).__name__
