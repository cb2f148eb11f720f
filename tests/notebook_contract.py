"""What the notebook of a lecture, or of an assignment, must look like.

Each check takes a notebook and its path and returns the problems as sentences; none means that the check holds.
"""

import ast
import builtins
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import claim_records
import nbformat
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode
from nbformat.validator import iter_validate
from nbval.plugin import comment_markers, get_sanitize_patterns
from tools import address, run

ROOT = Path(__file__).resolve().parents[1]
SANITISER = get_sanitize_patterns((ROOT / "nbval.cfg").read_text(encoding="utf-8"))
MARKDOWN = MarkdownIt("commonmark").enable("table")

IGNORE = "nbval-ignore-output"
TAGS = {"hide-input", "hide-output", "hide-cell", "scroll-output", IGNORE}
FIRST, LAST = ["Question", "In short"], ["Try it", "Quiz", "Remember", "Sources"]
HTML = re.compile(r"</?(details|summary|br|sub|sup|kbd)( open)?\s*/?>", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![\w.:/~-])/(home|root|work|tmp|Users|mnt|content)/|\b[A-Z]:\\(Users|Program|Windows)|file://"
)
NETWORK = {"aiohttp", "ftplib", "gdown", "http", "httpx", "requests", "socket", "subprocess", "urllib", "urllib3"}


def load(path: Path) -> NotebookNode:
    """The notebook at ``path`` as it is written, without the repairs that ``nbformat.read`` makes."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def repository(path: Path) -> Path:
    """The folder above ``path`` that holds ``_config.yml``."""
    return next(folder for folder in path.resolve().parents if (folder / "_config.yml").exists())


def at(index: int, cell: NotebookNode) -> str:
    """How a problem names a cell: its number from 0, and how it begins."""
    return f"cell {index} ({(cell.source.splitlines() or [''])[0][:40]!r})"


def code(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """The code cells with their numbers; the first of them is the install cell."""
    return [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def parsed(cell: NotebookNode) -> ast.Module:
    """The cell's Python, with magics as the calls that IPython makes of them."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def calls(cell: NotebookNode, *names: str) -> list[ast.Call]:
    """The calls of a function or method of one of these names, in order."""
    found = [node for node in ast.walk(parsed(cell)) if isinstance(node, ast.Call) and called(node) in names]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def markdown(notebook: NotebookNode) -> Iterator[tuple[str, Token]]:
    """Every Markdown token, with the name of its cell."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for token in MARKDOWN.parse(cell.source):
                yield at(index, cell), token


def words(inline: Token) -> str:
    """The text of a paragraph or heading, without markup."""
    return "".join(
        " " if child.type == "softbreak" else child.content for child in inline.children if child.type != "image"
    )


def headings(tokens: list[Token]) -> list[tuple[int, str]]:
    """Level and text of each heading."""
    return [
        (int(opening.tag[1]), words(inline)) for opening, inline in pairwise(tokens) if opening.type == "heading_open"
    ]


def sections_of(notebook: NotebookNode) -> dict[str, list[Token]]:
    """The Markdown tokens below each heading of level 2."""
    found: dict[str, list[Token]] = {}
    tokens = [token for _, token in markdown(notebook)]
    name = ""
    for before, token in pairwise(tokens):
        if before.type == "heading_open" and before.tag == "h2":
            name = token.content
        found.setdefault(name, []).append(token)
    return found


def texts(cell: NotebookNode) -> list[str]:
    """What the cell's outputs hold apart from pictures."""
    found = []
    for output in cell.get("outputs", []):
        data = {"stream": output.get("text", "")} | dict(output.get("data", {}))
        found += [text for kind, text in data.items() if not kind.startswith("image/") and isinstance(text, str)]
    return found


def kinds(cell: NotebookNode) -> list[str]:
    """The MIME types of the cell's outputs."""
    return [kind for output in cell.get("outputs", []) for kind in output.get("data", {})]


# The checks


def form(notebook: NotebookNode, path: Path) -> list[str]:
    """nbformat 4.5 with unique cell ids, exactly as tools/run.py leaves it."""
    found = [f"not a valid notebook of nbformat 4.5: {error.message}" for error in iter_validate(notebook, None, 4, 5)]
    ids = Counter(cell.get("id") for cell in notebook.cells)
    found += [f"cell id {id!r} stands {count} times; each must be unique." for id, count in ids.items() if count > 1]
    normal = deepcopy(notebook)
    run.normalise(normal)
    if normal != notebook:
        found.append("metadata, counts or streams are not as tools/run.py leaves them; run it: make run NB=….")
    elif path.read_text(encoding="utf-8").rstrip("\n") != nbformat.v4.writes(notebook):
        found.append("the file is not written as nbformat writes it; run it: make run NB=….")
    return found


def executed(notebook: NotebookNode, path: Path) -> list[str]:
    """Every code cell was run, in order, and left neither errors nor warnings nor progress bars."""
    found = []
    for count, (index, cell) in enumerate(code(notebook), 1):
        if not cell.source.strip():
            found.append(f"{at(index, cell)} is empty; delete it.")
        if cell.execution_count != count:
            found.append(
                f"{at(index, cell)} has the count {cell.execution_count} instead of {count}; run the notebook."
            )
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{at(index, cell)} raised {output.ename}; catch what is meant to be shown.")
            if output.get("name") == "stderr":
                found.append(f"{at(index, cell)} wrote to stderr: {output.text[:80]!r}; remove the cause.")
        if any("jupyter.widget" in kind for kind in kinds(cell)) or any("\r" in text for text in texts(cell)):
            found.append(f"{at(index, cell)} stores a progress bar or a widget; outputs must read without a kernel.")
        if any(re.search(r"\bat 0x[0-9a-f]{6,}", text) for text in texts(cell)):
            found.append(f"{at(index, cell)} prints a memory address, which changes with each run.")
    return found


def opening(notebook: NotebookNode, path: Path) -> list[str]:
    """The first cell is the title with the Colab badge of this file, the first code cell installs the library."""
    root = repository(path)
    url = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    up = "../" * (len(path.resolve().relative_to(root).parts) - 1)
    colab = url.replace("https://github.com/", "https://colab.research.google.com/github/")
    badge = (
        f"[![Open in Colab]({up}img/colab-badge.svg)]({colab}/blob/main/{path.resolve().relative_to(root).as_posix()})"
    )
    install = (
        "try:\n    import dlmeasured\n"
        "except ImportError:\n"
        "    # On Colab and the like: fetch the course's library and data, keep all the rest.\n"
        f'    %pip install -q "dlmeasured @ git+{url}"'
    )
    found = []
    lines = notebook.cells[0].source.splitlines() or [""]
    if notebook.cells[0].cell_type != "markdown" or not re.match(r"# \S", lines[0]):
        found.append("the first cell must be Markdown that begins with '# Title'.")
    if badge not in lines:
        found.append(f"the first cell lacks its badge, on a line of its own: {badge}")
    if not code(notebook) or code(notebook)[0][1].source != install:
        found.append(f"the first code cell must be exactly:\n{install}")
    return found


def sections(notebook: NotebookNode, path: Path) -> list[str]:
    """One title; Question, In short, two sections or more, Try it, Quiz, Remember, Sources, each with what it needs."""
    levels = headings([token for _, token in markdown(notebook)])
    found = []
    if [level for level, _ in levels].count(1) != 1:
        found.append("there must be exactly one heading of level 1, the title.")
    for (before, _), (level, text) in pairwise(levels):
        if level > before + 1:
            found.append(f"heading {text!r} is of level {level} below one of level {before}; leave out no level.")
    names = [text for level, text in levels if level == 2]
    if names[:2] != FIRST or names[-4:] != LAST or len(names) < len(FIRST + LAST) + 2:
        return [
            *found,
            f"the sections must be {', '.join(FIRST)}, two or more of your own, {', '.join(LAST)}; they are: {names}.",
        ]
    content = sections_of(notebook)
    paragraphs = {
        name: [inline for opening, inline in pairwise(tokens) if opening.type == "paragraph_open"]
        for name, tokens in content.items()
    }
    question = paragraphs["Question"]
    if len(question) != 1 or not words(question[0]).rstrip().endswith("?"):
        found.append("Question must be one paragraph that ends with a question mark.")
    if not any(re.search(r"\d", words(inline)) for inline in paragraphs["In short"]):
        found.append("In short must give the measured figure.")
    if not 1 <= len(paragraphs["Remember"]) <= 5:
        found.append(f"Remember has {len(paragraphs['Remember'])} points; give one to five.")
    if not paragraphs["Sources"]:
        found.append("Sources is empty.")
    for inline in paragraphs["Sources"]:
        if not any(child.type == "link_open" and child.attrs["href"].startswith("http") for child in inline.children):
            found.append(f"Sources: {words(inline)[:60]!r} has no link.")
    return found


def budget(notebook: NotebookNode, path: Path) -> list[str]:
    """12 to 25 code cells of at most 25 lines, besides the install cell and the quiz; 88 columns; at most 1 MB."""
    found = []
    cells = code(notebook)[1:]
    lecture = [pair for pair in cells if not calls(pair[1], "display_quiz")]
    if not 12 <= len(lecture) <= 25:
        found.append(f"{len(lecture)} code cells besides install and quiz; 12 to 25 make a lecture.")
    for index, cell in cells:
        lines = cell.source.splitlines()
        if len(lines) > 25 and (index, cell) in lecture:
            found.append(f"{at(index, cell)} has {len(lines)} lines; split it, 25 are the limit.")
        found += [
            f"{at(index, cell)} has a line of {len(line)} characters; 88 are the limit: {line[:60]}…"
            for line in lines
            if len(line) > 88
        ]
    if path.stat().st_size > 1_000_000:
        found.append(f"the file has {path.stat().st_size:,} bytes; 1,000,000 are the limit.")
    return found


def predict(notebook: NotebookNode, path: Path) -> list[str]:
    """The reader is asked to predict."""
    if any(cell.cell_type == "markdown" and "**Predict.**" in cell.source for cell in notebook.cells):
        return []
    return ["there is no **Predict.**; ask before you measure."]


def quiz(notebook: NotebookNode, path: Path) -> list[str]:
    """One quiz of 3 to 5 questions, a literal list of jupyterquiz, with feedback on every wrong answer."""
    cells = [(index, cell) for index, cell in code(notebook) if calls(cell, "display_quiz")]
    if len(cells) != 1:
        return [f"{len(cells)} cells call display_quiz; one must."]
    index, cell = cells[0]
    where = at(index, cell)
    titles = [cell.source for cell in notebook.cells[:index] if re.search(r"^## ", cell.source, re.MULTILINE)]
    found = (
        [] if titles and re.search(r"^## Quiz$", titles[-1], re.MULTILINE) else [f"{where} is not in the section Quiz."]
    )
    questions = calls(cell, "display_quiz")[0].args[0]
    for node in ast.walk(parsed(cell)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(questions):
            questions = node.value
    try:
        questions = ast.literal_eval(questions)
    except ValueError:
        return [*found, f"{where}: write the questions as a literal list in the cell that shows them."]
    if not isinstance(questions, list) or not 3 <= len(questions) <= 5:
        return [*found, f"{where}: give a list of 3 to 5 questions."]
    for question in questions:
        found += [
            f"{where}: question {question.get('question', '')[:50]!r} {problem}" for problem in _question(question)
        ]
    return found


def _question(question: dict) -> list[str]:
    """The problems of one question."""
    kind, answers = question.get("type"), question.get("answers", [])
    right = [answer for answer in answers if answer.get("correct")]
    wrong = [answer for answer in answers if not answer.get("correct")]
    found = []
    if kind not in ("multiple_choice", "many_choice", "numeric", "string"):
        return [f"has the type {kind!r}, which jupyterquiz does not know."]
    if not str(question.get("question", "")).strip():
        found.append("has no text.")
    if not right or not wrong:
        found.append("needs a right and a wrong answer (numeric and string: of type 'default').")
    if kind == "multiple_choice" and len(right) != 1:
        found.append(f"is a multiple choice with {len(right)} right answers; it must have one.")
    if kind in ("multiple_choice", "many_choice") and not all(
        str(answer.get("answer", "")).strip() for answer in answers
    ):
        found.append("has an answer without text.")
    found += [
        f"has no feedback on the wrong answer {answer.get('answer', answer)!r}."
        for answer in wrong
        if not str(answer.get("feedback", "")).strip()
    ]
    return found


def tags(notebook: NotebookNode, path: Path) -> list[str]:
    """Only known tags; output is ignored for quizzes and animations, and there by tag."""
    found = []
    for index, cell in enumerate(notebook.cells):
        for tag in cell.metadata.get("tags", []):
            if tag not in TAGS:
                found.append(f"{at(index, cell)} has the tag {tag!r}; use one of {', '.join(sorted(TAGS))}.")
    for index, cell in code(notebook):
        is_quiz = bool(calls(cell, "display_quiz"))
        ignored = IGNORE in cell.metadata.get("tags", [])
        if is_quiz and not ignored:
            found.append(f"{at(index, cell)} shows a quiz, whose ids are random: tag it {IGNORE}.")
        if ignored and not is_quiz and not calls(cell, "to_jshtml", "to_html5_video"):
            found.append(f"{at(index, cell)} is tagged {IGNORE}; only a quiz or an animation may be, use ≈ instead.")
        for line in cell.source.splitlines():
            if line.strip().startswith("#") and line.strip(" \t#") in comment_markers:
                found.append(f"{at(index, cell)} has {line.strip()!r}, which hides its output from the comparison.")
    return found


def images(notebook: NotebookNode, path: Path) -> list[str]:
    """Every picture is stored and has a text that says what it shows."""
    found = []
    for index, cell in code(notebook):
        pictures = [kind for kind in kinds(cell) if kind.startswith("image/")]
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        if pictures and not (isinstance(alt, str) and len(alt.strip()) >= 20):
            found.append(
                f"{at(index, cell)} shows a picture: say what in its metadata, mystnb.image.alt, in 20 letters or more."
            )
        for output in cell.outputs:
            data = output.get("data", {})
            if "<Figure size" in data.get("text/plain", "") and not any(kind.startswith("image/") for kind in data):
                found.append(f"{at(index, cell)} printed a figure but stores no picture; run the notebook.")
        charts = sum(kind.startswith("application/vnd.vegalite") for kind in kinds(cell))
        if (charts and len(pictures) != 1) or charts > 1:
            found.append(
                f"{at(index, cell)} must show one chart and its still: call interactive once, and nothing else."
            )
    for where, token in markdown(notebook):
        for child in token.children or []:
            if child.type == "image" and not child.content.strip():
                found.append(f"{where} shows {child.attrs['src']} without alt text: ![what it shows](…).")
    return found


def marks(notebook: NotebookNode, path: Path) -> list[str]:
    """Each ≈ in an output stands right before a number that the sanitiser masks, and so does its spread after ±."""
    found = []
    for index, cell in code(notebook):
        if IGNORE in cell.metadata.get("tags", []):
            continue
        for text in texts(cell):
            masked = text
            for pattern, replacement in SANITISER:
                masked = re.sub(pattern, replacement, masked)
            for match in re.finditer(r"≈(?!#).{0,20}|≈#\s*±(?! #).{0,20}", masked):
                found.append(f"{at(index, cell)}: {match[0]!r} is not compared as meant: write ≈0.87 or ≈0.87 ± 0.02.")
    return found


def claims(notebook: NotebookNode, path: Path) -> list[str]:
    """A claim has a literal id, a computed ``holds`` and a stored record; the syllabus's stand in their chapter."""
    found, ids = [], []
    cells = code(notebook)
    constant = _constants([parsed(cell) for _, cell in cells])
    for index, cell in cells:
        for call in calls(cell, "claim"):
            arguments = {keyword.arg: keyword.value for keyword in call.keywords}
            id = arguments.get("id", call.args[0] if call.args else None)
            if not (isinstance(id, ast.Constant) and isinstance(id.value, str)):
                found.append(f"{at(index, cell)}: write the claim's id as a literal text.")
                continue
            ids.append(id.value)
            if "holds" not in arguments or _fixed(arguments["holds"], constant):
                found.append(
                    f"{at(index, cell)}: claim {id.value} has a literal for holds; compute it from the measurement."
                )
    try:
        stored = [record["id"] for record in claim_records.records(path)]
    except claim_records.RecordError as error:
        return [*found, str(error)]
    if not ids:
        found.append("there is no claim; a lecture measures at least one.")
    if stored != ids:
        found.append(f"the stored claims are {stored}, the code makes {ids}; run the notebook.")
    for chapter in claim_records.syllabus(repository(path) / "chapters/10_appendix/claims.yml"):
        found += [
            f"claim {id} belongs to chapter {chapter.number}, but stands in {path.resolve().parent.name}."
            for id in stored
            if id in chapter.claims and not path.resolve().parent.name.startswith(f"{chapter.number:02d}_")
        ]
    return found


def _fixed(node: ast.expr, constant: set[str]) -> bool:
    """Whether an expression depends on nothing but literals, builtins and names that stand for such."""
    names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return names <= constant | set(dir(builtins))


def _constants(modules: list[ast.Module]) -> set[str]:
    """The names that are assigned literals only. (A name that is bound in any other way is taken as computed.)"""
    assigned: dict[str, list[ast.expr]] = {}
    for node in (node for module in modules for node in ast.walk(module)):
        if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            for target in node.targets:
                assigned.setdefault(target.id, []).append(node.value)
    stores = Counter(
        node.id
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return {
        name
        for name, values in assigned.items()
        if stores[name] == len(values) and all(_fixed(value, set()) for value in values)
    }


def links(notebook: NotebookNode, path: Path) -> list[str]:
    """Relative links and pictures lead to files of the repository, and anchors to headings."""
    found = []
    for where, token in markdown(notebook):
        for child in token.children or []:
            target = child.attrs.get("href") or child.attrs.get("src")
            if child.type not in ("link_open", "image") or not target:
                continue
            parts = urlsplit(str(target))
            if parts.scheme in ("http", "https", "mailto"):
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            if parts.scheme or parts.netloc or parts.path.startswith("/"):
                found.append(f"{where} links to {target}; use https or a path relative to the notebook.")
            elif not file.exists() or not file.is_relative_to(repository(path)):
                found.append(f"{where} links to {target}, which is not there.")
            elif parts.fragment and unquote(parts.fragment) not in _anchors(file, notebook, path):
                found.append(f"{where} links to {target}, but {file.name} has no such heading.")
    return found


def _anchors(file: Path, notebook: NotebookNode, path: Path) -> set[str]:
    """The anchors of a notebook's or a Markdown page's headings, as GitHub makes them."""
    if file.suffix == ".md":
        sources = [file.read_text(encoding="utf-8")]
    elif file.suffix == ".ipynb":
        cells = (notebook if file == path.resolve() else load(file)).cells
        sources = [cell.source for cell in cells if cell.cell_type == "markdown"]
    else:
        return set()
    found: set[str] = set()
    for _, text in (heading for source in sources for heading in headings(MARKDOWN.parse(source))):
        slug = anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while anchor in found:
            number += 1
            anchor = f"{slug}-{number}"
        found.add(anchor)
    return found


def local_paths(notebook: NotebookNode, path: Path) -> list[str]:
    """No path of the machine that it was written on."""
    found = []
    for index, cell in enumerate(notebook.cells):
        for text in [cell.source, *texts(cell)]:
            for match in LOCAL_PATH.finditer(text):
                found.append(f"{at(index, cell)} names a local path: {text[match.start() : match.start() + 40]!r}.")
    return found


def commonmark(notebook: NotebookNode, path: Path) -> list[str]:
    """CommonMark with dollar math only, so that it reads alike in the book, JupyterLab, Colab and on GitHub."""
    found = []
    for where, token in markdown(notebook):
        if token.type == "fence" and token.info.startswith("{"):
            found.append(f"{where} has the directive ```{token.info}; use plain Markdown.")
        if token.type == "html_block":
            found += [f"{where}: {problem}" for problem in _html(token.content)]
        for before, child in pairwise([None, *(token.children or [])]):
            if child.type == "html_inline":
                found += [f"{where}: {problem}" for problem in _html(child.content)]
            if child.type == "code_inline" and before and re.search(r"\{[a-z][\w:.+-]*\}$", before.content):
                found.append(f"{where} has a role before `{child.content}`; use plain Markdown.")
        if token.type == "inline":
            for line in token.content.splitlines():
                if re.match(r":::|\([\w-]+\)=$|\[\^[^]]+\]:|%\s|\+\+\+", line):
                    found.append(f"{where} has {line[:40]!r}, which is not CommonMark.")
    for index, cell in enumerate(notebook.cells):
        prose = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "", cell.source, flags=re.DOTALL)
        if cell.cell_type == "markdown" and r"\begin{" in prose:
            found.append(rf"{at(index, cell)} has \begin outside dollars; write $$ around it.")
        if cell.cell_type == "raw":
            found.append(f"{at(index, cell)} is a raw cell; use Markdown.")
    return found


def _html(text: str) -> list[str]:
    """The tags that are not among the few that every place shows."""
    return [f"{tag} is raw HTML; use Markdown." for tag in re.findall(r"<[^>]*>", text) if not HTML.fullmatch(tag)]


def paragraphs(notebook: NotebookNode, path: Path) -> list[str]:
    """No paragraph of more than 90 words."""
    found = []
    for (where, before), (_, token) in pairwise(markdown(notebook)):
        count = len(words(token).split()) if before.type == "paragraph_open" else 0
        if token.type == "html_block":
            count = len(re.sub(r"<[^>]*>", " ", token.content).split())
        if count > 90:
            found.append(f"{where} has a paragraph of {count} words; 90 are the limit.")
    return found


def offline(notebook: NotebookNode, path: Path) -> list[str]:
    """Plain Python that needs no network and installs nothing; outputs that load nothing."""
    found = []
    for index, cell in code(notebook)[1:]:
        where = at(index, cell)
        for node in ast.walk(parsed(cell)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                if module.split(".")[0] in NETWORK or module == "torch.hub":
                    found.append(f"{where} imports {module}; a notebook runs offline, on the data in data/.")
            if isinstance(node, ast.Name) and node.id == "get_ipython":
                found.append(f"{where} uses a magic or a shell command; plain Python runs everywhere.")
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("torch.hub", "os.system", "os.popen"):
                found.append(f"{where} uses {ast.unparse(node)}; a notebook runs offline and in Python alone.")
            if isinstance(node, ast.Call) and (called(node).startswith("fetch_") or _loads(node)):
                found.append(f"{where} calls {called(node)}, which fetches from the network.")
        if re.search(r"\b(pip|conda) install\b", cell.source):
            found.append(f"{where} installs something; the first cell does, and only what is absent.")
    for index, cell in code(notebook):
        for kind, text in ((kind, text) for output in cell.outputs for kind, text in output.get("data", {}).items()):
            if kind == "text/html" and re.search(r"""\bsrc\s*=\s*["']?(https?:)?//|<link\b|@import""", text):
                found.append(f"{at(index, cell)} has an output that loads from the network.")
            # jupyterquiz's script names a CDN for MathJax; the site's own MathJax keeps it from there
            if kind == "application/javascript" and "://" in text and not calls(cell, "display_quiz"):
                found.append(f"{at(index, cell)} has a script that loads from the network.")
    return found


def _loads(call: ast.Call) -> bool:
    """Whether a call reads from an address that is given as a literal."""
    first = call.args[0] if call.args else None
    is_address = isinstance(first, ast.Constant) and re.match("(https?|ftp)://", str(first.value))
    reads = called(call).startswith(("read", "load", "open", "download", "get", "imread", "genfromtxt"))
    return bool(is_address and reads)


def semicolons(notebook: NotebookNode, path: Path) -> list[str]:
    """No statement ends with a semicolon: nbval prints what it hides."""
    found = []
    for index, cell in code(notebook):
        tokens = list(tokenize.generate_tokens(io.StringIO(TransformerManager().transform_cell(cell.source)).readline))
        for token, after in pairwise(tokens):
            if token.string == ";" and after.type in (tokenize.NEWLINE, tokenize.COMMENT):
                found.append(
                    f"{at(index, cell)} has a line that ends with ';': {token.line.strip()[:60]}; end with plt.show()."
                )
    return found


def listed(notebook: NotebookNode, path: Path) -> list[str]:
    """It stands in its chapter's folder, which has an index.md, and in _toc.yml; else it is not in the book."""
    root = repository(path)
    place = path.resolve().relative_to(root)
    found = []
    if not re.fullmatch(r"chapters/\d\d_[a-z0-9_]+/[a-z0-9_]+\.ipynb", place.as_posix()):
        found.append(f"{place}: name it chapters/NN_name/name.ipynb, in lower case with underscores.")
    if not (path.parent / "index.md").exists():
        found.append(f"{place.parent} has no index.md.")
    if place.with_suffix("").as_posix() not in re.findall(
        r"file: *(\S+)", (root / "_toc.yml").read_text(encoding="utf-8")
    ):
        found.append(f"{place} is not in _toc.yml, so it is not in the book.")
    return found


CHECKS: list[Callable[[NotebookNode, Path], list[str]]] = [
    form, executed, opening, sections, budget, predict, quiz, tags, images, marks,
    claims, links, local_paths, commonmark, paragraphs, offline, semicolons, listed,
]  # fmt: skip


# The checks of an assignment's notebook, beside those that it shares with a lecture


def blank(notebook: NotebookNode, path: Path) -> list[str]:
    """A valid notebook as tools/assign.py leaves it: nothing was run, and the code fits."""
    found = [f"not a valid notebook of nbformat 4.5: {error.message}" for error in iter_validate(notebook, None, 4, 5)]
    ids = Counter(cell.get("id") for cell in notebook.cells)
    found += [f"cell id {id!r} stands {count} times; each must be unique." for id, count in ids.items() if count > 1]
    if notebook.metadata != run.KERNEL:
        found.append("the notebook's metadata are not those of every notebook: make assign.")
    for index, cell in code(notebook):
        if cell.outputs or cell.execution_count is not None:
            found.append(f"{at(index, cell)} was run; an assignment stores no outputs: make assign.")
        if len(cell.source.splitlines()) > 25 or any(len(line) > 88 for line in cell.source.splitlines()[4:]):
            found.append(f"{at(index, cell)} is too large: 25 lines of 88 characters are the limit.")
    return found


def questions(notebook: NotebookNode, path: Path) -> list[str]:
    """Each question is a task with two hints, a blank and a check; at the end stand the solutions, folded."""
    found = []
    checks = [(index, cell) for index, cell in code(notebook) if calls(cell, "check")]
    for index, cell in checks:
        task, answer = notebook.cells[index - 2 : index]
        if task.cell_type != "markdown" or not re.match(r"## \d ", task.source):
            found.append(f"{at(index, cell)}: two cells above must stand the task, as '## 1 …'.")
        if re.findall(r"<summary>(.*?)</summary>", task.source) != ["Hint", "Stronger hint"]:
            found.append(f"{at(index - 2, task)} must fold a Hint and a Stronger hint, in this order.")
        if answer.cell_type != "code" or "..." not in answer.source:
            found.append(f"{at(index - 1, answer)} has no blank to fill: ....")
    names = [ast.unparse(call) for _, cell in checks for call in calls(cell, "check")]
    if not names or names != [f"grader.check('q{number}')" for number in range(1, len(names) + 1)]:
        found.append(f"the checks must be q1, q2 …, one in a cell; they are {names}.")
    graders = [ast.unparse(call) for _, cell in code(notebook) for call in calls(cell, "Grader")]
    if graders != [f"Grader('{path.stem}')"]:
        found.append(f"the set-up cell must make Grader('{path.stem}'), and no other; there is {graders}.")
    if [cell.source for _, cell in code(notebook)[-1:]] != ["grader.check_all()"]:
        found.append("the last code cell must be grader.check_all().")
    last = notebook.cells[-1].source
    if not last.startswith("## Solutions\n") or last.count("<details>") != len(names):
        found.append("the last cell must be ## Solutions, with a fold for each question.")
    return found


ASSIGNMENT_CHECKS: list[Callable[[NotebookNode, Path], list[str]]] = [
    blank, opening, questions, links, local_paths, commonmark, paragraphs, offline, semicolons, listed,
]  # fmt: skip


# Beyond one notebook


def across(paths: list[Path]) -> list[str]:
    """No two notebooks, and no two places of one, make a claim of the same id."""
    try:
        claim_records.collect(paths)
    except claim_records.RecordError as error:
        return [str(error)]
    return []


def repository_size(root: Path, limit: int = 80_000_000) -> list[str]:
    """The files that belong to the repository have at most 80 MB."""
    sizes = sorted(((path.stat().st_size, path) for path in address.files(root)), reverse=True)
    total = sum(size for size, _ in sizes)
    largest = ", ".join(f"{path.relative_to(root)} ({size:,})" for size, path in sizes[:3])
    return (
        [f"the repository has {total:,} bytes; {limit:,} are the limit. Largest: {largest}."] if total > limit else []
    )


def library_size(folder: Path) -> list[str]:
    """The library has at most 1,200 lines, and 200 a module."""
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.py")}
    found = [f"{name} has {count} lines; 200 are the limit." for name, count in lines.items() if count > 200]
    if not lines or sum(lines.values()) > 1200:
        found.append(
            f"{folder} has {sum(lines.values())} lines of Python; at least one and at most 1,200 are expected."
        )
    return found
