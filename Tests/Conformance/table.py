"""Prints docs/libraries.md from what conformance.py has found: ``table.py RESULTS…``.

A library that several results have in the same version is taken from the first of them.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from verdict import Verdict, verdict

__all__: list[str] = []

_INTRODUCTION = """\
# Libraries

What podfs does with values of {classes} classes: of Python {python} and of {libraries} libraries.
Each was tried in three ways, with real processes and a real store:

- **changed**: a value was changed in place, by up to nine pieces of code (through views, by C, by
  attributes), and saved after each: every change must make a new version.
- **unchanged**: it was saved again without a change, after it was looked at, and after a new
  process had loaded it: there should be no new version. *Conservative* means that there was one
  although nothing had changed that anybody would call a change, for instance since the class keeps
  a cache.
- **loaded**: every version was loaded in a new process, which ran none of the code, and must show
  what the value showed when it was saved.
- *Not saved* is what cannot be pickled, or would not load: it must be named, with the reason. A
  value that can be pickled and not loaded is in the first commit; a trial load of that commit finds
  it, and the next commit leaves it out.

{counts}

The table is written by `mount-scripts/libraries`; its cases are in `Tests/Conformance/cases`.
"""


class Row(NamedTuple):
    """A line of the table."""

    library: str
    version: str
    kind: str
    verdict: Verdict

    def __str__(self) -> str:
        each = self.verdict
        columns = [self.kind.replace("|", "\\|"), each.changed, each.unchanged, each.loaded]
        if each.outcome == "not saved":
            columns = [columns[0], "", "", "not saved"]
        return f"| {' | '.join([*columns, each.note.replace('|', '')])} |"


def rows_of(results: list[list[dict[str, Any]]]) -> list[Row]:
    """Return the lines of the table, in order."""
    seen: set[tuple[str, str]] = set()
    rows = []
    for result in results:
        found = {(entry["library"], entry["version"]) for entry in result}
        for entry in result:
            if (entry["library"], entry["version"]) not in seen:
                rows += [
                    Row(entry["library"], entry["version"], case["kind"], verdict(case))
                    for case in entry["cases"]
                ]
        seen |= found
    return sorted(rows, key=lambda row: (row[0].lower(), row[1], row[2].lower()))


def main(*paths: str) -> None:
    """Print the page."""
    rows = rows_of([json.loads(Path(path).read_text()) for path in paths])
    libraries = {row.library for row in rows if not row.library.startswith("Python,")}
    counts = Counter(row.verdict.outcome for row in rows)
    shown = [f"{counts[key]} {key}" for key in ("pass", "conservative", "fail", "not saved")]
    print(
        _INTRODUCTION.format(
            classes=len({(row.library, row.kind) for row in rows}),
            libraries=len(libraries),
            python=platform.python_version(),
            counts=f"In all: {', '.join(shown)}. No change was missed."
            if not any(row.verdict.changed == "fail" for row in rows)
            else f"In all: {', '.join(shown)}.",
        )
    )
    heading = ""
    for row in rows:
        if heading != f"{row.library} {row.version}":
            heading = f"{row.library} {row.version}"
            print(f"\n## {heading}\n\n| class | changed | unchanged | loaded | |")
            print("|---|---|---|---|---|")
        print(row)


if __name__ == "__main__":
    main(*sys.argv[1:])
