"""Charts that the reader can play with, without a server."""

from __future__ import annotations

import io
import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from IPython.display import display

from dlmeasured.plot import PALETTE

if TYPE_CHECKING:  # altair takes half a second to import
    import altair

WIDTH = 460  # pixels, without the axis; on a page of the book the chart is as wide as the text
CONFIG = {
    "background": "white",
    "padding": 8,
    "mark": {"color": PALETTE["blue"]},
    "font": "sans-serif",
    "title": {"anchor": "start", "fontSize": 15, "offset": 12},
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#E4E4E4"},
    "text": {"fontSize": 13},
    "line": {"strokeWidth": 2.5},
    "range": {"category": list(PALETTE.values())},
    "view": {"stroke": None},
}


def interactive(chart: altair.TopLevelMixin) -> None:
    """Show an Altair ``chart`` with sliders, selections or tooltips, in the book's style.

    The output holds the Vega-Lite specification, which JupyterLab and the built book draw, and a PNG still of its first
    state for every other place. Where Altair draws by itself, as on Colab, that is left to it. Several views stand
    below one another (``alt.vconcat``); beside one another they would not fit on a phone, which raises ``ValueError``.
    """
    spec = chart.to_dict() | {"config": CONFIG}
    if spec.keys() & {"hconcat", "concat", "facet"}:
        raise ValueError("the chart has views beside one another, too wide for a phone: use layers or alt.vconcat.")
    for view in spec.get("vconcat", [spec]):
        view["width"] = WIDTH
    if "google.colab" in sys.modules or not find_spec("vl_convert"):
        display(type(chart).from_dict(spec))
        return
    import vl_convert
    from PIL import Image

    version = re.search(r"v(\d+\.\d+)", spec["$schema"])[1]
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(spec, vl_version=version, scale=2)))
    picture.convert("RGB").quantize(64).save(png := io.BytesIO(), "PNG", optimize=True)
    display(
        {
            f"application/vnd.vegalite.v{version[0]}+json": spec,
            "image/png": png.getvalue(),
            "text/plain": "A chart to play with",
        },
        raw=True,
    )
