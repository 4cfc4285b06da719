"""What the result of a case comes to."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Verdict", "verdict"]


class Verdict(NamedTuple):
    """The three columns of the table, the worst of them, and what to say about it."""

    changed: str
    unchanged: str
    loaded: str
    outcome: str
    note: str = ""


def verdict(case: dict[str, Any]) -> Verdict:
    """Return what the result *case* of a case comes to."""
    if "error" in case:
        return Verdict("fail", "fail", "fail", "fail", case["error"])
    if "named" in case:
        outcome = "not saved" if case["named"] else "fail"
        return Verdict("", "", "", outcome, "named" if case["named"] else "not named")
    if case["unsaved"]:
        name, kind, reason = case["unsaved"][0]
        return Verdict("fail", "fail", "fail", "fail", f"{name} ({kind}) is not saved: {reason}")
    changed = "fail" if case["missed"] else "pass"
    loaded = "fail" if case["wrong"] else "pass"
    stored_again = [
        words
        for words, names in (
            ("without a change", case["again"][0]),
            ("after it was read", case["again"][1]),
            ("after it was loaded", case.get("reloaded", [])),
        )
        if names
    ]
    unchanged = "conservative" if stored_again else "pass"
    note = f"stored again {', '.join(stored_again)}" if stored_again else ""
    if case["missed"]:
        note = f"missed: {case['missed'][0]}"
    elif case["wrong"]:
        note = f"loaded otherwise: commit {case['wrong'][0]}"
    outcome = "fail" if "fail" in (changed, loaded) else unchanged
    return Verdict(changed, unchanged, loaded, outcome, note)
