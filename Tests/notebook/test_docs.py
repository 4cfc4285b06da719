"""The transcripts of docs/notebook.md are what IPython shows."""

from __future__ import annotations

import re

from conftest import ROOT, Shell


def cells() -> list[tuple[str, str]]:
    """Return the cells of the page, and what it says that each prints."""
    page = (ROOT / "docs" / "notebook.md").read_text()
    found = []
    for block in re.findall(r"^```\n(In \[.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for cell in re.split(r"^In \[\d+\]: ", block, flags=re.MULTILINE)[1:]:
            first, *rest = cell.splitlines()
            more = [line[8:].strip(" ") for line in rest if line.startswith("   ...: ")]
            shown = [line for line in rest if not line.startswith("   ...: ")]
            found.append(("\n".join([first, *more]), "\n".join(shown)))
    return found


def normal(text: str) -> list[str]:
    """Return the words of each line, apart from those that tell times."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r" *\d+ ms", " TOOK", text)
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_transcripts(shell: Shell) -> None:
    assert len(cells()) == 19
    for source, shown in cells():
        printed = normal(shell.run(source))
        if "Error" in shown:
            printed = printed[-1:]
        assert printed == normal(shown), source
