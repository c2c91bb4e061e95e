"""Write anew what the documentation takes from the program: the generated pages, and the outputs that the other pages show."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from doc_pages import blocks, renewed  # noqa: E402 - both lie in folders beside this one
from reference import DOCS, PAGES  # noqa: E402


def main() -> None:
    """Renew all pages, and name those that changed."""
    for name, make in PAGES.items():
        write(DOCS / name, make())
    for page in sorted(DOCS.rglob("*.md")):
        if any(block.mark == "output" for block in blocks(page)):
            with tempfile.TemporaryDirectory() as folder:
                write(page, renewed(page, Path(folder)))


def write(page: Path, text: str) -> None:
    """Write a page when it has changed."""
    if not page.exists() or page.read_text("utf-8") != text:
        page.write_text(text, "utf-8")
        print(page.resolve().relative_to(ROOT))


if __name__ == "__main__":
    main()
