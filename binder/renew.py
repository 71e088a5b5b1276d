"""Renew the lock of the Binder image: python binder/renew.py (needs uv: pip install uv).

Resolves what the notebooks need, as pyproject.toml declares it, for the Python of runtime.txt on 64-bit Linux, and writes
requirements.txt with the exact version and the hashes of every package. Read the difference, then run tests/binder/emulate.py.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
EXTRAS = ("notebooks", "clean", "files")
# Binder brings the server and JupyterLab of its own; a second one beside them is what breaks images.
BROUGHT = ("jupyterlab",)
HEAD = """# The Binder image: every package at one version, with its hashes. Written by binder/renew.py; not edited by hand.
"""


def wanted(project: Path) -> list[str]:
    """What builds crmkit, what it needs, and the extras that notebooks use."""
    read = tomllib.loads(project.read_text(encoding="utf-8"))
    declared = read["project"]
    extras = [one for name in EXTRAS for one in declared["optional-dependencies"][name]]
    every = [*read["build-system"]["requires"], *declared["dependencies"], *extras]
    return [one for one in every if not one.startswith(BROUGHT)]


def resolved(requirements: list[str], python: str) -> str:
    """The lock's lines, without an address of any registry."""
    options = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--upgrade"]
    place = ["--python-version", python, "--python-platform", "x86_64-manylinux_2_28"]
    done = subprocess.run(  # noqa: S603 - fixed words only
        [sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", *options, *place],
        input="\n".join(requirements),
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def main() -> None:
    """Write requirements.txt."""
    python = (HERE / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    lines = resolved(wanted(HERE.parent / "pyproject.toml"), python)
    (HERE / "requirements.txt").write_text(HEAD + lines, encoding="utf-8")
    sys.stdout.write(f"{lines.count('==')} packages for Python {python}\n")


if __name__ == "__main__":
    main()
