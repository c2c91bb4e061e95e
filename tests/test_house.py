"""The house kept clean: who may import whom, how long things may be, what no file may name, and what must agree.

Each check is a function that returns what is wrong, so that a bad example can show that it sees it.
"""

from __future__ import annotations

import ast
import fnmatch
import graphlib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = (
    {"errors", "compiled"},
    {"calendars", "distributions"},
    {"scenario"},
    {"plan"},
    {"sampling"},
    {"timeline"},
    {"engine"},
    {"runner", "costs", "calibration"},
    {"analysis"},
    {"results"},
    {"report"},
    {""},  # sim/__init__.py, the public API
    {"cli"},
    {"__main__"},
)
"""The parts of the program from left to right; a module imports its own part and what stands to the left of it."""

USERS_OF_COMPILED = {"sampling", "engine", "costs", "analysis", "results"}
"""The parts in which inner loops are compiled, and ``results``, which says whether they are."""

OWNERS = {
    "numba": "sim.compiled",
    "llvmlite": "sim.compiled",
    "simpy": "sim.engine.process",
    "altair": "sim.report",
    "vl_convert": "sim.report",
    "xlsxwriter": "sim.report",
    "jinja2": "sim.report",
    "matplotlib": "sim.report",
}
"""The one module or package that may import a library, so that it can be replaced in one place."""

FUNCTION_LINES = 40
MODULE_LINES = 400


class Import(NamedTuple):
    """``module`` imports ``target``; ``place`` is for the message."""

    module: str
    target: str
    place: str


def modules_of(package: Path) -> dict[str, Path]:
    """Dotted name of each module of a package, and its file."""
    names = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imports_of(modules: dict[str, Path]) -> list[Import]:
    """Every import in the modules, late ones and those for types alone included."""
    found = []
    for module, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found += [Import(module, target, f"{path.name}:{node.lineno}") for target in _targets(node, module, path, modules)]
    return found


def _targets(node: ast.AST, module: str, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, module, is_package=path.name == "__init__.py")
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in modules else base


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - (1 if is_package else 0)
    parts = module.split(".")
    return ".".join(parts[: len(parts) - up] + ([node.module] if node.module else []))


def part_of(module: str) -> str:
    """The part of the program that a module belongs to: ``sim.engine.kernel`` to ``engine``, ``sim`` to the API."""
    return module.split(".")[1] if "." in module else ""


def rank_of(module: str) -> int | None:
    """How far to the right a module stands; None when it has no place yet."""
    return next((rank for rank, layer in enumerate(LAYERS) if part_of(module) in layer), None)


def wrong_directions(imports: list[Import]) -> list[str]:
    """Imports from the right, or between neighbours in one layer."""
    return [
        f"{i.place}: {i.module} must not import {i.target}"
        for i in imports
        if i.target.split(".")[0] == "sim" and part_of(i.module) != part_of(i.target) and not _rightward(i)
    ]


def _rightward(i: Import) -> bool:
    module, target = rank_of(i.module), rank_of(i.target)
    if module is None or target is None or module <= target:
        return False
    return part_of(i.target) != "compiled" or part_of(i.module) in USERS_OF_COMPILED


def cycle(imports: list[Import], modules: dict[str, Path]) -> list[str]:
    """One ring of modules that import each other, or nothing."""
    graph: dict[str, set[str]] = {}
    for i in imports:
        if i.target in modules and i.target != i.module:
            graph.setdefault(i.module, set()).add(i.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [" → ".join(reversed(error.args[1]))]
    return []


def strangers(imports: list[Import]) -> list[str]:
    """Libraries imported outside the module that owns them."""
    return [
        f"{i.place}: only {owner} imports {library}"
        for i in imports
        for library, owner in OWNERS.items()
        if i.target.split(".")[0] == library and i.module != owner and not i.module.startswith(f"{owner}.")
    ]


def too_long(path: Path) -> list[str]:
    """The module and its functions that are too long and give no reason; docstrings do not count in a function's length.

    A reason is ``# long module: …`` in the first five lines, or ``# long: …`` between decorators and body.
    """
    lines = path.read_text("utf-8").splitlines()
    faults = []
    if len(lines) > MODULE_LINES and not any(re.search(r"# long module: \S", line) for line in lines[:5]):
        faults.append(f"{path.name}: {len(lines)} lines")
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES:
            head = lines[min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1 : node.body[0].lineno]
            if not any(re.search(r"# long: \S", line) for line in head):
                faults.append(f"{path.name}:{node.lineno}: {node.name} has {_length(node)} lines")
    return faults


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    text = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    return (node.end_lineno or 0) - node.lineno + 1 - ((text.end_lineno or 0) - text.lineno + 1 if text else 0)


def whole(text: str) -> str:
    """Join what is spelt in pieces here, so that this file does not name it either."""
    return text.replace("·", "")


HOSTS = "py·pi.org python·hosted.org npm·js.org npm·js.com deb.deb·ian.org ana·conda.org crates·.io un·pkg.com jsde·livr.net"
FOLDERS = "wo·rk ro·ot tmp/br·ief opt/py·pi ho·me/[a-z]+"
FOREIGN = re.compile(
    "|".join([*(re.escape(host) for host in whole(HOSTS).split()), *(rf"(?<![\w.-])/{folder}\b" for folder in whole(FOLDERS).split())])
)
"""Addresses of package registries and networks, and folders of the machine that somebody wrote this on."""


def foreign_names(path: Path) -> list[str]:
    """What a file names that only one machine has, or that would be fetched from outside."""
    lines = path.read_text("utf-8", errors="ignore").splitlines()
    return [f"{path.name}:{number}: {found[0]}" for number, line in enumerate(lines, 1) if (found := FOREIGN.search(line))]


def project_files() -> Iterator[Path]:
    """The project's own files, without what .gitignore leaves out."""
    patterns = (ROOT / ".gitignore").read_text("utf-8").split()
    ignored = {".git", *(p.rstrip("/") for p in patterns if p.endswith("/"))}
    for folder, folders, files in os.walk(ROOT):
        here = Path(folder)
        folders[:] = [f for f in folders if not any(fnmatch.fnmatch(f, p) for p in ignored) and here != ROOT / "results"]
        yield from (here / f for f in files if not fnmatch.fnmatch(f, ".coverage*"))


def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


SIM = modules_of(ROOT / "sim")
IMPORTS = imports_of(SIM)


# --- the program ---


def test_every_module_has_a_place() -> None:
    assert [m for m in SIM if rank_of(m) is None] == [], "give it a place in LAYERS, and in the design record"


def test_imports_go_one_way() -> None:
    assert wrong_directions(IMPORTS) == []


def test_no_import_cycle() -> None:
    assert cycle(IMPORTS, SIM) == []


def test_each_library_has_one_owner() -> None:
    assert strangers(IMPORTS) == []


@pytest.mark.parametrize("module", SIM)
def test_nothing_is_too_long(module: str) -> None:
    assert too_long(SIM[module]) == []


def test_the_api_page_names_what_the_package_offers() -> None:
    import sim

    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    assert re.findall(r"^## `sim\.(\w+)", page, flags=re.MULTILINE) == sim.__all__
    assert sim.__all__ == sorted(sim.__all__, key=lambda name: (name.islower(), name))
    assert all(getattr(sim, name).__doc__ for name in sim.__all__)


def test_contributing_says_what_holds() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    [chain] = re.findall(r"^errors, .* < cli$", text, flags=re.MULTILINE)
    told = [{"" if part == "sim" else part for part in layer.split(", ")} for layer in chain.split(" < ")]
    assert told == [layer for layer in LAYERS if layer != {"__main__"}]
    targets = set(re.findall(r"`make ([a-z-]+)", text))
    assert targets - set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)) == set()
    files = re.findall(r"`((?:sim|tests|scripts|docs|validation)/[\w/]*(?:\.\w+)?)`", text)
    assert [name for name in files if "test_x" not in name and not (ROOT / name).exists()] == []


# --- the files around it ---


def test_no_file_names_a_registry_or_a_machine() -> None:
    assert [fault for path in project_files() for fault in foreign_names(path)] == []


def _normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_every_pin_has_a_hash_and_no_address() -> None:
    logical = (ROOT / "requirements.txt").read_text("utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in logical if line and not line.lstrip().startswith("#")]
    assert len(pins) > 50
    assert [p for p in pins if not re.match(r"[\w.-]+(\[\w+\])?==\S+ (;.*? )? *--hash=sha256:[0-9a-f]{64}\b", p) or "://" in p] == []


def test_everything_that_is_asked_for_is_pinned() -> None:
    pins = {_normal(line) for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if re.match(r"\w", line)}
    extras = project()["optional-dependencies"].values()
    asked = {_normal(r) for r in [*project()["dependencies"], *(r for extra in extras for r in extra)]}
    assert asked - pins == set(), "run: make lock"


def test_version_and_licence_agree() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    version = re.escape(str(project()["version"]))
    assert re.search(rf'^version: "?{version}"?$', citation, flags=re.MULTILINE)
    assert re.search(rf"^## \[{version}\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)
    assert (ROOT / "LICENSE").read_text("utf-8").startswith(f"{project()['license']} License")
    assert f"license: {project()['license']}\n" in citation


def test_every_lint_rule_left_out_has_its_reason() -> None:
    block = re.search(r"\[tool\.ruff\.lint\].*?\nignore = \[\n(.*?)\n\]", (ROOT / "pyproject.toml").read_text("utf-8"), flags=re.DOTALL)
    assert [line for line in block[1].splitlines() if not re.search(r"# \S", line)] == []


# --- the checks themselves see what they are for ---


def _package(folder: Path, files: dict[str, str]) -> tuple[list[Import], dict[str, Path]]:
    for name, text in {"__init__.py": "", **files}.items():
        path = folder / "sim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    modules = modules_of(folder / "sim")
    return imports_of(modules), modules


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("calendars.py", "def f():\n    from sim.scenario import Scenario"),
        ("distributions.py", "import sim.calendars"),
        ("costs.py", "from sim import runner"),
        ("results.py", "from . import cli"),
        ("engine/kernel.py", "from ..results import read"),
        ("plan.py", "from sim import load"),
        ("plan.py", "from sim.compiled import jit"),
        ("compiled.py", "import sim.errors"),
        ("novelty.py", "import sim.errors"),
    ],
)
def test_a_wrong_direction_is_seen(tmp_path: Path, name: str, text: str) -> None:
    imports, _ = _package(tmp_path, {name: text, "cli.py": "", "runner.py": ""})
    assert len(wrong_directions(imports)) == 1


def test_a_right_direction_passes(tmp_path: Path) -> None:
    text = "import sim.errors\nfrom sim.compiled import jit\nfrom ..plan import Plan\nfrom . import process\nimport numpy"
    imports, modules = _package(tmp_path, {"engine/kernel.py": text, "engine/__init__.py": "", "engine/process.py": "import simpy"})
    assert (wrong_directions(imports), cycle(imports, modules), strangers(imports)) == ([], [], [])


def test_a_cycle_is_printed_as_a_path(tmp_path: Path) -> None:
    imports, modules = _package(
        tmp_path, {"a.py": "import sim.b", "b.py": "def f():\n    from sim import c", "c.py": "from sim.a import x"}
    )
    [ring] = cycle(imports, modules)
    assert "sim.a → sim.b → sim.c" in f"{ring} → {ring.split(' → ', 1)[1]}"


def test_a_library_outside_its_owner_is_seen(tmp_path: Path) -> None:
    imports, _ = _package(
        tmp_path, {"runner.py": "from numba import njit", "report/charts.py": "import altair", "cli.py": "import altair.vegalite"}
    )
    assert strangers(imports) == ["cli.py:1: only sim.report imports altair", "runner.py:1: only sim.compiled imports numba"]


def test_length_counts_code_and_takes_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    body = "    x = 1\n" * 40
    path.write_text(f"def f():\n{body}", "utf-8")
    assert too_long(path) == ["m.py:1: f has 41 lines"]
    path.write_text(f"def f():  # long: a table\n{body}", "utf-8")
    assert too_long(path) == []
    path.write_text('def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 39, "utf-8")
    assert too_long(path) == []
    path.write_text("x = 1\n" * 401, "utf-8")
    assert too_long(path) == ["m.py: 401 lines"]
    path.write_text("# long module: a table\n" + "x = 1\n" * 401, "utf-8")
    assert too_long(path) == []


@pytest.mark.parametrize("text", ["see https://py·pi.org/simple", "read /wo·rk/shared/x", "in '/ro·ot/.cache'", "/ho·me/a/x"])
def test_a_foreign_name_is_seen(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(f"first line\n{whole(text)}\n", "utf-8")
    [fault] = foreign_names(path)
    assert fault.startswith("notes.md:2: ")


@pytest.mark.parametrize("text", ["the steering group's work/home balance", "src/work/x", "a root of 2", "framework/root"])
def test_a_harmless_name_passes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(text, "utf-8")
    assert foreign_names(path) == []
