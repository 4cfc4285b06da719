"""Saves the cases of one library before and after each change: ``save.py STORE LIBRARY``.

Prints a JSON object per case: what was found, and what a new process must find in each commit.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

import looks
from case import Case
from cases import LIBRARIES

if TYPE_CHECKING:
    from podfs import Session

__all__ = ["look_at", "session_name"]


def session_name(library: str, case: str) -> str:
    """Return the name of the session of a case."""
    return f"{library} {case}".replace("/", "-")


def look_at(namespace: dict[str, Any], look: str) -> str:
    """Return what *look* shows of the value in *namespace*."""
    return looks.text(eval(look or "x", {**namespace, "plain": looks.plain}))


def run(code: str, namespace: dict[str, Any]) -> None:
    """Run *code* as a cell."""
    exec(compile(code, "<cell>", "exec", dont_inherit=True), namespace)


def save(session: Session, imports: str, case: Case) -> dict[str, Any]:
    """Save a value, again, and after each change; return what was found."""
    from podfs.capturing import capture
    from podfs.telling import class_name
    from podfs.trial import is_of_library

    namespace = session.namespace()
    run(imports, namespace)
    run(case.make, namespace)
    first = session.save(namespace)
    unsaved = [name for name, _, reason in first.unsaved if reason]
    if case.is_unsaved:
        # What it is made of may be unsaved for the same reason. What cannot be loaded is found out
        # by a trial of the first commit.
        is_lost = "x" in session.variables(first)
        second = session.save(namespace)
        later = [name for name, _, reason in second.unsaved if reason]
        named = "x" in unsaved and "x" in later and "x" not in session.load(second)
        return {"named": named, "lost": class_name(type(namespace["x"])) if is_lost else None}
    kinds = [kind for kind in capture({"x": namespace["x"]}).kinds if is_of_library(kind)]
    result: dict[str, Any] = {
        "unsaved": [list(entry) for entry in first.unsaved],
        "types": list(map(class_name, kinds)),
    }
    again = [session.save(namespace).changed]
    result["expected"] = [[int(first), look_at(namespace, case.look)]]
    again.append(session.save(namespace).changed)
    result["again"] = [list(names) for names in again]
    result["missed"] = []
    for change in case.changes:
        run(change, namespace)
        revision = session.save(namespace)
        if not revision.changed:
            result["missed"].append(change)
        shown = look_at(namespace, case.look)
        if shown == result["expected"][-1][1]:
            raise AssertionError(f"'{change}' changes nothing that the case looks at")
        result["expected"].append([int(revision), shown])
    # What was looked at may have changed by that; a new process loads the last commit.
    result["last"] = int(session.save(namespace))
    return result


def main(store: str, library: str) -> None:
    """Save the cases of *library*."""
    import podfs

    opened = podfs.Store(store)
    (found,) = (each for each in LIBRARIES if each.name == library)
    for case in found.cases:
        try:
            session = opened.session(session_name(library, case.kind))
            result = save(session, found.imports, case)
        except Exception as error:
            traceback.print_exc()
            result = {"error": f"{type(error).__name__}: {error}"}
        print("case", json.dumps({"kind": case.kind, **result}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
