"""Write the golden files anew: ``python scripts/renew_golden.py``. What changes in them changes numbers for users; see the changelog."""

from __future__ import annotations

from pathlib import Path

from sim.results import run

ROOT = Path(__file__).parent.parent
TABLES = ("openings", "open_count", "targets", "resources", "queue_by_month")


def main() -> None:
    """Run the small scenario and write its tables."""
    result = run(ROOT / "scenarios" / "examples" / "two-machine-workshop.toml", replications=200)
    folder = ROOT / "tests" / "golden"
    folder.mkdir(exist_ok=True)
    for name in TABLES:
        (folder / f"{name}.csv").write_bytes(result[name].csv().encode())
        print(folder / f"{name}.csv")


if __name__ == "__main__":
    main()
