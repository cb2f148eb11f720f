"""Two directives for Markdown pages: ``ledger`` lists every claim with its verdict, ``claim`` shows one of them."""

from pathlib import Path

from claim_records import Chapter, RecordError, collect, syllabus
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

SYLLABUS = "chapters/10_appendix/claims.yml"


class ClaimsDirective(SphinxDirective):
    """What both directives need: the stored records, and links to the boxes on the pages."""

    def found(self) -> dict[str, tuple[Path, dict[str, str]]]:
        """The records of all notebooks by id, in the book's order. The page is rebuilt whenever one of them changes."""
        toc = Path(self.env.srcdir, "_toc.yml")
        place = f"{toc.read_text(encoding='utf-8')}\n".find
        names = sorted(self.env.found_docs, key=lambda name: (place(f"file: {name}\n"), name))
        sources = [Path(self.env.doc2path(name)) for name in names]
        notebooks = [path for path in sources if path.suffix == ".ipynb"]
        for path in [*notebooks, toc, Path(self.env.srcdir, SYLLABUS)]:
            self.env.note_dependency(str(path))
        try:
            return collect(notebooks)
        except RecordError as error:
            raise self.error(str(error)) from error

    def link(self, path: Path, id: str, *content: nodes.Node) -> nodes.reference:
        """A link to the box of a claim on the page that measures it."""
        page = self.env.app.builder.get_relative_uri(self.env.docname, self.env.path2doc(str(path)))
        return nodes.reference("", "", *content, refuri=f"{page}#claim-{id}", internal=True)


class ClaimDirective(ClaimsDirective):
    """Show the claim with the given id as it was measured, with a link to its page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The box of the claim."""
        id = self.arguments[0]
        found = self.found()
        if id not in found:
            known = ", ".join(found) or "none yet"
            raise self.error(f"claim {id!r} is stored in no notebook of the book; run it, or name one of: {known}.")
        path, record = found[id]
        measured = nodes.paragraph("", record["measured"], classes=["measured"])
        source = nodes.paragraph("", "", classes=["verdict"])
        source += [
            nodes.strong("", record["verdict"]),
            nodes.Text(" · "),
            self.link(path, id, nodes.Text("see how it was measured")),
        ]
        statement = nodes.paragraph("", record["statement"], classes=["statement"])
        return [nodes.container("", statement, measured, source, classes=["dlm-claim", record["verdict"]])]


class LedgerDirective(ClaimsDirective):
    """List every claim by chapter: what was measured, then what is still open."""

    def run(self) -> list[nodes.Node]:
        """The counts, then a section for each chapter."""
        found = self.found()
        try:
            chapters = syllabus(Path(self.env.srcdir, SYLLABUS))
        except RecordError as error:
            raise self.error(str(error)) from error
        owed = {id for chapter in chapters for id in chapter.claims}
        verdicts = [record["verdict"] for id, (_, record) in found.items() if id in owed]
        counts = ", ".join(f"{verdicts.count(v)} {v}" for v in ("confirmed", "refined", "refuted"))
        summary = nodes.paragraph("", "", classes=["ledger-count"])
        summary += [nodes.strong("", f"{len(verdicts)} of {len(owed)} measured"), nodes.Text(f": {counts}.")]
        if beyond := len(found) - len(verdicts):
            summary += nodes.Text(f" {beyond} more that lectures added.")
        sections = [self.section(chapter, found, owed) for chapter in chapters]
        numbers = {chapter.number for chapter in chapters}
        for number in sorted({_chapter(path) for id, (path, _) in found.items() if id not in owed} - numbers):
            sections.append(self.section(Chapter(number, "Beyond the syllabus", {}), found, owed))
        return [summary, *sections]

    def section(self, chapter: Chapter, found: dict[str, tuple[Path, dict[str, str]]], owed: set[str]) -> nodes.section:
        """One chapter: a table of what was measured, and a folded list of what is open."""
        measured = [id for id in chapter.claims if id in found]
        beyond = [id for id, (path, _) in found.items() if id not in owed and _chapter(path) == chapter.number]
        still_open = {id: statement for id, statement in chapter.claims.items() if id not in found}

        section = nodes.section(ids=[f"chapter-{chapter.number}"])
        section += nodes.title("", f"{chapter.number} · {chapter.title}")
        if measured:
            section += nodes.paragraph("", f"{len(measured)} of {len(chapter.claims)} measured.")
        if measured or beyond:
            section += self.table([found[id] for id in measured + beyond])
        if still_open:
            section += nodes.raw("", f"<details><summary>Still open: {len(still_open)}</summary>", format="html")
            items = nodes.bullet_list("", classes=["ledger-open"])
            for id, statement in still_open.items():
                claim = nodes.paragraph("", "", nodes.Text(f"{statement} "), nodes.literal("", id))
                items += nodes.list_item("", claim)
            section += [items, nodes.raw("", "</details>", format="html")]
        return section

    def table(self, rows: list[tuple[Path, dict[str, str]]]) -> nodes.table:
        """Two columns, so that it reads on a phone: the verdict; the statement with its figure and its id."""
        body = nodes.tbody()
        for path, record in rows:
            verdict = nodes.inline("", record["verdict"], classes=["verdict", record["verdict"]])
            claim = [
                nodes.paragraph("", record["statement"]),
                nodes.paragraph("", record["measured"], classes=["measured"]),
                nodes.paragraph("", "", self.link(path, record["id"], nodes.literal("", record["id"]))),
            ]
            body += nodes.row("", nodes.entry("", nodes.paragraph("", "", verdict)), nodes.entry("", *claim))
        head = nodes.thead(
            "", nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in ("Verdict", "Claim and figure")))
        )
        columns = [nodes.colspec(colwidth=width) for width in (1, 4)]
        return nodes.table("", nodes.tgroup("", *columns, head, body, cols=2), classes=["ledger"])


def _chapter(notebook: Path) -> int:
    """The number that the name of the notebook's folder begins with."""
    return int(notebook.parent.name.split("_")[0])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("claim", ClaimDirective)
    app.add_directive("ledger", LedgerDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
