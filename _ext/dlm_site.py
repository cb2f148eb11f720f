"""What the site needs beyond the theme: its own MathJax and Vega, marked predictions, a 404 page, a sitemap."""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import nbformat
import vl_convert
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.fileutil import copy_asset
from sphinx.util.typing import ExtensionMetadata

VEGA = f"vega-{vl_convert.__version__}.js"
MATHJAX_PARTS = ("tex-chtml.js", "input/tex/extensions", "output/chtml")


def configure(app: Sphinx, config: Config) -> None:
    """Serve our own scripts, and let the 404 page find them where the site is published."""
    config.html_static_path.append(str(Path(__file__).parent / "static"))
    if os.environ.get("DLM_PUBLISH"):
        prefix = config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
        config.notfound_context["body"] = config.notfound_context["body"].replace('href="/"', f'href="{prefix}"')


def copy_mathjax(app: Sphinx) -> None:
    """Copy what a page with TeX input loads, out of the package that carries MathJax."""
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        path = target / part
        copy_asset(str(source / part), str(path if (source / part).is_dir() else path.parent))


def mark_predictions(app: Sphinx, doctree: nodes.document) -> None:
    """Give a quotation that begins with a bold "Predict" a class of its own."""
    for quote in doctree.findall(nodes.block_quote):
        bold = next(quote.findall(nodes.strong), None)
        if bold is not None and bold.astext().startswith("Predict") and quote.astext().startswith(bold.astext()):
            quote["classes"].append("predict")


def copy_vega(app: Sphinx) -> None:
    """Write Vega, Vega-Lite and Vega-Embed, out of the package that carries them, where the charts' pages find them."""
    target = Path(app.outdir) / "_static" / VEGA
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(vl_convert.javascript_bundle(), encoding="utf-8")


def add_charts(app: Sphinx, doctree: nodes.document) -> None:
    """Put each chart's specification behind its still picture, for book.js to draw."""
    cells = list(doctree.findall(lambda node: isinstance(node, nodes.container) and "cell_index" in node))
    if not cells:
        return
    notebook = nbformat.read(app.env.doc2path(app.env.docname), as_version=4)
    for cell in cells:
        for output in notebook.cells[cell["cell_index"]].get("outputs", []):
            spec = output.get("data", {}).get("application/vnd.vegalite.v5+json")
            if spec is not None:
                text = json.dumps(spec, ensure_ascii=False).replace("</", "<\\/")
                cell += nodes.raw(
                    "", f'<script type="application/json" class="dlm-chart">{text}</script>', format="html"
                )


def load_vega(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Load Vega on the pages that have a chart."""
    if doctree is not None and any("dlm-chart" in node.astext() for node in doctree.findall(nodes.raw)):
        app.add_js_file(VEGA, type="module")  # a module keeps its names to itself


def write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """List every page of the book. (sphinx-sitemap lists only those that the last build wrote.)"""
    if exception:
        return
    root = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for name in sorted(app.env.found_docs):
        url = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(url, "loc").text = urljoin(app.config.html_baseurl, app.builder.get_target_uri(name))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(Path(app.outdir) / "sitemap.xml", xml_declaration=True, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the above."""
    app.add_js_file("mathjax-setup.js", defer="defer")  # on every page: a quiz needs it where the text has no formula
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_mathjax)
    app.connect("builder-inited", copy_vega)
    app.connect("doctree-read", mark_predictions)
    app.connect("doctree-read", add_charts)
    app.connect("html-page-context", load_vega)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
