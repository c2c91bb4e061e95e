"""``etablera schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.status import guarded


@guarded
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference page instead: every section and field.")] = False,
) -> None:
    """Print the JSON Schema of scenario files: editors complete and check by it."""
    from sim.scenario import reference_markdown

    typer.echo(reference_markdown() if markdown else schema_text())


def schema_text() -> str:
    """The JSON Schema as a file."""
    import json

    from sim.scenario import json_schema

    return json.dumps(json_schema(), indent=1, ensure_ascii=False)
