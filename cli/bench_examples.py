"""The end of `--help` of the commands of `selfheal bench`: worked examples and exit codes."""

from typing import Final

_CODES: Final = "[bold]Exit codes[/bold]: 0 ok, 1 failed, 2 bad usage"

THROUGHPUT: Final = f"""
[bold]Examples[/bold]

Three rounds, beside the bare client and the peers that are installed:

    selfheal bench throughput

A first look, in about a minute:

    selfheal bench throughput --quick

The share of the bare client's speed that is left, for a script:

    selfheal bench throughput --rounds 5 --json | jq .scorer_over_echo

{_CODES}
"""

SWAP: Final = f"""
[bold]Examples[/bold]

Fifty versions, published while two scorers work:

    selfheal bench swap

A first look:

    selfheal bench swap --quick

With more scorers and a faster stream, for a script:

    selfheal bench swap --scorers 4 --rate 20000 --json

{_CODES}
"""

DIGITS: Final = f"""
[bold]Examples[/bold]

Ten networks, a few minutes:

    selfheal bench digits

A first look, one network and a short training:

    selfheal bench digits --quick

How much of the loss is healed, for a script:

    selfheal bench digits --seeds 3 --json | jq .accuracy.healed.mean

{_CODES}
"""

OVERHEAD: Final = f"""
[bold]Examples[/bold]

A minute of each traffic, 200 samples a second:

    selfheal bench overhead

A larger budget of samples:

    selfheal bench overhead --samples-per-s 1000

Figures for a script:

    selfheal bench overhead --json | jq .traffic

{_CODES}
"""

HEALS: Final = f"""
[bold]Examples[/bold]

Thirty heals and lessons of each kind, and four backtests; some minutes:

    selfheal bench heals

A first look:

    selfheal bench heals --quick

The milliseconds of a heal, for a script:

    selfheal bench heals --json | jq '.heals[] | {{rows, ms}}'

{_CODES}
"""

MONITORS: Final = f"""
[bold]Examples[/bold]

Two streams that do not change, looks of 100, 1,000 and 5,000 rows; some minutes:

    selfheal bench monitors

A first look:

    selfheal bench monitors --quick

The delays alone, for a script:

    selfheal bench monitors --json | jq .delays

{_CODES}
"""

ESTIMATES: Final = f"""
[bold]Examples[/bold]

Six cases, three models each:

    selfheal bench estimates

One of each, a first look:

    selfheal bench estimates --seeds 1

By how much an estimate would mislead where it is withdrawn, for a script:

    selfheal bench estimates --json | jq '.cases[-1] | .estimated_accuracy - .accuracy'

{_CODES}
"""

REQUESTS: Final = f"""
[bold]Examples[/bold]

Five streams, seven ways to choose, three seeds each; many minutes:

    selfheal bench requests

One stream on a development seed:

    selfheal bench requests --streams 1 --first-seed 900 --seeds 1

For a script:

    selfheal bench requests --json | jq '.cases[] | {{stream, choice, rows: .mean.rows_to_heal}}'

{_CODES}
"""

HEALING: Final = f"""
[bold]Examples[/bold]

All ten tables on the ten seeds that judge; about an hour on one core:

    selfheal bench healing --out healing.json

A first look, under a minute:

    selfheal bench healing --quick

One table while something is being tuned, on development seeds:

    selfheal bench healing --tables T8 --seeds 900-902

Which targets are missed, for a script:

    selfheal bench healing --json | jq '.tables[].targets[] | select(.is_met == false)'

{_CODES}
"""

PIPELINE: Final = """
[bold]Examples[/bold]

Five scenarios on two seeds, through a Kafka of its own; ten minutes:

    selfheal bench pipeline

A first look, under a minute:

    selfheal bench pipeline --quick

Ten seeds of one scenario, for a script:

    selfheal bench pipeline --scenarios null --seeds 0-9 --json | jq '.runs[].pipeline'

[bold]Exit codes[/bold]: 0 the same within the bounds, 1 not the same, or failed, 2 bad usage
"""
