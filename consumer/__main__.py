"""`python -m consumer [CONFIG.toml]`: the scorer. `selfheal score` has options besides."""

import sys

from consumer.service import run
from consumer.settings import ScorerSettings
from registry.errors import KeyFileError
from selfheal.runtime.entry import run_module

if __name__ == "__main__":
    sys.exit(run_module("scorer", ScorerSettings, run, sys.argv[1:], (KeyFileError,)))
