"""The pages of the documentation that the program can write itself: nobody edits them, and a test holds them in step."""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DEFAULT = "scenarios/programme-2021.toml"
MADE = "<!-- Made from the program by `make reference`; do not edit. -->\n\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines) + "\n"


def prose(text: str) -> str:
    r"""Text of a docstring: roles and double backticks as code, one line a paragraph.

    >>> prose("See :func:`sim.run`;\\n``x`` is\\n\\na day.")
    'See `sim.run`; `x` is\\n\\na day.'
    """
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", inspect.cleandoc(text)).replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


# --- the scenario language -------------------------------------------------------------------------------------------------------


def scenario_page() -> str:
    """Sections and fields, from the schema."""
    from sim.scenario import reference_markdown

    return MADE + reference_markdown()


def schema_file() -> str:
    """The JSON Schema that the first line of the scenarios names."""
    from sim.cli.schema import schema_text

    return schema_text() + "\n"


# --- commands --------------------------------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Commands with arguments and options, from the functions that the command line is made of."""
    from sim.cli import COMMANDS, status

    parts = [f"{MADE}# Commands\n\nEvery command tells this with `--help`.\n"]
    for command in COMMANDS:
        name, known = command.__name__.replace("_", "-").strip("-"), parameters(command)
        arguments = [p for p in known if p.is_argument]
        options = [(p.shown, p.default, p.help) for p in known if not p.is_argument]
        usage = " ".join(["etablera", name, *(p.shown for p in arguments)])
        parts.append(f"## {name}\n\n{prose(command.__doc__ or '')}\n\n`{usage}`\n")
        parts += [table(("argument", "meaning"), [(f"`{p.shown}`", p.help) for p in arguments])] if arguments else []
        parts += [table(("option", "default", "meaning"), options)] if options else []
    rows = [(found[1], prose(found[2])) for found in re.finditer(r"^(\d+)  +(.*)$", status.__doc__ or "", flags=re.MULTILINE)]
    parts.append("## Exit status\n\n" + table(("status", "meaning"), rows))
    return "\n".join(parts)


class Parameter(NamedTuple):
    """An argument or option of a command, as the page shows it."""

    shown: str
    default: str
    help: str
    is_argument: bool


def parameters(command: Callable[..., None]) -> list[Parameter]:
    """What a command can be given."""
    hints = get_type_hints(command, include_extras=True)
    return [_parameter(name, p.default, hints[name]) for name, p in inspect.signature(command).parameters.items()]


def _parameter(name: str, default: Any, hint: Any) -> Parameter:
    from typer.models import ArgumentInfo

    kind, info = hint.__origin__, hint.__metadata__[0]
    help_ = info.help or ""
    told = re.search(r" *\[([^\]]*)\]$", help_)
    help_ = prose(help_[: told.start()] if told else help_)
    if isinstance(info, ArgumentInfo):
        several = " …" if get_origin(kind) is list else ""
        return Parameter((info.metavar or name.upper()) + several, "", help_, True)
    declared = [text for text in (info.default, *(info.param_decls or ())) if isinstance(text, str) and text.startswith("-")]
    names = [part for text in (declared or [f"--{name.replace('_', '-')}"]) for part in text.split("/")]
    switch = any("/" in text for text in declared)
    value = "" if kind is bool else f" {_value(kind, info.metavar)}"
    shown = told[1] if told else _default(default, names if switch else []) if default is not inspect.Parameter.empty else "required"
    return Parameter(", ".join(f"`{one}`" for one in names) + value, shown, help_, False)


def _value(kind: Any, metavar: str | None) -> str:
    """What can be chosen, or the kind of value."""
    inner = next((one for one in get_args(kind) if one is not type(None)), kind)
    if metavar is None and isinstance(inner, type) and issubclass(inner, Enum):
        return " or ".join(f"`{one.value}`" for one in inner)
    return f"`{metavar or inner.__name__.upper()}`"


def _default(value: Any, names: list[str]) -> str:
    if isinstance(value, bool):
        return f"`{names[0 if value else -1]}`" if names else ""
    if value in (None, (), ""):
        return ""
    return f"`{getattr(value, 'value', value)}`"


# --- checks ----------------------------------------------------------------------------------------------------------------------


def checks_page() -> str:
    """What is looked at before anything is simulated, from the checks' own docstrings and the cases of their tests."""
    from sim.results.sense import PLAN_WARNINGS
    from sim.scenario.checks import CHECKS, WARNINGS
    from sim.scenario.files import MOST_BYTES, MOST_TOML_BYTES
    from sim.scenario.load import MOST_ACTIVITIES, MOST_BASES
    from sim.scenario.office_table import MOST_OFFICES

    limits = {"toml": MOST_TOML_BYTES // 10**6, "file": MOST_BYTES // 10**6, "bases": MOST_BASES, "activities": MOST_ACTIVITIES}
    parts = [MADE + _CHECKS_HEAD.format(**limits, offices=MOST_OFFICES), "## Warnings\n", _CHECKS_WARN]
    parts.append(table(("check", "warns of", "for example"), _check_rows((*WARNINGS, *PLAN_WARNINGS), "warnings")))
    parts += ["## Faults\n", _CHECKS_FAULTS, table(("check", "sees to", "for example"), _check_rows(CHECKS, "checks"))]
    return "\n".join(parts)


def _check_rows(checks: Iterable[Callable[..., object]], kind: str) -> list[tuple[str, ...]]:
    told = examples(kind)
    rows = [(one.__name__, prose((one.__doc__ or "").split("\n\n")[0])) for one in checks]
    return [(f"`{name}`", text, f"`{told[name]}`" if name in told else "") for name, text in rows]


_CHECKS_HEAD = """# Checks

`etablera check` looks at a scenario before anything is simulated; `run` does so too, and stops at a fault. Whatever is wrong is told at
once, each thing on a line of its own: the place, what was found, what is allowed, what to do, and the file and line.

Before the checks below come those of form, which have no list: the file is text in UTF-8 and TOML, every key is one of the
[scenario language](scenario.md), every value has the type and lies within the bounds that are said there. A scenario file may have
{toml} MB, any other file {file} MB; at most {offices} offices and {activities} activities can be simulated, and {bases} scenarios can
extend one another in a row. A scenario may name files in its own folder, below it, and in what lies under the folder above it, but
nothing further out and no absolute path.
"""

_CHECKS_WARN = """What can be simulated but is hardly meant. Each warning ends with the name of its check. `--strict` exits with 3 when
there is any, and `--strict-about CHECK` when this one warns.
"""

_CHECKS_FAULTS = "What makes a scenario impossible to simulate, or to mean anything. The exit status is 2, and nothing is written.\n"


def examples(kind: str) -> dict[str, str]:
    """The first message of each check in the cases of the tests, by its name."""
    cases = tomllib.loads((ROOT / "tests" / "scenario_cases" / f"{kind}.toml").read_text("utf-8"))["case"]
    found: dict[str, str] = {}
    for case in cases:
        for message in case.get("faults", case.get("warnings", ())):
            found.setdefault(case["check"], re.sub(r" +\[[^\]]*\]$", "", message))
    return found


# --- files of a run --------------------------------------------------------------------------------------------------------------

OTHER_FILES = (
    ("run.json", "–", "The passport: resolved scenario, changes, seed, replications, versions, digests of input and results, timings."),
    ("openings.parquet", "future and office", "`replication`, `office`, `day` (whole days after `scenario.start`)."),
    (
        "timeline.parquet",
        "future, office and activity",
        "`replication`, `office`, `activity`, `happens`, `start`, `finish`, `wait`, `driver`; with `--timeline`.",
    ),
    ("report.html", "–", "The report, one page that needs nothing from outside."),
    ("report.xlsx", "–", "The same tables as a workbook, with charts."),
    ("*.svg", "–", "Pictures of the report."),
)
"""Files that are no tables."""


def files_page() -> str:
    """Files of a run folder, and every column of its tables."""
    from sim.results.columns import catalogue
    from sim.results.tables import ANSWERS

    known = catalogue()
    more = [name for name in known if name not in ANSWERS]

    def listed(heading: str, names: Iterable[str]) -> str:
        return table(
            (heading, "a row for each", "tells"), [(f"[`{name}.csv`](#{name})", known[name].per, known[name].tells) for name in names]
        )

    parts = [MADE + _FILES_HEAD, listed("file", ANSWERS)]
    parts.append(table(("other files", "a row for each", "tells"), [(f"`{name}`", per, tells) for name, per, tells in OTHER_FILES]))
    parts.append(listed("tables of other commands", more))
    return "\n".join([*parts, *(_file(name, known[name]) for name in (*ANSWERS, *more))])


def _file(name: str, about: Any) -> str:
    return f"## {name}\n\n{about.tells} A row for each {about.per}.\n\n{table(('column', 'meaning'), _columns(name))}"


_FILES_HEAD = """# Files of a run

`results/<scenario>/<run-id>/` is written whole or not at all. The id is a digest of the resolved input, the seed, the number of futures
and the version: the same question has the same address. Dates are ISO dates, P80 is the first date that at least 80 % of the futures have
reached, and an empty cell means that there is nothing to say. `_low` and `_high` enclose 95 %: Wilson's interval of a probability,
the order statistics of a quantile. `_se` is a standard error.
"""


def _columns(name: str) -> list[tuple[str, ...]]:
    from sim.results.columns import catalogue, meaning

    result, own = _sample(), catalogue()[name].columns
    columns = result[name].columns if name in result.names else own
    return [(f"`{column}`", meaning(name, column)) for column in columns if column in own or not column.endswith(TOLD_BY_HEAD)]


TOLD_BY_HEAD = ("_low", "_high", "_se")
"""Endings of columns that the head of the page explains for all tables."""


def _sample() -> Any:
    """A run that has every table: the starter's."""
    from sim.results import run

    if "result" not in _KEPT:
        starter = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
        _KEPT["result"] = run(starter, replications=20, overrides=["scenario.status_date=2025-06-01"])
    return _KEPT["result"]


_KEPT: dict[str, Any] = {}


# --- the Python interface --------------------------------------------------------------------------------------------------------


def api_page() -> str:
    """Signatures and docstrings of the public names."""
    import sim

    parts = [f"{MADE}# Python interface\n\nAll public names of the package `sim`. What is not here may change without notice.\n"]
    parts.append(table(("name", "does"), [(f"[`sim.{n}`](#sim{n.lower()})", _summary(getattr(sim, n))) for n in sim.__all__]))
    for name in sim.__all__:
        thing = getattr(sim, name)
        parts.append(f"## `sim.{name}` {{#sim{name.lower()}}}\n\n{signature(f'sim.{name}', thing)}{docstring(thing.__doc__ or '')}")
        parts += [f"**`{n}`**\n\n{text}" for n, text in members(thing)] if inspect.isclass(thing) else []
    return "\n".join(parts)


def _summary(thing: Any) -> str:
    return prose((thing.__doc__ or "").split("\n\n")[0])


def signature(name: str, thing: Any) -> str:
    """How it is called, as a block of code; nothing for errors, which one catches."""
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return ""
    whole = name + call(thing)
    if len(whole) > 100:
        inside, back = whole[len(name) + 1 :].rsplit(")", 1)
        whole = name + "(\n    " + ",\n    ".join(_split(inside)) + ",\n)" + back
    return f"```text\n{whole}\n```\n\n"


def call(thing: Any) -> str:
    """Parameters with their types and defaults, private ones left out, and what is returned."""
    known = inspect.signature(thing)
    public = [p for n, p in known.parameters.items() if not n.startswith("_") and n not in {"self", "cls"}]
    back = inspect.Signature.empty if inspect.isclass(thing) else known.return_annotation
    text = re.sub(r"(?<=[:>] )'([^']*)'", r"\1", str(known.replace(parameters=public, return_annotation=back)))
    return text.replace("<factory>", "…").replace("PosixPath", "Path")


def _split(arguments: str) -> list[str]:
    """Arguments at the commas outside brackets."""
    parts, depth = [""], 0
    for sign in arguments:
        depth += (sign in "([") - (sign in ")]")
        parts[-1] += sign
        if sign == "," and depth == 0:
            parts[-1] = parts[-1][:-1]
            parts.append("")
    return [part.strip() for part in parts]


def members(thing: Any) -> Iterator[tuple[str, str]]:
    """Public methods and properties of a class, as they stand in it."""
    for name, member in vars(thing).items():
        plain = getattr(member, "__func__", getattr(member, "func", getattr(member, "fget", member)))
        text = getattr(plain, "__doc__", None)
        if name.startswith("_") or not callable(plain) or not text:
            continue
        called = callable(member) or isinstance(member, classmethod | staticmethod)
        yield name + (call(plain) if called else ""), docstring(text)


SECTION = re.compile(r"^(Parameters|Attributes|Returns|Yields|Raises|Examples|Notes|References)\n-+\n", re.MULTILINE)


def docstring(text: str) -> str:
    """A numpydoc docstring as Markdown."""
    head, *sections = SECTION.split(inspect.cleandoc(text))
    parts = [_examples(head) if "\n>>>" in head else _text(head)]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        parts.append(f"*{title}*\n")
        parts.append(_examples(body) if title == "Examples" else _text(body) if title in {"Notes", "References"} else _entries(body))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(part for part in parts if part.strip())).rstrip() + "\n"


def _text(text: str) -> str:
    """Paragraphs, and literal blocks after a double colon."""
    parts = re.split(r"::\n\n((?: {4}.*\n?|\n)+)", text.strip() + "\n")
    return "".join(
        f"{prose(part)}{':' if i + 1 < len(parts) else ''}\n\n" if i % 2 == 0 else f"```text\n{inspect.cleandoc(part)}\n```\n\n"
        for i, part in enumerate(parts)
        if part.strip()
    )


def _entries(body: str) -> str:
    """``name`` with its indented text, an item each."""
    entries = re.findall(r"^(\S.*)\n((?:(?: {4}.*)?\n?)*)", body.strip() + "\n", flags=re.MULTILINE)
    return "\n".join(f"- `{name.strip()}`: {prose(text)}" if text.strip() else f"- {prose(name)}" for name, text in entries) + "\n"


def _examples(body: str) -> str:
    parts = re.split(r"\n\n(?=>>>)|(?<=\n)\n(?!>>>)", body.strip())
    code = "<!-- not run: pytest runs the docstrings themselves -->\n```pycon\n{}\n```\n"
    return "\n".join(code.format(part.strip()) if part.lstrip().startswith(">>>") else prose(part) + "\n" for part in parts if part.strip())


# --- the assumptions of the default scenario -------------------------------------------------------------------------------------

GRADES = {
    "report": "the commissioning document itself",
    "A": "official or primary text",
    "B": "secondary or commercial text",
    "C": "memory",
    "assumption": "a judgement, without a source for the number itself",
}


def assumptions_page() -> str:
    """What the default scenario rests on, entry by entry."""
    from sim.results.tables import assumptions
    from sim.scenario import load_scenario

    rows = list(assumptions(load_scenario(ROOT / DEFAULT)).rows())
    grades = Counter(row["grade"] for row in rows)
    parts = [MADE + _ASSUMPTIONS_HEAD.format(n=len(rows))]
    parts.append(table(("grade", "means", "entries"), [(f"`{g}`", text, str(grades[g])) for g, text in GRADES.items()]))
    for section in dict.fromkeys(row["path"].split(".")[0] for row in rows):
        here = [row for row in rows if row["path"].split(".")[0] == section]
        cells = [(f"`{r['path'].removeprefix(section + '.')}`", r["value"] or "", r["grade"] or "", r["source"] or "") for r in here]
        parts.append(f"## {section}\n\n{table(('entry', 'value', 'grade', 'source'), cells)}")
    return "\n".join(parts)


_ASSUMPTIONS_HEAD = """# Assumptions of the default scenario

`scenarios/programme-2021.toml` is a forecast made on 2021-09-22, with what a careful planner knew that day. These are the {n} entries in it
that say where they come from; `etablera check` shows the same. `scenarios/evidence.md` tells the reasoning row by row.
"""


PAGES: dict[str, Callable[[], str]] = {
    "reference/scenario.md": scenario_page,
    "reference/commands.md": commands_page,
    "reference/checks.md": checks_page,
    "reference/files.md": files_page,
    "reference/api.md": api_page,
    "background/assumptions.md": assumptions_page,
    "../scenarios/scenario.schema.json": schema_file,
}
"""Pages by their place under ``docs``, and what makes them."""

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
