"""The house rules that a reader would otherwise have to check by eye in every file."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
TOP_FOLDERS = sorted({name.split(".")[0] for name in LISTED})

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50

UNSAFE_MODULES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"np.load", "numpy.load", "eval", "exec"}

SKIPS = {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.importorskip"}
SKIPS |= {"pytest.mark.xfail", "pytest.xfail"}
MOCKS = {"mock", "unittest.mock", "pytest_mock"}

STARTS_COMPONENTS = ("tests/kafka/", "tests/elk/", "tests/faults/", "tests/conftest.py")
COMPONENTS = {"selfheal.bus.embedded.EmbeddedBroker"}

EMPTY_WORDS = {"data", "engine", "handler", "helper", "helpers", "manager", "util", "utils"}


def read(folder: str) -> dict[str, str]:
    """The text of each Python file below a folder, by its path from the tree's root."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in paths}


PRODUCT = {path: text for folder in TOP_FOLDERS for path, text in read(folder).items()}
TESTS = read("tests")
TREES = {path: ast.parse(text, path) for path, text in (PRODUCT | TESTS).items()}


def names_in(path: str) -> Iterator[tuple[int, str]]:
    """Every module imported and every dotted name used, with its line."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute | ast.Name):
            yield node.lineno, ast.unparse(node)


def found(paths: dict[str, str], names: set[str]) -> list[str]:
    return [
        f"{path}:{line} {name}" for path in paths for line, name in names_in(path) if name in names
    ]


def report(rule: str, faults: list[str]) -> None:
    assert not faults, "\n".join([rule, *(f"  {fault}" for fault in faults)])


def test_nothing_is_ever_unpickled():
    faults = found(PRODUCT, UNSAFE_MODULES | UNSAFE_CALLS)

    report("These can run what a file holds; use safetensors (selfheal.model.weights):", faults)


def test_torch_loads_nothing_but_tensors():
    faults = [
        f"{path}:{node.lineno}"
        for path in PRODUCT
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "torch.load"
        and "weights_only=True" not in map(ast.unparse, node.keywords)
    ]

    report("Without weights_only=True it runs what a file holds:", faults)


def test_no_file_has_two_subjects():
    sizes = {path: text.count("\n") for path, text in (PRODUCT | TESTS).items()}
    faults = [f"{path}: {lines} lines" for path, lines in sizes.items() if lines > MAX_FILE_LINES]

    report(f"Over {MAX_FILE_LINES} lines; split by subject:", faults)


def test_no_function_is_long():
    faults = [
        f"{path}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]

    report(f"Over {MAX_FUNCTION_LINES} lines; name its steps as functions:", faults)


def test_names_say_what_a_thing_is():
    named = {(path, Path(path).stem) for path in PRODUCT}
    named |= {
        (f"{path}:{node.lineno}", node.name)
        for path in PRODUCT
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    faults = [f"{place} {name}" for place, name in sorted(named) if words(name) & EMPTY_WORDS]

    report("These words name nothing; take the field's (docs/glossary.md):", faults)


def words(name: str) -> set[str]:
    """The words of a name in either spelling.

    >>> sorted(words("_ThresholdFile")), sorted(words("read_rows"))
    (['file', 'threshold'], ['read', 'rows'])
    """
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_no_test_skips():
    report("A component that cannot start is a failure:", found(TESTS, SKIPS))


def test_no_test_imitates():
    report("Real values, and a real broker in tests/kafka, replace mocks:", found(TESTS, MOCKS))


def test_a_test_that_starts_its_own_component_is_in_a_folder_that_make_fast_leaves_out():
    elsewhere = {p: text for p, text in TESTS.items() if not p.startswith(STARTS_COMPONENTS)}

    report("Move it to tests/kafka, or take the `broker` fixture:", found(elsewhere, COMPONENTS))
