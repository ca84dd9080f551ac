"""The end of `--help` of the commands that run services: worked examples and exit codes."""

from typing import Final

_CODES: Final = (
    "[bold]Exit codes[/bold]: 0 stopped as asked, 1 failed, 2 bad usage or settings, "
    "3 broker not reachable, 4 stopped by a safety limit"
)

SCORE: Final = f"""
[bold]Examples[/bold]

Believe the adapters that the healer's key has signed:

    selfheal score --model model --public-keys keys --bootstrap broker:9092

Faster answers, where a transaction may be scored twice after a crash:

    selfheal score --config scorer.toml --set delivery=at_least_once --set commit_interval_ms=20

A broker with TLS, the settings in a file with a part called "properties":

    selfheal score --config scorer.toml --set properties.security.protocol=SSL

{_CODES}
"""

HEAL: Final = f"""
[bold]Examples[/bold]

Sign what is published, and believe nothing else:

    selfheal heal --model model --signing-key keys/3f2a.private.pem --public-keys keys

With thresholds that operations may edit while it runs:

    selfheal heal --config healer.toml --thresholds threshold_config.json

Decide by what mistakes cost (missed_fraud, false_alarm, review_capacity):

    selfheal heal --config healer.toml --costs costs.toml

The published recipe, with more steps a heal:

    selfheal heal --config healer.toml --policy article --set healing.heal_steps=20

{_CODES}
"""

REPLAY: Final = """
[bold]Examples[/bold]

Your own history, one label in ten, 2,000 rows late:

    selfheal replay history.csv --model model --target is_fraud --label-rate 0.1 --label-delay 2000

As fast as the broker takes it:

    selfheal replay history.parquet --model model --target is_fraud --rate 0

Synthetic drift, always the same for a seed:

    selfheal replay --scenario gradual --transactions 20000 --seed 7

[bold]Exit codes[/bold]: 0 all is sent, or stopped as asked, 1 failed, 2 bad usage or settings, 3
broker not reachable
"""
