"""The operator's costs, as a file."""

from pathlib import Path

from selfheal.model.costs import Costs, read_costs
from selfheal.model.errors import CostsError


def read_costs_file(path: Path) -> Costs:
    """The costs in a TOML file. Raises CostsError, also where it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise CostsError(f"{path}: cannot be read, expected a TOML file of costs") from None
    return read_costs(text, str(path))
