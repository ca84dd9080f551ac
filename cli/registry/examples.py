"""The end of each `selfheal registry COMMAND --help`: worked examples and exit codes."""

from typing import Final

_CODES: Final = (
    "[bold]Exit codes[/bold]: 0 ok, 1 refused or failed, 2 bad usage, 3 broker not reachable"
)


def _epilog(*examples: tuple[str, str]) -> str:
    """Each a sentence and its command."""
    body = "\n\n".join(f"{sentence}:\n\n    {command}" for sentence, command in examples)
    return f"[bold]Examples[/bold]\n\n{body}\n\n{_CODES}"


EXAMPLES: Final = {
    "ls": _epilog(
        ("Every version, and which one serves", "selfheal registry ls --bootstrap broker:9092"),
        (
            "With signatures checked",
            "selfheal registry ls --public-keys keys/healer",
        ),
        (
            "The active version alone, in a script",
            "selfheal registry ls --json | jq -r .active.version",
        ),
    ),
    "show": _epilog(
        ("Where v3 comes from and what its gate measured", "selfheal registry show v3"),
        ("Its parents", "selfheal registry show v3 --json | jq -r '.lineage[]'"),
        ("On a broker with TLS", "selfheal registry show v3 --properties client.properties"),
    ),
    "diff": _epilog(
        ("What the last heal changed", "selfheal registry diff v2 v3"),
        ("What v3 does to the bare model", "selfheal registry diff base v3"),
        ("For a script", "selfheal registry diff v2 v3 --json"),
    ),
    "activate": _epilog(
        (
            "Have the healer put v2 into service",
            "selfheal registry activate v2 --key keys/operator --reason 'v3 misses gift cards'",
        ),
        (
            "Serve the bare model",
            "selfheal registry activate base --key keys/operator",
        ),
        (
            "No healer runs",
            "selfheal registry activate v2 --takeover --key keys/healer",
        ),
    ),
    "rollback": _epilog(
        (
            "Let the healer choose the best other version on the labels of now",
            "selfheal registry rollback --key keys/operator --reason 'recall fell'",
        ),
        (
            "No healer runs: back to what served before",
            "selfheal registry rollback --takeover --key keys/healer",
        ),
        (
            "Wait longer for the answer",
            "selfheal registry rollback --key keys/operator --timeout 60",
        ),
    ),
    "pin": _epilog(
        ("Keep v3 from clean-up", "selfheal registry pin v3 --key keys/operator"),
        (
            "With a reason, for an audit",
            "selfheal registry pin v3 --reason 'case 1187' --key keys/operator",
        ),
        ("Give it free again", "selfheal registry pin v3 --off --key keys/operator"),
    ),
    "verify": _epilog(
        (
            "Check every signature, hash and story",
            "selfheal registry verify --public-keys keys/healer",
        ),
        (
            "Every night",
            "selfheal registry verify --public-keys keys/healer --json >> verify.log",
        ),
        (
            "What is refused, and why",
            "selfheal registry verify --public-keys keys/healer --json | jq '.refused'",
        ),
    ),
    "history": _epilog(
        ("What served when", "selfheal registry history"),
        ("What served last", "selfheal registry history --json | jq '.[-1]'"),
        ("Of another model on the same cluster", "selfheal registry history --prefix cards."),
    ),
    "publish-model": _epilog(
        (
            "Have every service go over to a retrained model",
            "selfheal registry publish-model models/cards-2 --key keys/healer",
        ),
        (
            "Back to the model before",
            "selfheal registry publish-model models/cards --key keys/healer --reason 'recall fell'",
        ),
        (
            "No healer runs",
            "selfheal registry publish-model models/cards-2 --takeover --key keys/healer",
        ),
    ),
    "export": _epilog(
        ("All versions as files", "selfheal registry export --out registry"),
        ("Only what is signed", "selfheal registry export --out r --public-keys keys/healer"),
        ("What was written", "selfheal registry export --out registry --json | jq -r '.files[]'"),
    ),
}
