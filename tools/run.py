"""Execute notebooks in place and normalise them, so that running them again changes nothing but figures marked ≈.

Cell ids and cell metadata stay. A notebook whose execution fails is left as it was.
"""

import base64
import io
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbval.plugin import coalesce_streams
from PIL import Image

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


ASSIGNMENTS = "09_assignments"  # their notebooks have blanks, so they cannot run; tools/assign.py makes them


def notebooks(paths: list[str]) -> list[Path]:
    """The lectures named, and those below the folders named, in order."""
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            sys.exit(f"{path} does not exist: name a .ipynb file or a folder that holds one.")
        found += sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    lectures = [path for path in found if ASSIGNMENTS not in path.resolve().parts]
    if found and not lectures:
        sys.exit(f"{found[0]} has blanks to fill, so it cannot run: make assign makes it from its source.")
    if not found:
        sys.exit(f"No notebook in {', '.join(paths) or 'nothing'}: name a .ipynb file or a folder that holds one.")
    return lectures


def name_quiz(cell: nbformat.NotebookNode) -> None:
    """Name a quiz by its cell's number: jupyterquiz draws the name by lot."""
    shown = [output.data for output in cell.outputs if "data" in output]
    if drawn := re.search(r'<div id="(\w+)" data-shufflequestions', str(shown)):
        for data in shown:
            own = {kind: text for kind, text in data.items() if drawn[1] in str(text)}
            data.update({kind: text.replace(drawn[1], f"quiz{cell.execution_count}") for kind, text in own.items()})


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Keep of the metadata what every machine writes alike; number cells and quizzes; join the pieces of a stream."""
    keep = {key: notebook.metadata[key] for key in ("jupytext",) if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(KERNEL | keep)
    count = 0
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled", "ExecuteTime", "outputId", "colab", "lines_to_next_cell"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = coalesce_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
            name_quiz(cell)


def lighten(notebook: nbformat.NotebookNode) -> None:
    """Store pictures with at most 256 colours: charts look the same at less than half the size."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "image/png" in output.get("data", {}):
            picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
            picture.quantize(256, dither=Image.Dither.NONE).save(small := io.BytesIO(), "PNG", optimize=True)
            output.data["image/png"] = base64.b64encode(small.getvalue()).decode()


def run(path: Path) -> None:
    """Execute ``path`` from its own folder, as a reader does, and write it back with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": path.parent}}, record_timing=False).execute()
    normalise(notebook)
    lighten(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook_path in notebooks(sys.argv[1:]):
        run(notebook_path)
        print(f"{notebook_path}: run and normalised")
