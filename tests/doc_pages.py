"""Runs the code in the documentation as its reader would: in an empty folder with the project's scenarios beside it.

What counts, by the language of a block:

``bash``
    Every line is a command: ``etablera`` runs in this process, ``make TARGET`` has to name a target (``make run`` runs). Commands that
    simulate get few replications and write no report unless they say how many. An unlabelled block that begins with either is one too.
``python``, ``pycon``
    Executed; the names of a page are shared. ``pycon`` has its results compared.
``toml``, ``csv``, ``json``
    With ``title="path"`` the file is written for the commands that follow. TOML without a title is a part of a scenario: its keys and
    values must fit the schema.
none, ``text``
    Shown, not run. With ``<!-- output -->`` in front it is what the commands before it print, ``<!-- output: Targets -->`` the part of it
    from the line that begins so to the next empty one; ``make reference`` renews both.

``<!-- not run: reason -->`` exempts the block after it, ``<!-- exits with 2 -->`` says how its last command ends.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from sim.cli import app

ROOT = Path(__file__).resolve().parent.parent
FEW = "40"
"""Replications of a command that does not say how many."""

SPARING = {"--replications": FEW, "--resamples": "20", "--why": "0"}
"""Options given to commands that have them and do not say them."""
LANGUAGES = {"bash", "python", "pycon", "toml", "csv", "json", "text", ""}
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+)(?P<language>[\w-]*)(?P<options>[^\n`]*)\n(?P<code>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r"<!-- *(not run|exits with|output)(?:: *| +)?(.*?) *-->\s*\Z")
RUN = re.compile(r"results/(?P<scenario>[\w.-]+)/[0-9a-f]{12}$")
VOLATILE = re.compile(r"^(results/\S+|.*\d s)$")
"""Lines of an output that are not the same in every version and on every machine: the run's address, the time it took."""


class DocError(AssertionError):
    """A block does not do what the page says."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``begin`` and ``end`` are the place of its code in the text."""

    page: Path
    line: int
    language: str
    title: str
    code: str
    begin: int
    end: int
    mark: str = ""
    reason: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page.name
        return f"{page}:{self.line}"


def pages() -> list[Path]:
    """The pages whose code is run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, text: str | None = None) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text("utf-8") if text is None else text
    for found in FENCE.finditer(text):
        indent, code = found["indent"], found["code"]
        code = re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)
        language = found["language"]
        if not language and re.match(r"(etablera|make) ", code):
            language = "bash"
        title = re.search(r'title="([^"]+)"', found["options"])
        mark = MARK.search(text[: found.start()])
        line = text.count("\n", 0, found.start()) + 1
        block = Block(page, line, language, title[1] if title else "", code, found.start("code"), found.end("code"))
        yield replace(block, mark=mark[1], reason=mark[2]) if mark else block


@dataclass
class Reader:
    """Somebody who follows a page, block by block, in a folder."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)
    output: str = ""
    places: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.folder / "scenarios").exists():
            shutil.copytree(ROOT / "scenarios", self.folder / "scenarios")

    def follow(self, block: Block) -> None:
        """Do what a block says.

        Raises
        ------
        DocError
            It cannot be done, or something else comes out than the page shows.
        """
        if block.language not in LANGUAGES:
            raise DocError(f"{block.place}: {block.language!r} is not a language the tests know: use one of {sorted(LANGUAGES)}")
        if block.mark == "not run":
            if len(block.reason) < 10:
                raise DocError(f"{block.place}: a block that is not run needs its reason")
            return
        with contextlib.chdir(self.folder):
            if block.mark == "output":
                self.compare(block)
            elif block.title:
                Path(block.title).parent.mkdir(parents=True, exist_ok=True)
                Path(block.title).write_text(block.code, "utf-8")
            else:
                {"bash": self.commands, "python": self.python, "pycon": self.console, "toml": fits_schema}.get(
                    block.language, lambda _: None
                )(block)

    def compare(self, block: Block) -> None:
        """Whether the page shows what came out."""
        if block.code.rstrip() != shown(self.output, block.reason).rstrip():
            raise DocError(f"{block.place}: this is not what comes out now; run: make reference")

    def commands(self, block: Block) -> None:
        """Run each line of a block."""
        self.output = ""
        lines = re.sub(r"\\\n *", "", block.code).splitlines()
        wanted = [shlex.split(line, comments=True) for line in lines]
        wanted = [words for words in wanted if words]
        for number, words in enumerate(wanted, 1):
            last = number == len(wanted)
            self.command(block, words, int(block.reason) if block.mark == "exits with" and last else 0)

    def command(self, block: Block, words: list[str], status: int) -> None:
        """Run one command and keep what it says."""
        into = words.pop() if len(words) > 2 and words[-2] == ">" else ""
        words = words[:-1] if into else words
        if words[0] == "make":
            words = made(block, words)
        if not words:
            return
        if words[0] != "etablera":
            raise DocError(f"{block.place}: {words[0]!r} cannot be run here; mark the block as not run, with the reason")
        arguments = [self.run_folder(word) for word in words[1:]]
        result = CliRunner().invoke(app, sparing(arguments), catch_exceptions=True)
        if result.exit_code != status:
            raise DocError(f"{block.place}: {shlex.join(words)}: exit status {result.exit_code}, not {status}\n{told(result)}")
        if into:
            Path(into).write_text(result.stdout, "utf-8")
        else:
            self.output += result.output

    def run_folder(self, word: str) -> str:
        """The folder that stands for a run in the text: its id there is one of an earlier version, or made up.

        The first id on a page is the first run of that scenario, the second the second; where nothing was run yet, it is run now.
        """
        found = RUN.match(word)
        if not found or Path(word).exists():
            return word
        stem = found["scenario"]
        there = Path("results") / stem
        if not there.exists():
            CliRunner().invoke(app, sparing(["run", f"scenarios/{stem}.toml", "--quiet"]))
        folders = sorted((path for path in there.iterdir() if (path / "run.json").exists()), key=lambda path: path.stat().st_mtime)
        known = self.places.setdefault(stem, [])
        if word not in known:
            known.append(word)
        return str(folders[min(known.index(word), len(folders) - 1)])

    def python(self, block: Block) -> None:
        """Execute a block."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block.code, block.place, "exec"), self.names)  # noqa: S102  the project's own documentation
        self.output = said.getvalue()

    def console(self, block: Block) -> None:
        """Execute an interactive session and compare its results."""
        options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        test = doctest.DocTestParser().get_doctest(block.code, self.names, block.place, str(block.page), block.line)
        said = io.StringIO()
        if doctest.DocTestRunner(optionflags=options).run(test, out=said.write, clear_globs=False).failed:
            raise DocError(said.getvalue())


def told(result: Any) -> str:
    """What a command said, and the error behind it."""
    error = "" if isinstance(result.exception, SystemExit | None) else repr(result.exception)
    return f"{result.output[-1500:]}{error}"


@cache
def options_of(command: str) -> frozenset[str]:
    """Names of the options that a command has."""
    commands: Any = typer.main.get_command(app)
    if command not in commands.commands:
        return frozenset()
    return frozenset(name for parameter in commands.commands[command].params for name in (*parameter.opts, *parameter.secondary_opts))


def sparing(arguments: list[str]) -> list[str]:
    """A command with few replications and no report, unless it says otherwise."""
    known, given = options_of(arguments[0]), {word.split("=")[0] for word in arguments}
    if "--help" in given:
        return arguments
    given |= {"--replications"} if given & {"-n", "--until"} else set()
    more = [word for option, value in SPARING.items() if option in known - given for word in (option, value)]
    more += ["--no-report"] if "--no-report" in known and not given & {"--report", "--no-report"} else []
    return [*arguments, *more]


def made(block: Block, words: list[str]) -> list[str]:
    """What ``make`` would run: only ``make run`` is run, of others the target must exist."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in [word for word in words[1:] if "=" not in word]:
        if not re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE):
            raise DocError(f"{block.place}: the Makefile has no target {target!r}")
    variables = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    if unknown := [name for name in variables if not re.search(rf"^{name} \?=|\$\({name}\)", makefile, re.MULTILINE)]:
        raise DocError(f"{block.place}: the Makefile has no variable {unknown[0]!r}")
    if "run" not in words:
        return []
    return ["etablera", "run", variables.get("SCENARIO", "scenarios/programme-2021.toml"), *shlex.split(variables.get("ARGS", ""))]


def shown(output: str, part: str) -> str:
    """An output as the page shows it: whole, or from the line that begins with ``part`` to the next empty one."""
    lines = [line.rstrip() for line in output.splitlines() if not VOLATILE.match(line)]
    if part:
        first = next((i for i, line in enumerate(lines) if line.lstrip().startswith(part)), None)
        if first is None:
            raise DocError(f"no line of the output begins with {part!r}:\n{output[:1500]}")
        end = next((i for i in range(first, len(lines)) if not lines[i]), len(lines))
        lines = lines[first:end]
    return "\n".join(lines).strip("\n") + "\n"


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator, FormatChecker

    from sim.scenario import json_schema

    return Draft202012Validator(json_schema(), format_checker=FormatChecker(["date"]))


def plain(value: Any) -> Any:
    """A value of TOML as JSON has it: dates as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def misfits(raw: dict[str, Any]) -> list[str]:
    """Where a scenario file does not fit the JSON Schema; of the forms that a value may have, the one that it comes nearest to."""
    from jsonschema.exceptions import best_match

    nearest = [best_match(iter([error])) for error in _validator().iter_errors(plain(raw))]
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in nearest if error]


def fits_schema(block: Block) -> None:
    """Whether a part of a scenario has known keys and possible values."""
    try:
        raw = tomllib.loads(block.code)
    except tomllib.TOMLDecodeError as error:
        raise DocError(f"{block.place}: {error}") from None
    if faults := misfits(raw):
        raise DocError(f"{block.place}: {faults[0]}")


def renewed(page: Path, folder: Path) -> str:
    """The text of a page with what its commands print now."""
    text, reader, offset = page.read_text("utf-8"), Reader(folder), 0
    for block in blocks(page, text):
        if block.mark != "output":
            reader.follow(block)
            continue
        now = shown(reader.output, block.reason)
        text = text[: block.begin + offset] + now + text[block.end + offset :]
        offset += len(now) - (block.end - block.begin)
    return text


os.environ.setdefault("COLUMNS", "100")
