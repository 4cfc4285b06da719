"""Loads what save.py has saved, in a process that ran no cell: ``check.py STORE LIBRARY``.

Reads the results of save.py, and prints them with what was found here.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

from cases import LIBRARIES
from save import look_at, session_name

if TYPE_CHECKING:
    from podfs import Session

__all__: list[str] = []


def check(session: Session, look: str, result: dict[str, Any]) -> None:
    """Compare each commit with what was expected; save the last one again."""
    result["wrong"] = []
    for revision, expected in result["expected"]:
        try:
            shown = look_at(session.load(revision), look)
        except Exception as error:
            traceback.print_exc()
            shown = f"{type(error).__name__}: {error}"
        if shown != expected:
            print(f"{session.name}@{revision}", expected[:2000], shown[:2000], file=sys.stderr)
            result["wrong"].append(revision)
    if not result["wrong"]:
        loaded = session.load(result["last"])
        list(loaded.values())  # what nobody uses is not loaded, and then not compared
        result["reloaded"] = list(session.save(loaded).changed)


def main(store: str, library: str) -> None:
    """Check the cases of *library*."""
    import podfs

    opened = podfs.Store(store)
    (found,) = (each for each in LIBRARIES if each.name == library)
    cases = {case.kind: case for case in found.cases}
    for result in json.load(sys.stdin):
        if "expected" in result:
            session = opened.session(session_name(library, result["kind"]))
            check(session, cases[result["kind"]].look, result)
        print("case", json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
