"""The tree keeps its shape: who imports what, and who may touch the outside.

Imports are read with `ast`, so nothing has to run, or even to be finished, for these to speak.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]

RECORDS, MODEL, DRIFT = "selfheal.records", "selfheal.model", "selfheal.drift"
BUS, TELEMETRY, RUNTIME = "selfheal.bus", "selfheal.telemetry", "selfheal.runtime"

MAY_IMPORT = {
    RECORDS: set(),
    MODEL: {RECORDS},
    DRIFT: {RECORDS, MODEL},
    BUS: {RECORDS},
    TELEMETRY: {RECORDS, MODEL, DRIFT, BUS},
    RUNTIME: {RECORDS, MODEL, BUS, TELEMETRY},
    "registry": {RECORDS, MODEL, DRIFT},
    "producer": {RECORDS, MODEL, DRIFT},
    "consumer": {RECORDS, MODEL, DRIFT, "registry"},
    "healer": {RECORDS, MODEL, DRIFT, "registry"},
}
"""What the core of each package may import beside itself; `cli` and `bench` may import all."""

SHELL_PACKAGES = {BUS, TELEMETRY, RUNTIME}
CORES = tuple(package for package in MAY_IMPORT if package not in SHELL_PACKAGES)

SHELL_NAMES = {"service.py", "settings.py", "__main__.py"}
SHELLS = {
    "consumer/adapter_log.py": "reads `adapters`",
    "consumer/outputs.py": "writes predictions, feedback and dead letters",
    "consumer/reporting.py": "tells events and metrics",
    "consumer/scorer.py": "polls, calls the core, sends and commits",
    "healer/credentials.py": "reads key files",
    "healer/feedback_log.py": "reads `feedback`, writes its dead letters",
    "healer/commands.py": "carries out the commands that are read from `control`",
    "healer/leader.py": "carries out what the core says, while it leads",
    "healer/office.py": "writes `adapters`",
    "healer/performance_meters.py": "tells metrics of the estimated performance",
    "healer/reporting.py": "tells events and metrics",
    "healer/term.py": "opens and closes what only a leader has",
    "healer/threshold_file.py": "watches threshold_config.json",
    "healer/traffic_meters.py": "tells metrics of all traffic",
    "producer/files.py": "reads CSV and Parquet files",
    "producer/sender.py": "writes transactions and labels at their pace",
    "registry/control.py": "writes commands to `control` and waits for the answer",
    "registry/export.py": "writes the registry as files",
    "registry/keys.py": "reads and writes key files",
    "registry/topic.py": "reads and writes `adapters`",
    "selfheal/model/costs_file.py": "reads the operator's costs",
    "selfheal/model/folder.py": "reads and writes model folders",
    "selfheal/records/schemas.py": "writes docs/schemas",
}
"""The files of the cores' packages that touch the outside, beside those called SHELL_NAMES."""

OUTSIDE = {
    *("asyncio", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"),
    *("socket", "subprocess", "tempfile", "threading", "time"),
    *("structlog", "prometheus_client", "rich", "typer", "pydantic_settings"),
}
OUTSIDE_CALLS = {"open", "print", "input", ".now", ".utcnow", ".today"}

TORCH_FILES = {
    f"selfheal/model/{name}.py"
    for name in (
        *("adapted", "adoption", "network", "part_modules"),
        *("state_file", "torch_compiled", "training", "user_module"),
    )
}
TORCH_PACKAGES = ("healer", "cli", "bench")
SCORERS_PATH = ("consumer", "registry", RECORDS, BUS, TELEMETRY)


@dataclass(frozen=True)
class Import:
    """One import statement. `is_lazy`: in a function or for type checkers, not run on import."""

    target: str
    line: int
    is_lazy: bool


@dataclass(frozen=True)
class Module:
    """One file. `path` is relative to the tree, with slashes."""

    name: str
    path: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The listed package that it belongs to: two names deep within `selfheal`."""
        return ".".join(self.name.split(".")[: 2 if self.name.startswith("selfheal.") else 1])

    @property
    def is_core(self) -> bool:
        return (
            self.package in CORES
            and Path(self.path).name not in SHELL_NAMES
            and self.path not in SHELLS
        )

    def imports(self, *, is_eager: bool = False) -> Iterator[Import]:
        """Its imports; with `is_eager` only those that run when it is imported."""
        found = imports_below(self.tree, self.name, is_package=self.path.endswith("__init__.py"))
        return (each for each in found if not (is_eager and each.is_lazy))


def imports_below(
    node: ast.AST, name: str, *, is_package: bool, is_lazy: bool = False
) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, is_lazy)
        elif isinstance(child, ast.ImportFrom):
            base = "." * child.level + (child.module or "")
            origin = resolve_name(base, name if is_package else name.rpartition(".")[0])
            for alias in child.names:
                is_module = f"{origin}.{alias.name}" in MODULE_NAMES
                target = f"{origin}.{alias.name}" if is_module else origin
                yield Import(target, child.lineno, is_lazy)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            yield from imports_below(
                child,
                name,
                is_package=is_package,
                is_lazy=is_lazy or is_function or is_for_types,
            )


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    relative = path.relative_to(ROOT).as_posix()
    return Module(dotted(path), relative, ast.parse(text, relative))


TOP_FOLDERS = sorted({name.split(".")[0] for name in LISTED})
PRODUCT_PATHS = [path for top in TOP_FOLDERS for path in sorted((ROOT / top).rglob("*.py"))]
MODULE_NAMES = {dotted(path) for path in PRODUCT_PATHS}
PRODUCT = [read(path) for path in PRODUCT_PATHS]


def starts_with(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def package_of(target: str) -> str:
    return ".".join(target.split(".")[: 2 if target.startswith("selfheal.") else 1])


def report(rule: str, faults: list[str]) -> None:
    assert not faults, "\n".join([rule, *(f"  {fault}" for fault in faults)])


def test_every_package_is_listed_in_pyproject():
    found = {dotted(path) for path in ROOT.glob("*/__init__.py")}
    found |= {dotted(path) for path in PRODUCT_PATHS if path.name == "__init__.py"}

    assert found == set(LISTED), "list it in pyproject.toml, [tool.setuptools] packages"


def test_imports_point_one_way():
    faults = []
    for module in PRODUCT:
        allowed = MAY_IMPORT.get(module.package)
        if allowed is None:
            continue
        allowed = allowed | {module.package}
        if module.package in CORES and not module.is_core:
            allowed |= SHELL_PACKAGES
        faults += [
            f"{module.path}:{each.line} imports {each.target}"
            for each in module.imports()
            if each.target.split(".")[0] in TOP_FOLDERS and package_of(each.target) not in allowed
        ]

    report(
        "Only these imports are allowed (MAY_IMPORT; a shell may also import SHELL_PACKAGES). "
        "Pass the value in, or move the code to the layer that may know both:",
        faults,
    )


def test_the_kafka_client_is_imported_in_the_bus_only():
    faults = [
        f"{module.path}:{each.line}"
        for module in PRODUCT
        for each in module.imports()
        if starts_with(each.target, ("confluent_kafka",)) and module.package != BUS
    ]

    report("confluent_kafka belongs to selfheal/bus; give the bus a function for this:", faults)


def test_cores_do_not_touch_the_outside():
    faults = []
    for module in filter(lambda module: module.is_core, PRODUCT):
        faults += [
            f"{module.path}:{each.line} imports {each.target}"
            for each in module.imports()
            if each.target.split(".")[0] in OUTSIDE
        ]
        faults += [
            f"{module.path}:{call.lineno} calls {called(call)}()"
            for call in ast.walk(module.tree)
            if isinstance(call, ast.Call) and called(call) in OUTSIDE_CALLS
        ]

    report(
        "A core has no clock, environment, file, logger or global randomness: pass now_ms, the "
        "contents, a numpy Generator. A file that is a shell is named in SHELLS:",
        faults,
    )


def test_the_named_shells_exist():
    named = set(SHELLS) | set(TORCH_FILES)
    gone = sorted(path for path in named if not (ROOT / path).exists())

    report("Named in this test, but not in the tree; take them off the list:", gone)


def test_torch_is_imported_by_training_code_only():
    faults = [
        f"{module.path}:{each.line}"
        for module in PRODUCT
        for each in module.imports(is_eager=not starts_with(module.name, SCORERS_PATH))
        if starts_with(each.target, ("torch",))
        and module.path not in TORCH_FILES
        and module.package not in TORCH_PACKAGES
    ]

    report("Write it in numpy, or import torch in the function that needs it:", faults)


def test_the_scorer_starts_without_torch():
    names = [m.name for m in PRODUCT if starts_with(m.name, (*SCORERS_PATH, "cli.main"))]
    names = [name for name in names if not name.endswith("__main__")]
    program = f"import sys, {', '.join(names)}\nprint('torch' in sys.modules)"

    said = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)

    assert said == "False\n", "torch is imported; see python -X importtime -c 'import consumer...'"


def test_no_import_cycle():
    edges = {
        module.name: [each.target for each in module.imports(is_eager=True)] for module in PRODUCT
    }
    settled: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, "import cycle, move what both need into a third file: " + (
            " -> ".join([*way[way.index(name) :], name])
        )
        if name not in settled:
            for target in edges.get(name, ()):
                visit(target, (*way, name))
            settled.add(name)

    for name in edges:
        visit(name, ())


def called(call: ast.Call) -> str:
    """What is called: "open" for open(...), ".now" for datetime.now(...)."""
    if isinstance(call.func, ast.Attribute):
        return f".{call.func.attr}"
    return getattr(call.func, "id", "")
