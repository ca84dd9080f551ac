"""The example of docs/backtest.md runs as it stands, without the baselines, which take long."""

import re
import shlex
from pathlib import Path

import pytest

from cli.backtest.figures import FIGURES

DOCUMENT = Path(__file__).parents[2] / "docs" / "backtest.md"


def frozen(text: str) -> list[float]:
    """The figures of the frozen model in a table."""
    line = next(line for line in text.splitlines() if "frozen  " in line)
    return [float(number) for number in re.findall(r"\d\.\d{3}", line)]


def test_the_documents_example_runs_and_gives_what_it_shows(selfheal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = DOCUMENT.read_text(encoding="utf-8").partition("## An example")[2]
    program, command, shown = re.findall(r"^```(?:python)?\n(.*?)^```", example, re.S | re.M)

    exec(compile(program, str(DOCUMENT), "exec"), {})
    result = selfheal(*shlex.split(command.replace("--baselines", "--policy none"))[1:])

    assert result.exit_code == 0, result.output
    assert len(frozen(shown)) == len(FIGURES)
    assert frozen(result.stdout) == pytest.approx(frozen(shown), abs=0.005)
