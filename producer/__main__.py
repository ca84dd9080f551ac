"""`python -m producer [CONFIG.toml]`: the producer. `selfheal replay` has options besides."""

import sys

from producer.service import run
from producer.settings import ProducerSettings
from selfheal.runtime.entry import run_module

if __name__ == "__main__":
    sys.exit(run_module("producer", ProducerSettings, run, sys.argv[1:]))
