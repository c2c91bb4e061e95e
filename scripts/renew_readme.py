"""Put the default scenario's own picture and table into the README, between its two ``example`` marks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = "scenarios/programme-2021.toml"
PICTURE = ROOT / "docs" / "images" / "open-offices.svg"


def main() -> None:
    """Run the default scenario and renew the example."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "sim", "run", SCENARIO, "--language", "en", "--out", out]
        shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8").stdout
        shutil.copyfile(next(Path(out).rglob("open_offices.svg")), PICTURE)
    lines = [line.rstrip() for line in shown.splitlines() if "/tmp" not in line and out not in line]
    kept = [line for line in lines if not re.search(r"seed \d+, [\d.]+ s$", line)]
    example = (
        f"![Open offices over time: the plan, and what is likely](docs/images/open-offices.svg)\n\n```\n{chr(10).join(kept).strip()}\n```"
    )
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    begin, end = "<!-- example:begin -->", "<!-- example:end -->"
    head, rest = text.split(begin)
    readme.write_text(f"{head}{begin}\n{example}\n{end}{rest.split(end)[1]}", "utf-8")


if __name__ == "__main__":
    main()
