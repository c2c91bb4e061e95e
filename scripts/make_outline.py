"""Write the outline of a country for the report's map: ``python scripts/make_outline.py countries-50m.json Sweden SE``.

The first argument is a TopoJSON file of the npm package ``world-atlas`` (version 2), made of Natural Earth's country boundaries, which are
in the public domain; the package itself is under the ISC licence. The outline is a list of rings of ``[longitude, latitude]``, outer
ones only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MAPS = Path(__file__).resolve().parent.parent / "sim" / "report" / "maps"
SOURCE = "Natural Earth, Admin 0 country boundaries, 1:50m (public domain), by way of world-atlas 2.0.2"


def arcs_of(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The arcs with their differences added up, in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def ring_of(indices: list[int], arcs: list[list[tuple[float, float]]]) -> list[list[float]]:
    """One ring of arcs end to end; a negative index is the arc backwards."""
    points: list[tuple[float, float]] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return [[round(x, 3), round(y, 3)] for x, y in points]


def outline(topology: dict[str, Any], name: str) -> list[list[list[float]]]:
    """The outer rings of a country, largest first."""
    [country] = [g for g in topology["objects"]["countries"]["geometries"] if g["properties"]["name"] == name]
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    arcs = arcs_of(topology)
    return sorted((ring_of(polygon[0], arcs) for polygon in polygons), key=len, reverse=True)


def main() -> None:
    """Write one country."""
    source, name, code = sys.argv[1:]
    rings = outline(json.loads(Path(source).read_text("utf-8")), name)
    path = MAPS / f"{code}.json"
    path.write_text(json.dumps({"source": SOURCE, "rings": rings}, separators=(",", ":")) + "\n", "utf-8")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
