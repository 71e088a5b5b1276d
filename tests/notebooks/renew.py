"""Run the notebooks from top to bottom and save them with their outputs: python tests/notebooks/renew.py [name ...]

A saved notebook shows the panels' static faces: the live view needs a kernel, so its reference and the widget state are left out, and
nothing but what a reader sees is in the file. Timings and machine facts are not saved either.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HOME = Path(__file__).parent.parent.parent / "notebooks"
LIVE = "application/vnd.jupyter.widget-view+json"


def executed(path):
    """The notebook, run in a new kernel."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    place = {"metadata": {"path": str(HOME)}}
    # Streams in one piece: where they break depends on the machine's speed.
    NotebookClient(notebook, timeout=300, resources=place, kernel_name="python3", coalesce_streams=True).execute()
    return notebook


def for_readers(notebook):
    """The notebook as it is saved: static faces only, no timings, the same bytes for the same outputs."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {}
        for output in cell.get("outputs", []):
            output.pop("metadata", None) if output.output_type == "stream" else output.update(metadata={})
            if "data" in output:
                output.data.pop(LIVE, None)
    return notebook


def main(names):
    for path in sorted(HOME.glob("*.ipynb")):
        if not names or path.stem in names:
            nbformat.write(for_readers(executed(path)), path)
            sys.stdout.write(f"{path.name} renewed\n")


if __name__ == "__main__":
    main(sys.argv[1:])
