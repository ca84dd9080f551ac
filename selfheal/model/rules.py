"""Symbolic rules: what people know about fraud, written in rules.toml."""

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from selfheal.model.arrays import Flags, Float64
from selfheal.model.errors import RuleError
from selfheal.model.rule_expressions import ExpressionFault, Predicate, parse_expression
from selfheal.model.schema import Schema
from selfheal.records import DecodingError
from selfheal.records.codec import convert

Verdict: TypeAlias = Literal["fraud", "legitimate"]
Space: TypeAlias = Literal["raw", "aligned"]

MAX_RULES = 1_000
_HEADER = re.compile(r"^\s*\[\[\s*rule\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Rows for which `when` holds are called `verdict`.

    on: "raw" values as they arrive, or "aligned" to what the model was trained on: a rule written
    for clean data keeps its meaning after drift when it looks at aligned values
    """

    name: str
    when: str
    verdict: Verdict
    on: Space
    predicate: Predicate = field(repr=False)

    def fires(self, values: Float64) -> Flags:
        """Bool (n,) for values (n, f) in the rule's space; n may be 0."""
        return self.predicate(values)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    when: str
    verdict: Verdict = "fraud"
    on: Space = "raw"


def parse_rules(text: str, schema: Schema) -> tuple[Rule, ...]:
    """The rules in the text of a rules.toml; none for an empty text.

    Each is a table `[[rule]]` with `name`, `when` (see `rule_expressions`), `verdict` ("fraud" or
    "legitimate", default "fraud") and `on` ("raw" or "aligned", default "raw").
    Raises RuleError, with the line and the rule's name, for whatever is not.
    """
    entries = _tables(text)
    lines = [text.count("\n", 0, match.end()) + 1 for match in _HEADER.finditer(text)]
    rules: list[Rule] = []
    for number, entry in enumerate(entries):
        line = lines[number] if len(lines) == len(entries) else 1
        rules.append(_rule(entry, line, schema))
        if rules[-1].name in [rule.name for rule in rules[:-1]]:
            raise RuleError(f"rules.toml:{line}: rule {rules[-1].name!r} appears twice")
    return tuple(rules)


def default_rules(schema: Schema) -> str:
    """The text of a first rules.toml: the article's rule where there is a V14, else an example."""
    if "V14" in (schema.names[position] for position in schema.numeric):
        return _ARTICLE
    return _EXAMPLE


def _tables(text: str) -> list[Any]:
    try:
        file = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RuleError(f"rules.toml: not TOML: {error}") from None
    unknown = sorted(file.keys() - {"rule"})
    if unknown:
        raise RuleError(f"rules.toml: unknown key {unknown[0]!r}, expected [[rule]] tables")
    entries = file.get("rule", [])
    if not isinstance(entries, list) or len(cast("list[Any]", entries)) > MAX_RULES:
        raise RuleError(f"rules.toml: expected at most {MAX_RULES} [[rule]] tables")
    return cast("list[Any]", entries)


def _rule(table: Any, line: int, schema: Schema) -> Rule:
    keys = cast("dict[str, Any]", table) if isinstance(table, dict) else {}
    where = f"rules.toml:{line}: rule {str(keys.get('name', ''))[:100]!r}"
    try:
        entry = convert(_Entry, table)
        known = {"name", "when", "verdict", "on"}
        unknown = sorted(keys.keys() - known)
        if unknown:
            raise RuleError(f"{where}: unknown key {unknown[0]!r}, expected {sorted(known)}")
        predicate = parse_expression(entry.when, schema)
    except (DecodingError, ExpressionFault) as fault:
        raise RuleError(f"{where}: {fault}") from None
    return Rule(entry.name, entry.when, entry.verdict, entry.on, predicate)


_ARTICLE = """\
# The rule of the self-healing article. It looks at aligned values: after drift, V14 < -1.5 means
# what it meant in training, not where the feature has moved to.
[[rule]]
name = "low_v14"
when = "V14 < -1.5"
verdict = "fraud"
on = "aligned"
"""

_EXAMPLE = """\
# Rules that people know to be true. A row that a rule calls fraud and the model does not is a
# conflict, which the healer sees.
#
# [[rule]]
# name = "large_night_payment"
# when = "amount > 5000 and channel in ('web', 'app')"
# verdict = "fraud"
# on = "raw"        # or "aligned": values moved back to where they were in training
"""
