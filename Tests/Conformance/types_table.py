"""Prints what conformance.py has found out of types, as JSON: ``types_table.py RESULTS…``.

Of types of libraries it says whether values that have parts of them were "loaded" by a new process,
or whether a value was "lost": pickled, and not loaded. podfs.trial reads it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from verdict import verdict

__all__: list[str] = []


def known(cases: list[dict[str, Any]]) -> dict[str, str]:
    """Return what is known of the types of *cases*. One value that is lost is enough."""
    found: dict[str, str] = {}
    for case in cases:
        if verdict(case).loaded == "pass":
            found.update(dict.fromkeys(case["types"], "loaded"))
    for case in cases:
        if case.get("named") and case.get("lost"):
            found[case["lost"]] = "lost"
    return found


def main(*paths: str) -> None:
    """Print the table."""
    results = [json.loads(Path(path).read_text()) for path in paths]
    cases = [case for result in results for entry in result for case in entry["cases"]]
    print(json.dumps(known(cases), indent=0, sort_keys=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
