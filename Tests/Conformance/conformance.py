"""Tries the libraries that this interpreter has: ``conformance.py RESULTS [LIBRARY…]``.

Each library is saved in one process and loaded in another. *RESULTS* gets a JSON list with an
object per library; the exit code is 1 if a change was missed or anything is wrong.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cases import LIBRARIES
from verdict import verdict

__all__: list[str] = []

_FOLDER = Path(__file__).parent


def version(library: str) -> str | None:
    """Return the version of *library*, or None if it is not there."""
    if library.startswith("Python,"):
        return platform.python_version()
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def cases_of(program: str, *arguments: str, given: Any = None) -> list[dict[str, Any]]:
    """Run *program* on *given* in a new process, and return the cases that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(_FOLDER / program), *arguments],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = [line[5:] for line in done.stdout.splitlines() if line.startswith("case ")]
    cases: list[dict[str, Any]] = [json.loads(line) for line in lines]
    if done.returncode != 0:
        cases.append({"kind": "all others", "error": f"{program} ended by {done.returncode}"})
    return cases


def main(results: str, *wanted: str) -> int:
    """Try the libraries *wanted*, or all."""
    found = []
    failed = 0
    for library in LIBRARIES:
        known = version(library.name)
        if known is None or (wanted and library.name not in wanted):
            continue
        with tempfile.TemporaryDirectory() as store:
            saved = cases_of("save.py", store, library.name)
            checked = cases_of("check.py", store, library.name, given=saved)
        found.append({"library": library.name, "version": known, "cases": checked})
        verdicts = [verdict(case) for case in checked]
        failed += sum(each.outcome == "fail" for each in verdicts)
        for case, each in zip(checked, verdicts):
            if each.outcome in ("fail", "conservative"):
                print(f"{library.name}: {case['kind']}: {each.outcome}: {each.note}")
        print(f"{library.name} {known}: {len(checked)} classes", flush=True)
    Path(results).write_text(json.dumps(found))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
