"""What every command says of itself."""

import re

import click
import pytest
import typer

from cli.main import app


def commands_below(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """Every command that does something, by what is typed after `selfheal`."""
    found = {}
    for name, command in group.commands.items():
        inner = commands_below(command, (*path, name)) if hasattr(command, "commands") else {}
        found |= inner or {" ".join((*path, name)): command}
    return found


COMMANDS = commands_below(typer.main.get_command(app))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_told_in_a_sentence_with_examples_and_exit_codes(name, selfheal):
    command = COMMANDS[name]

    text = selfheal(*name.split(), "--help").output

    assert command.help.split("\n\n")[0].endswith(".")
    assert text.count(f"selfheal {name}") >= 3
    assert "Exit codes" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is(name):
    silent = [each.name for each in COMMANDS[name].params if not getattr(each, "help", None)]

    assert silent == []


@pytest.mark.parametrize("name", ["score", "heal", "replay", "demo"])
def test_options_that_follow_the_settings_say_what_holds_without_them(name, selfheal):
    text = selfheal(name, "--help").output

    assert "[default: (" in text
    assert not re.search(r" \.\s", text)  # brackets in a help text are markup and vanish
