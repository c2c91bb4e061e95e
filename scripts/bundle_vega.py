"""Write the drawing libraries that every report carries: ``python scripts/bundle_vega.py``.

Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) come out of the installed ``vl-convert-python``, so nothing is fetched. Making the bundle
takes two seconds, which is why it is made here and shipped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import vl_convert

WEB = Path(__file__).resolve().parent.parent / "sim" / "report" / "web"
VEGA_LITE = "6.4"


def main() -> None:
    """Write the bundle, with its versions in the first line."""
    names = f"vega {vl_convert.get_vega_version()}, vega-lite {VEGA_LITE}, vega-embed {vl_convert.get_vega_embed_version()}"
    text = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    if "</script" in text.lower():
        sys.exit("the bundle would end the script element that it stands in")
    path = WEB / "vega.js"
    path.write_text(f"/* {names}; BSD 3-Clause, University of Washington Interactive Data Lab and contributors */\n{text}\n", "utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {names}")


if __name__ == "__main__":
    main()
