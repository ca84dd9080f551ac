"""The machine that the figures are from, as far as they depend on it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores, load just now (processes that run or wait, mean of a minute), versions."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "load_1m": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "confluent_kafka": version("confluent-kafka"),
        "numpy": version("numpy"),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # no Linux
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
