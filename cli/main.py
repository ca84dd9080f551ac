"""The `selfheal` command."""

import typer

from cli import bench, broker, export, importing, keys, service_examples, services, topics, train
from cli.backtest import command as backtest
from cli.demo import command as demo
from cli.registry import command as registry

app = typer.Typer(
    help="Self-healing scoring on Kafka. Begin with: selfheal demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command(epilog=demo.EXAMPLES)(demo.demo)
app.command(epilog=train.EXAMPLES)(train.train)
app.command("import", epilog=importing.EXAMPLES)(importing.import_module)
app.command(epilog=backtest.EXAMPLES)(backtest.backtest)
app.command(epilog=service_examples.SCORE)(services.score)
app.command(epilog=service_examples.HEAL)(services.heal)
app.command(epilog=service_examples.REPLAY)(services.replay)
app.command(epilog=broker.EXAMPLES)(broker.broker)
app.command(epilog=export.EXAMPLES)(export.export)
app.add_typer(registry.app, name="registry")
app.add_typer(topics.app, name="topics")
app.add_typer(keys.app, name="keys")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
