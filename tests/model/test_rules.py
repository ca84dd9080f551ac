import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfheal.model.errors import RuleError
from selfheal.model.rules import default_rules, parse_rules
from selfheal.model.schema import Categorical, Numeric, Schema

SCHEMA = Schema(
    (
        Numeric("V14"),
        Categorical("channel", ("web", "shop", "app")),
        Numeric("amount"),
        Numeric("card age"),
        Numeric("class"),
    )
)
NAN = np.nan
ROWS = np.array(
    [
        [-2.0, 0, 5, 1, 0],
        [-2.0, 1, 50, 2, 1],
        [0.0, 2, 500, 3, 0],
        [NAN, 3, 50, NAN, 1],
        [1.0, NAN, NAN, 5, 0],
    ]
)


def rule(when, **more):
    lines = [f"{key} = '{value}'" for key, value in more.items()]
    return "\n".join(["[[rule]]", "name = 'r'", f'when = """{when}"""', *lines])


def fired(when):
    (parsed,) = parse_rules(rule(when), SCHEMA)
    return np.flatnonzero(parsed.fires(ROWS)).tolist()


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ("V14 < -1.5", [0, 1]),
        ("V14 < -1.5 and amount > 10", [1]),
        ("V14 > 0.5 or amount == 500", [2, 4]),
        ("V14 < -1.5 and (amount > 10 or channel == 'web')", [0, 1]),
        ("-2 <= V14 < 0.5", [0, 1, 2]),
        ("1.5 < -V14", [0, 1]),
        ("amount > V14", [0, 1, 2]),
        ("channel == 'web'", [0]),
        ("'web' == channel", [0]),
        ("channel != 'web'", [1, 2, 3]),
        ("channel in ('web', 'app')", [0, 2]),
        ("channel not in ['web', 'app']", [1, 3]),
        ("channel in 'web'", [0]),
        ("feature['card age'] >= 3", [2, 4]),
        ('feature["class"] == 1', [1, 3]),
        ("\n  V14 < -1.5\n", [0, 1]),
    ],
)
def test_a_rule_fires_where_its_expression_holds(when, rows):
    assert fired(when) == rows


@pytest.mark.parametrize("compare", ["V14 < 0", "V14 >= 0", "V14 == 0", "V14 != 0", "0 != V14"])
def test_a_comparison_with_a_missing_number_is_false(compare):
    assert 3 not in fired(compare)


@pytest.mark.parametrize(
    "compare", ["channel == 'web'", "channel != 'web'", "channel not in ('web',)"]
)
def test_a_comparison_with_a_missing_category_is_false(compare):
    assert 4 not in fired(compare)


def test_not_turns_the_false_of_a_missing_value_into_true():
    assert 3 in fired("not V14 < 0")


def test_a_rule_fires_on_no_rows():
    (parsed,) = parse_rules(rule("V14 < 0 and channel == 'web'"), SCHEMA)

    assert parsed.fires(np.empty((0, 5))).shape == (0,)


def test_a_rule_calls_fraud_on_raw_values_unless_it_says_otherwise():
    (plain,) = parse_rules(rule("V14 < 0"), SCHEMA)
    (told,) = parse_rules(rule("V14 < 0", verdict="legitimate", on="aligned"), SCHEMA)

    assert (plain.verdict, plain.on) == ("fraud", "raw")
    assert (told.verdict, told.on) == ("legitimate", "aligned")


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("V14 <", "not an expression"),
        ("V15 < 0", "'V15' is no feature"),
        ("V14", "Name where a comparison is expected"),
        ("True", "Constant where a comparison is expected"),
        ("__import__('os').system('true')", "Call where a comparison is expected"),
        ("V14 < open('x')", "Call where a feature is expected"),
        ("V14.real < 0", "Attribute where a feature is expected"),
        ("V14 + 1 < 0", "BinOp where a feature is expected"),
        ("V14 < True", "a bool where a number is expected"),
        ("V14 < 1e999", "a number beyond float64"),
        ("V14 < 'web'", "text can be compared by == and != alone"),
        ("V14 == 'web'", "V14 is numeric and cannot be compared with text"),
        ("channel < 3", "channel is categorical"),
        ("channel == 'fax'", "'fax' is none of the levels of channel"),
        ("channel in ('web', 3)", "expected texts"),
        ("channel in ()", "expected texts"),
        ("V14 is 3", "Is is not allowed"),
        ("1 < 2", "a comparison of two constants"),
        ("values['V14'] < 0", "Subscript where a feature is expected"),
        ("(x := 3) < 4", "NamedExpr where a feature is expected"),
        ("not " * 60 + "V14 < 0", "nested deeper than 50"),
        ("V14 < 0 or " * 400 + "V14 < 0", "characters long"),
        ("~(V14 < 0)", "UnaryOp where a comparison is expected"),
    ],
)
def test_a_bad_expression_is_refused_with_what_is_wrong(when, message):
    with pytest.raises(RuleError) as refusal:
        parse_rules(rule(when), SCHEMA)

    assert message in str(refusal.value)
    assert str(refusal.value).startswith("rules.toml:1: rule 'r': ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]", "rules.toml: not TOML"),
        ("rule = 3", "expected at most 1000 [[rule]] tables"),
        ("rule = [3]", "rules.toml:1: rule ''"),
        ("[[rules]]", "unknown key 'rules'"),
        ("[[rule]]\nname = 'a'", "rules.toml:1: rule 'a': when: missing"),
        ("[[rule]]\nname = 'a'\nwhen = 3", "rules.toml:1: rule 'a': when: is int"),
        (rule("V14 < 0", verdict="maybe"), "verdict: not an allowed value"),
        (rule("V14 < 0", on="both"), "on: not an allowed value"),
        (rule("V14 < 0", alpha="3"), "unknown key 'alpha'"),
        ("# one\n\n" + rule("V14 < 0") + "\n" + rule("V15 < 0"), "rules.toml:6: rule 'r'"),
        (rule("V14 < 0") + "\n" + rule("V14 < 0"), "rules.toml:4: rule 'r' appears twice"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(text, message):
    with pytest.raises(RuleError) as refusal:
        parse_rules(text, SCHEMA)

    assert message in str(refusal.value)


def test_an_empty_file_has_no_rules():
    assert parse_rules("", SCHEMA) == ()


def test_the_first_rules_are_the_article_s_where_there_is_a_v14():
    (article,) = parse_rules(default_rules(SCHEMA), SCHEMA)

    assert (article.when, article.verdict, article.on) == ("V14 < -1.5", "fraud", "aligned")


def test_without_a_v14_the_first_rules_are_an_example_in_comments():
    schema = Schema((Numeric("amount"), Categorical("V14", ("a",))))

    text = default_rules(schema)

    assert parse_rules(text, schema) == ()
    assert "# [[rule]]" in text


tokens = (
    *("V14", "channel", "amount", "feature['class']", "<", "<=", "==", "!=", "in", "not", "and"),
    *("or", "(", ")", ",", "-", "1", "'web'", "''", ".", "[", "]", "lambda", ":"),
)
words = st.lists(st.sampled_from(tokens), max_size=12).map(" ".join)


@given(words | st.text(max_size=30))
def test_any_expression_gives_a_rule_that_fires_on_rows_or_a_rule_error(when):
    try:
        parsed = parse_rules(f"[[rule]]\nname = 'r'\nwhen = {_toml(when)}", SCHEMA)
    except RuleError:
        return
    for each in parsed:
        fires = each.fires(ROWS)
        assert fires.shape == (5,)
        assert fires.dtype == bool


@given(st.text(max_size=100))
def test_any_text_is_rules_or_a_rule_error(text):
    try:
        parse_rules(text, SCHEMA)
    except RuleError as refusal:
        assert str(refusal).startswith("rules.toml")  # noqa: PT017


def _toml(text):
    escaped = "".join(f"\\U{ord(character):08X}" for character in text)
    return f'"{escaped}"'
