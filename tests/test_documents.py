"""The documents keep up with the tree: links, the README's map, the decisions' index, the lock."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
NOT_OURS = {
    *(".git", ".venv", ".pytest_cache", ".ruff_cache", ".hypothesis", "__pycache__"),
    *("build", "dist", "out", "site"),
}
BINARY = {".png", ".gz", ".safetensors", ".parquet", ".ico"}


def files_below(folder: Path) -> Iterator[Path]:
    """Every file of the tree, without what tools leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from files_below(path)
        elif path.suffix not in BINARY:
            yield path


FILES = {path.relative_to(ROOT).as_posix(): path for path in files_below(ROOT)}
DOCUMENTS = [name for name in FILES if name.endswith(".md")]


def text_of(name: str) -> str:
    return FILES[name].read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    """The document without its code blocks."""
    return re.sub(r"^```.*?^```", "", text_of(name), flags=re.MULTILINE | re.DOTALL)


def links_of(name: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose_of(name))


def anchors_of(name: str) -> set[str]:
    """The anchors that a heading gets where the document is rendered."""
    headings = re.findall(r"^#+ (.+)$", prose_of(name), flags=re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in bare}


def lines_with(pattern: str) -> list[str]:
    """Where a pattern occurs in the tree, this file left out."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files_below(ROOT)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_leads_somewhere(name):
    broken = []
    for link in links_of(name):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (FILES[name].parent / path).resolve() if path else FILES[name]
        is_there = target.exists()
        if is_there and anchor:
            is_there = anchor in anchors_of(target.relative_to(ROOT).as_posix())
        if not is_there:
            broken.append(link)

    assert not broken


def test_the_readme_maps_every_file_and_folder_of_the_top():
    mapped = re.findall(r"^\| `([^`]+)` \|", text_of("README.md"), flags=re.MULTILINE)
    present = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".")
        and path.name not in NOT_OURS | {"README.md"}
        and not path.name.endswith(".egg-info")
        and (path.is_file() or any(files_below(path)))
    }

    assert sorted(mapped) == sorted(present), "the table under `Where things are`"


def test_every_decision_is_in_the_index_and_numbered_without_gaps():
    decisions = [n for n in DOCUMENTS if re.match(r"docs/adr/\d{4}-", n)]
    indexed = [f"docs/adr/{link}" for link in links_of("docs/adr/README.md")]

    assert indexed == decisions
    assert [int(Path(n).name[:4]) for n in decisions] == list(range(1, len(decisions) + 1))


@pytest.mark.parametrize("name", [n for n in DOCUMENTS if re.match(r"docs/adr/\d{4}-", n)])
def test_a_decision_tells_context_decision_and_consequences_on_one_page(name):
    headings = re.findall(r"^## (.+)$", text_of(name), flags=re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences"]
    assert text_of(name).startswith(f"# {int(Path(name).name[:4])}. ")
    assert text_of(name).count("\n") <= 60


def test_the_lock_names_no_address_and_pins_every_package_by_hash():
    lock = text_of("requirements.lock")
    pinned = re.findall(r"^[A-Za-z0-9._-]+==\S+.*\\\n    --hash=sha256:", lock, flags=re.MULTILINE)

    assert "://" not in lock
    assert len(pinned) == len(re.findall(r"^[^\s#]", lock, flags=re.MULTILINE)) > 0


def test_the_lock_holds_what_pyproject_asks_for():
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", text_of("requirements.lock"), re.MULTILINE))

    stale = [
        str(requirement)
        for requirement in wanted
        if requirement.name != project["name"]
        and locked.get(requirement.name, "") not in requirement.specifier
    ]

    assert not stale, "run `make lock`"


def test_no_file_names_a_place_of_one_machine():
    assert not lines_with(r"/(?:home|Users|root|work|mnt)/\w")


def test_no_file_leans_on_a_folder_beside_the_project():
    assert not lines_with(r"(?:\.\./|/|\b)shared/(?!_)\w|DESIGN\.md|STYLE\.md|HEALING\.md")
