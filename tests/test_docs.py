"""All code in the documentation runs, and says what the pages say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doc_pages import ROOT, Block, DocError, Reader, blocks, pages, renewed

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_the_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks(page):
        reader.follow(block)


def test_there_is_something_to_run() -> None:
    found = [block for page in PAGES for block in blocks(page) if block.mark != "not run"]
    assert sum(block.language == "bash" for block in found) >= 8
    assert sum(block.language == "python" for block in found) >= 1


def test_every_page_has_its_place_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    there = {str(page.relative_to(ROOT / "docs")) for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert there == listed


def test_every_test_that_a_page_names_is_there() -> None:
    named = {found for page in PAGES for found in re.findall(r"`(test_\w+\.py)::(\w+)`", page.read_text("utf-8"))}
    assert len(named) > 30
    assert [f"{file}::{name}" for file, name in sorted(named) if f"def {name}(" not in (ROOT / "tests" / file).read_text("utf-8")] == []


def test_every_rule_has_an_example_and_its_proof() -> None:
    text = (ROOT / "docs" / "background" / "meaning.md").read_text("utf-8")
    rules = re.findall(r"^## \d+ .*?(?=^## )", text, flags=re.MULTILINE | re.DOTALL)
    assert len(rules) == 11
    assert [rule.splitlines()[0] for rule in rules if "*Example.*" not in rule or "Proved by" not in rule] == []


# --- the runner itself sees what it is for ---


def page_of(tmp_path: Path, text: str) -> list[Block]:
    return list(blocks(ROOT / "docs" / "x.md", text))


def follow(tmp_path: Path, text: str) -> Reader:
    reader = Reader(tmp_path)
    for block in page_of(tmp_path, text):
        reader.follow(block)
    return reader


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```bash\netablera dance\n```\n", "exit status 2"),
        ("```\netablera check no-such.toml\n```\n", "exit status 2"),
        ("```bash\nrm -r scenarios\n```\n", "cannot be run here"),
        ("```bash\nmake coffee\n```\n", "no target 'coffee'"),
        ("```bash\nmake run SUGAR=2\n```\n", "no variable 'SUGAR'"),
        ("```sh\netablera schema\n```\n", "not a language"),
        ("<!-- not run: slow -->\n```bash\netablera dance\n```\n", "needs its reason"),
        ("```pycon\n>>> 1 + 1\n3\n```\n", "Got:"),
        ("```toml\n[scenario]\nnmae = 'x'\n```\n", "nmae"),
        ("```toml\n[scenario\n```\n", "docs/x.md:1"),
        ("```toml\n[activities.x]\nduration = { pert = [1, 2] }\n```\n", "activities.x.duration"),
        ("```bash\netablera --version\n```\n\n<!-- output -->\n```\netablera 99\n```\n", "make reference"),
        ("```bash\netablera --version\n```\n\n<!-- output: nothing -->\n```\netablera 99\n```\n", "no line"),
        ("<!-- exits with 3 -->\n```bash\netablera --version\n```\n", "not 3"),
    ],
)
def test_what_a_page_says_wrongly_is_seen(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DocError, match=re.escape(message)):
        follow(tmp_path, text)


def test_python_is_executed_and_its_names_are_shared(tmp_path: Path) -> None:
    reader = follow(tmp_path, "```python\nx = 2\n```\n\n```python\nprint(x + 1)\n```\n\n<!-- output -->\n```\n3\n```\n")
    assert reader.names["x"] == 2
    with pytest.raises(NameError):
        follow(tmp_path, "```python\ny\n```\n")


def test_a_titled_block_is_a_file_for_the_commands_after_it(tmp_path: Path) -> None:
    text = (
        '```toml title="mine/less.toml"\nextends = "../scenarios/no.toml"\n```\n\n'
        "<!-- exits with 2 -->\n```bash\netablera check \\\n  mine/less.toml  # x\n```\n"
    )
    assert "no.toml" in follow(tmp_path, text).output
    assert (tmp_path / "mine" / "less.toml").exists()


def test_a_made_up_run_stands_for_the_one_that_was_made(tmp_path: Path) -> None:
    text = (
        "```bash\netablera new p\netablera run p/scenario.toml --quiet\netablera run p/scenario.toml -q --seed 2\n```\n"
        "```bash\netablera verify results/scenario/aaaaaaaaaaaa\netablera verify results/scenario/bbbbbbbbbbbb --quiet > out.txt\n```\n"
    )
    reader = follow(tmp_path, text)
    assert re.match(r"Equal: all \d+ tables of \w+ came out the same, byte for byte \(40 futures\)", reader.output)
    assert reader.places == {"scenario": ["results/scenario/aaaaaaaaaaaa", "results/scenario/bbbbbbbbbbbb"]}
    assert (tmp_path / "out.txt").read_text("utf-8") == ""


def test_shown_output_is_renewed_in_its_place(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    code = "```python\nprint('a b\\n\\nc d\\ne\\n\\nf')\n```"
    before = f"A\n\n{code}\n\n<!-- output: c -->\n```\nold\nolder\n```\n\nB\n\n<!-- output -->\n```\n```\nC\n"
    page.write_text(before, "utf-8")
    after = renewed(page, tmp_path)
    assert after == before.replace("old\nolder\n", "c d\ne\n").replace("```\n```\nC", "```\na b\n\nc d\ne\n\nf\n```\nC")
