"""What the site needs beyond the theme: its own MathJax, the 404 page's prefix, marked predictions, and a sitemap."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.fileutil import copy_asset
from sphinx.util.typing import ExtensionMetadata

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
    app.connect("doctree-read", mark_predictions)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
