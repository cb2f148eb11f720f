"""Every page of the built book in a browser. Each check returns a list of problems; damaged copies prove it."""

import os
import re
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page
from tools.serve import server

ROOT = Path(__file__).resolve().parents[1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def documents(entry: object) -> list[str]:
    """The documents that ``_toc.yml`` names, in reading order."""
    if isinstance(entry, list):
        return [name for part in entry for name in documents(part)]
    if not isinstance(entry, dict):
        return []
    own = [entry[key] for key in ("root", "file") if key in entry]
    return own + [name for key in ("parts", "chapters", "sections") for name in documents(entry.get(key))]


PAGES = [f"{name}.html" for name in documents(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))]
LECTURES = {page: path for page in PAGES if (path := ROOT / page.replace(".html", ".ipynb")).exists()}
CHARTS = [page for page, path in LECTURES.items() if "vnd.vegalite" in path.read_text(encoding="utf-8")]
QUIZZES = [page for page, path in LECTURES.items() if "display_quiz(" in path.read_text(encoding="utf-8")]


def build(out: Path, **environment: str) -> Path:
    """Build the book into a folder; returns where the pages are."""
    book = Path(sys.executable).with_name("jupyter-book")
    command = [str(book), "build", str(ROOT), "--path-output", str(out), "--warningiserror", "--keep-going"]
    subprocess.run(command, check=True, env=os.environ | environment)
    return out / "_build/html"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages: those in the folder that ``DLM_SITE`` names, else built here."""
    if "DLM_SITE" in os.environ:
        return Path(os.environ["DLM_SITE"]).resolve()
    return build(tmp_path_factory.mktemp("book"))


def serve(folder: Path) -> Iterator[str]:
    """Serve a folder from a thread at a free port of this machine; gives the address of its root."""
    with server(str(folder), 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the built pages are served."""
    yield from serve(site)


class Visit:
    """A page that is open in the browser, with what went wrong on the way."""

    def __init__(self, browser: Browser, address: str, path: str, viewport: dict, scheme: str = "light") -> None:
        self.problems: list[str] = []
        self.page: Page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        self.page.on("console", lambda message: self.note(message.type == "error", f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.note(True, f"script: {error}"))
        self.page.on(
            "request", lambda r: self.note(not r.url.startswith((address, "data:", "blob:")), f"leaves: {r.url}")
        )
        self.page.on(  # what the browser itself gives up, because the reader goes on to another page, is no failure
            "requestfailed", lambda r: self.note(r.failure != "net::ERR_ABORTED", f"failed: {r.url}: {r.failure}")
        )
        self.page.on("response", lambda answer: self.note(answer.status >= 400, f"{answer.status}: {answer.url}"))
        self.page.route(lambda url: not url.startswith((address, "data:", "blob:")), lambda route: route.abort())
        self.open(address + path)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()

    def note(self, wrong: bool, what: str) -> None:
        """Keep ``what`` if it is wrong."""
        if wrong:
            self.problems.append(what)

    def open(self, url: str) -> None:
        """Load a page and wait until its formulas and fonts stand."""
        self.page.goto(url, wait_until="load")
        self.page.evaluate("window.MathJax?.startup.promise.then(() => null)")
        self.page.evaluate("document.fonts.ready.then(() => null)")
        self.page.evaluate("window.chartsDrawn?.then(() => null, () => null)")


def formulas(page: Page) -> list[str]:
    """Formulas that are too wide or not typeset: without MathJax's container, with an error, or as raw dollars."""
    return page.evaluate(
        r"""() => {
        const problems = [];
        for (const math of document.querySelectorAll(".math")) {
            if (!math.querySelector("mjx-container")) problems.push(`not typeset: ${math.textContent}`);
        }
        for (const error of document.querySelectorAll("mjx-merror")) problems.push(`formula: ${error.textContent}`);
        for (const math of document.querySelectorAll("mjx-container[display=true]")) {
            const [needs, has] = [math.scrollWidth, math.parentElement.clientWidth];
            if (needs > has + 1) problems.push(`formula: ${needs} wide on ${has}: ${math.textContent.slice(0, 40)}`);
        }
        const article = document.querySelector("article");
        const texts = document.createTreeWalker(article ?? document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.parentElement.closest("pre, code, script, style, mjx-container")) continue;
            if (/\$[^$\n]+\$|\\\(|\\\[/.test(text.data)) problems.push(`raw: ${text.data.trim()}`);
        }
        return problems;
    }"""
    )


def sideways(page: Page) -> list[str]:
    """What makes the page scroll sideways, or reaches past its right edge where no scroll bar helps."""
    return page.evaluate(
        """() => {
        const width = document.documentElement.clientWidth;
        const problems = [];
        if (document.scrollingElement.scrollWidth > width)
            problems.push(`page is ${document.scrollingElement.scrollWidth} wide on ${width}`);
        for (const element of document.querySelectorAll("article *")) {
            const box = element.getBoundingClientRect();
            if (box.right <= width + 1 || box.width <= 1 || !element.checkVisibility()) continue;
            const scrolls = (outer) => ["auto", "scroll"].includes(getComputedStyle(outer).overflowX);
            let outer = element;
            while (outer.tagName !== "ARTICLE" && !scrolls(outer)) outer = outer.parentElement;
            if (outer.tagName !== "ARTICLE") continue;
            problems.push(`reaches ${Math.round(box.right)} of ${width}: ${element.outerHTML.slice(0, 80)}`);
        }
        return problems.slice(0, 5);
    }"""
    )


def accessibility(page: Page, part: str = "html") -> list[str]:
    """What axe-core calls serious or critical in a part of the page, by its selector."""
    found = Axe().run(page, part, {"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:120]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def check_page(browser: Browser, address: str, path: str) -> list[str]:
    """All that can be wrong with a page, on a phone and on a laptop, in light and in dark."""
    with Visit(browser, address, path, PHONE) as visit:
        problems = formulas(visit.page)
        for viewport in (PHONE, LAPTOP):
            visit.page.set_viewport_size(viewport)
            problems += sideways(visit.page)
            for scheme in ("light", "dark"):
                visit.page.evaluate("scheme => document.documentElement.dataset.theme = scheme", scheme)
                found = accessibility(visit.page)
                problems += [f"at {viewport['width']}, {scheme}: {problem}" for problem in found]
        return [f"{path}: {problem}" for problem in visit.problems + problems]


class Links(HTMLParser):
    """The targets that a page can be linked at, and what it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.targets: list[str] = []
        self.meta: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect ids, links and the meta data for social cards."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "link" and values.get("rel") == "canonical":
            self.meta["canonical"] = values["href"]
        elif tag == "meta" and "property" in values:
            self.meta[values["property"]] = values.get("content", "")
        else:
            self.targets += [values[name] for name in ("href", "src") if name in values]


def check_links(site: Path) -> list[str]:
    """Links within the site to a file or an anchor that is not there."""
    parsed = {
        path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if "_static" not in path.parts
    }
    problems = []
    for path, page in parsed.items():
        here = "http://site/" + path.relative_to(site).as_posix()
        for target in page.targets:
            url = urlsplit(urljoin(here, target))
            if url.netloc != "site" or url.scheme != "http" or not target.strip():
                continue
            file = site / unquote(url.path).lstrip("/")
            file = file / "index.html" if file.is_dir() else file
            if not file.exists():
                problems.append(f"{path.relative_to(site)}: {target} is not there")
            elif url.fragment and file in parsed and unquote(url.fragment) not in parsed[file].anchors:
                problems.append(f"{path.relative_to(site)}: {target} has no such anchor")
    return problems


def check_search_bars(browser: Browser, address: str) -> list[str]:
    """Exactly one way to search is in sight, on a laptop and on a phone."""
    problems = []
    for viewport in (LAPTOP, PHONE):
        with Visit(browser, address, "index.html", viewport) as visit:
            bars = visit.page.locator(".search-button-field, .search-button, input[type=search]")
            seen = sum(bar.is_visible() and bar.bounding_box()["x"] >= 0 for bar in bars.all())
            if seen != 1:
                problems.append(f"{seen} search bars at {viewport['width']}")
    return problems


def check_published(site: Path) -> list[str]:
    """The sitemap lists the pages of the table of contents, and each page's social card and address agree with it."""
    owner, name = CONFIG["repository"]["url"].removeprefix("https://github.com/").split("/")
    base = f"https://{owner}.github.io/{name}/"
    listed = [str(loc.text) for loc in ElementTree.parse(site / "sitemap.xml").iter() if loc.tag.endswith("loc")]
    problems = []
    if sorted(listed) != sorted(base + page for page in PAGES):
        problems.append(f"the sitemap lists {listed}")
    for page in PAGES:
        meta = Links((site / page).read_text(encoding="utf-8")).meta
        for key in ("canonical", "og:url"):
            if meta.get(key) != base + page:
                problems.append(f"{page}: {key} is {meta.get(key)}")
        for key in ("og:title", "og:description", "og:image:alt"):
            if not meta.get(key):
                problems.append(f"{page}: no {key}")
        card = site / meta.get("og:image", "").removeprefix(base)
        if not card.is_file() or struct.unpack(">II", card.read_bytes()[16:24]) != (1200, 630):
            problems.append(f"{page}: og:image is {meta.get('og:image')}, not a picture of 1200 by 630 of this site")
    return problems


def check_quiz(browser: Browser, address: str, path: str) -> list[str]:
    """Every answer of every quiz of a page gives feedback that can be read, and nothing fails or leaves the machine."""

    def answered(feedback: Locator) -> bool:
        return feedback.is_visible() and feedback.inner_text().strip() != ""

    problems = []
    for scheme in ("light", "dark"):
        with Visit(browser, address, path, PHONE, scheme) as visit:
            questions = visit.page.locator("div.Quiz")
            visit.note(not questions.count(), "shows no question")
            for question in questions.all():
                feedback = question.locator(".Feedback")
                for answer in question.locator("label.MCButton").all():
                    answer.click()
                    visit.note(not answered(feedback), f"no feedback to {answer.inner_text()!r}")
                for field in question.locator("input[type=text]").all():
                    field.fill("-1")
                    field.press("Enter")
                    visit.note(not answered(feedback), "no feedback to -1")
            visit.page.wait_for_function("document.getAnimations().every(a => a.playState === 'finished')")
            found = [*visit.problems, *formulas(visit.page), *accessibility(visit.page, "div.Quiz")]
            problems += [f"{path} in {scheme}: {problem}" for problem in found]
    return problems


def cut_off(drawing: Locator) -> list[str]:
    """The words of a chart that do not fit into it."""
    return drawing.evaluate(
        """svg => {
            const frame = svg.getBoundingClientRect();
            const inside = box => box.left >= frame.left - 1 && box.right <= frame.right + 1
                && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
            const words = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim());
            return words.filter(text => !inside(text.getBoundingClientRect())).map(text => text.textContent);
        }"""
    )


def check_charts(browser: Browser, address: str, path: str) -> list[str]:
    """Each chart stands in place of its still, fits, has a name and controls, and each control works by keyboard."""
    problems = []
    with Visit(browser, address, path, PHONE) as visit:
        scripts = visit.page.locator("script.dlm-chart").all()
        if not scripts:
            problems.append(f"{path}: the lecture has a chart, its page has none")
        for number, script in enumerate(scripts, 1):
            cell = script.locator("..")
            drawing, controls = cell.locator(".dlm-chart svg"), cell.locator(".vega-bind :is(input, select)")
            if not drawing.count() or cell.locator("img").is_visible():
                problems.append(f"{path}: chart {number} is not drawn")
                continue
            if not cell.locator(".dlm-chart [aria-label]").first.get_attribute("aria-label"):
                problems.append(f"{path}: chart {number} has no description")
            if not controls.count():
                problems.append(f"{path}: chart {number} has nothing to play with")
            for control in controls.all():
                name = control.locator("xpath=ancestor::label").inner_text().strip()
                for other in controls.all():  # one control may work only where another stands high
                    other.focus()
                    visit.page.keyboard.press("End")
                control.focus()
                moved, cut = False, cut_off(drawing)
                for key in ("Home", "ArrowUp", "End", "Home"):
                    before, value = drawing.inner_html(), control.input_value()
                    visit.page.keyboard.press(key)
                    visit.page.wait_for_timeout(200)
                    if control.input_value() != value and drawing.inner_html() == before:
                        problems.append(f"{path}: chart {number} does not change when {name!r} does ({key})")
                    moved |= control.input_value() != value
                    cut += cut_off(drawing)
                problems += [f"{path}: chart {number} cuts {word!r} off" for word in dict.fromkeys(cut)]
                if not moved:
                    problems.append(f"{path}: {name!r} does not move by keyboard")
        problems += [f"{path}: {problem}" for problem in [*visit.problems, *sideways(visit.page)]]
    return problems


@pytest.mark.parametrize("path", [*PAGES, "search.html", "404.html"])
def test_page(browser: Browser, address: str, path: str) -> None:
    assert check_page(browser, address, path) == []


def test_no_link_is_dead(site: Path) -> None:
    assert check_links(site) == []


def test_one_search_bar(browser: Browser, address: str) -> None:
    assert check_search_bars(browser, address) == []


def test_sitemap_and_social_cards(site: Path) -> None:
    assert check_published(site) == []


def test_search_finds(browser: Browser, address: str) -> None:
    with Visit(browser, address, "index.html", LAPTOP) as visit:
        visit.page.keyboard.press("Control+k")
        visit.page.keyboard.type("cross-entropy")
        visit.page.keyboard.press("Enter")
        visit.page.locator('#search-results a[href*="glossary.html"]').first.click()
        assert visit.page.locator("article h1").inner_text().startswith("Glossary")
        assert visit.problems == []


def test_dark_mode_switches_and_stays(browser: Browser, address: str) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with Visit(browser, address, "index.html", LAPTOP) as visit:
        light = visit.page.evaluate(background)
        switch = visit.page.locator("button.theme-switch-button:visible")
        for _ in range(3):  # auto, light, dark
            if visit.page.locator('html[data-theme="dark"]').count():
                break
            switch.click()
        dark = visit.page.evaluate(background)
        assert dark != light
        visit.open(address + PAGES[-1])
        assert visit.page.evaluate(background) == dark
        assert visit.problems == []


@pytest.mark.parametrize("path", QUIZZES)
def test_quizzes_answer(browser: Browser, address: str, path: str) -> None:
    assert check_quiz(browser, address, path) == []


@pytest.mark.parametrize("path", CHARTS)
def test_charts_can_be_played_with(browser: Browser, address: str, path: str) -> None:
    assert check_charts(browser, address, path) == []


def test_a_wrong_address_shows_the_page_for_it(browser: Browser, address: str) -> None:
    with Visit(browser, address, "chapters/none/here.html", LAPTOP) as visit:
        assert visit.page.locator("article h1").inner_text().startswith("Page not found")
        wanted = f"{address}chapters/none/here.html"
        others = [p for p in visit.problems if wanted not in p and "the server responded with a status of 404" not in p]
        assert others == []
        visit.page.get_by_role("link", name="start at the beginning").click()
        assert visit.page.url in (address, address + "index.html")


def test_the_published_page_for_a_wrong_address_finds_the_rest(tmp_path: Path) -> None:
    site = build(tmp_path, DLM_PUBLISH="1")
    prefix = urlsplit(CONFIG["html"]["baseurl"]).path
    targets = Links((site / "404.html").read_text(encoding="utf-8")).targets
    local = [target for target in targets if not target.startswith(("http", "#"))]
    assert f"{prefix}index.html" in local
    assert [target for target in local if not target.startswith(prefix)] == []


def check_assignment(browser: Browser, address: str, site: Path, path: str) -> list[str]:
    """An assignment's hints and solutions unfold, and its page offers Colab and the very notebook to download."""
    notebook = path.replace(".html", ".ipynb")
    colab = CONFIG["repository"]["url"].replace("https://github.com", "https://colab.research.google.com/github")
    with Visit(browser, address, path, LAPTOP) as visit:
        folds = visit.page.locator("article details").all()
        visit.note(not folds, "has no fold")
        for fold in folds:
            content = fold.locator(":scope > :not(summary)").first
            visit.note(content.is_visible(), f"{fold.inner_text()!r} is open from the start")
            fold.locator("summary").click()
            visit.note(not content.is_visible() or not content.inner_text().strip(), "a fold does not open")
        links = {link.get_attribute("href") for link in visit.page.locator("article a").all()}
        buttons = {link.get_attribute("href") for link in visit.page.locator("header a, .bd-header-article a").all()}
        for place, offered in (("badge", links), ("button", buttons)):
            visit.note(f"{colab}/blob/main/{notebook}" not in offered, f"no {place} for Colab")
        offered = [target for target in buttons if target and target.endswith(f"_sources/{notebook}")]
        visit.note(not offered, "nothing to download")
        same = (site / "_sources" / notebook).read_bytes() == (ROOT / notebook).read_bytes()
        visit.note(not same, "the download is not the notebook")
        return [f"{path}: {problem}" for problem in visit.problems]


def assignments(browser: Browser, address: str, site: Path) -> list[str]:
    """The problems of all assignments."""
    pages = [page for page in PAGES if re.match(r"chapters/09_assignments/(?!index)", page)]
    assert pages
    return [problem for page in pages for problem in check_assignment(browser, address, site, page)]


def test_assignments_unfold_and_can_be_had(browser: Browser, address: str, site: Path) -> None:
    assert assignments(browser, address, site) == []


def quizzes(browser: Browser, address: str, site: Path) -> list[str]:
    """The problems of the first quiz."""
    return check_quiz(browser, address, QUIZZES[0])


def charts(browser: Browser, address: str, site: Path) -> list[str]:
    """The problems of the first page with charts."""
    return check_charts(browser, address, CHARTS[0])


def first_page(browser: Browser, address: str, site: Path) -> list[str]:
    """The problems of the first page."""
    return check_page(browser, address, "index.html")


def dead_links(browser: Browser, address: str, site: Path) -> list[str]:
    """The dead links."""
    return check_links(site)


def search_bars(browser: Browser, address: str, site: Path) -> list[str]:
    """The search bars, where there is not one."""
    return check_search_bars(browser, address)


def published(browser: Browser, address: str, site: Path) -> list[str]:
    """What is wrong with the published addresses."""
    return check_published(site)


@pytest.mark.parametrize(
    ("check", "old", "new", "message"),
    [
        (first_page, "</article>", "<script>console.error('ouch')</script></article>", "console: ouch"),
        (first_page, "</article>", "<script>nowhere.to()</script></article>", "script: nowhere is not defined"),
        (
            first_page,
            "</article>",
            '<img alt="" src="https://example.org/a.png"></article>',
            "leaves: https://example.org/a.png",
        ),
        (first_page, "</article>", '<img alt="" src="none.png"></article>', "404: .*none.png"),
        (first_page, "</article>", '<p style="width: 900px">wide</p></article>', "page is .* wide on 390"),
        (
            first_page,
            "</article>",
            '<div style="overflow: hidden"><p style="width: 900px">x</p></div></article>',
            "reaches",
        ),
        (first_page, "</article>", "<p>So $a = b$.</p></article>", "raw: So"),
        (first_page, "</article>", r'<p class="math">\(\frac{1}\)</p></article>', "formula: (?!.*wide)"),
        (
            first_page,
            "</article>",
            r'<p class="math">\[a = b' + " + b" * 40 + r"\]</p></article>",
            "formula: .* wide on",
        ),
        (first_page, "</article>", '<img src="_static/social-card.png" width="9"></article>', "image-alt"),
        (
            first_page,
            "</article>",
            '<p style="color: #777; background: #888">Hard to read</p></article>',
            "color-contrast",
        ),
        (
            first_page,
            "</article>",
            '<p style="color: var(--pst-color-text-base); background: #fff">Hard to read</p></article>',
            "at 1280, dark: color-contrast",
        ),
        (quizzes, "</article>", "<style>.Feedback { display: none !important }</style></article>", "no feedback to"),
        (
            charts,
            "</article>",
            "<script>Object.defineProperty(window, 'vegaEmbed', {value: async () => {}})</script></article>",
            "chart 1 is not drawn",
        ),
        (
            charts,
            "</article>",
            "<script>addEventListener('keydown', event => event.preventDefault(), true)</script></article>",
            "does not move by keyboard",
        ),
        (
            charts,
            "</article>",
            "<script>for (const kind of ['input', 'change'])"
            " addEventListener(kind, event => event.stopImmediatePropagation(), true)</script></article>",
            "chart 1 does not change when",
        ),
        (
            charts,
            "</article>",
            "<script>document.querySelectorAll('script.dlm-chart').forEach(c => c.remove())</script></article>",
            "its page has none",
        ),
        (charts, "</article>", "<style>.dlm-chart text { font-size: 60px }</style></article>", "cuts .* off"),
        (assignments, "</article>", "<style>details :not(summary) { display: none }</style></article>", "not open"),
        (assignments, "</article>", "<details open><summary>x</summary><p>y</p></details></article>", "open from the"),
        (dead_links, "</article>", '<a href="none.html">x</a></article>', "none.html is not there"),
        (dead_links, "</article>", '<a href="#none">x</a></article>', "#none has no such anchor"),
        (search_bars, "</article>", '<input type="search" aria-label="x"></article>', "2 search bars at 1280"),
        (published, 'property="og:image" content="', 'property="og:image" content="x', "not a picture"),
        (published, 'rel="canonical" href="', 'rel="canonical" href="x', "canonical is x"),
    ],
)
def test_damage_is_found(
    browser: Browser,
    site: Path,
    tmp_path: Path,
    check: Callable[[Browser, str, Path], list[str]],
    old: str,
    new: str,
    message: str,
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    for page in PAGES:
        html = (copy / page).read_text(encoding="utf-8")
        assert old in html
        (copy / page).write_text(html.replace(old, new, 1), encoding="utf-8")
    for address in serve(copy):
        assert any(re.search(message, problem) for problem in check(browser, address, copy))
