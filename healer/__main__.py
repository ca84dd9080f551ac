"""`python -m healer [CONFIG.toml]`: the healer. `selfheal heal` has options besides."""

import sys

from healer.service import run
from healer.settings import HealerSettings
from registry.errors import KeyFileError
from selfheal.runtime.entry import run_module

if __name__ == "__main__":
    sys.exit(run_module("healer", HealerSettings, run, sys.argv[1:], (KeyFileError,)))
