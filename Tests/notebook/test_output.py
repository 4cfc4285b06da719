"""What is kept of what a cell prints."""

from __future__ import annotations

import io
import random
import sys
import threading

import pytest
from podfs.notebook.output import OUTPUT_LIMIT, CappedText, Tee


def test_the_beginning_and_the_end_are_kept() -> None:
    for seed in range(300):
        random_ = random.Random(seed)
        limit = random_.choice([2, 4, 10, 64])
        half = limit // 2
        text, full = CappedText(limit), ""
        for _ in range(random_.randrange(12)):
            piece = "".join(random_.choice("abcd") for _ in range(random_.randrange(40)))
            full += piece
            text.add(piece)
        kept = str(text)
        if len(full) <= limit:
            assert kept == full, seed
        else:
            assert kept.startswith(full[:half]), seed
            assert kept.endswith(full[-half:]), seed
            assert f"… {len(full) - limit:,} characters are left out …" in kept, seed


def test_threads_write_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    shown = type("Stream", (), {"write": lambda _, text: stream.write(text)})()
    monkeypatch.setattr(sys, "stdout", shown)
    tee = Tee(lambda: True)
    threads = [threading.Thread(target=lambda: [print("x") for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = tee.stop()
    assert sorted(kept) == sorted(stream.getvalue())
    assert len(kept) == 4 * 2000 * 2 < OUTPUT_LIMIT
    print("after")
    assert stream.getvalue().endswith("after\n")
    assert "write" not in vars(shown)
