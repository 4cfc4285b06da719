"""Drives PickleProbe: PodPickle on pickles that Python makes."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO


class ProbeError(Exception):
    """What PodPickle said of a pickle that it refused."""


class Probe:
    """A running PickleProbe; its pods stay from request to request."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Probe:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def ask(self, command: str, streams: list[bytes]) -> list[bytes]:
        """Sends a request and returns the blocks of the answer."""
        into, out = self._pipes
        into.write(command.encode() + struct.pack("<Q", len(streams)))
        for stream in streams:
            into.write(struct.pack("<Q", len(stream)))
            into.write(stream)
        into.flush()
        status = out.read(1)
        if not status:
            raise ProbeError(f"PickleProbe ended with {self._process.wait()}")
        count = status[0]
        blocks = []
        for _ in range(max(count, 1)):
            (length,) = struct.unpack("<Q", out.read(8))
            blocks.append(out.read(length))
        if count == 0:
            raise ProbeError(blocks[0].decode())
        return blocks

    def is_exact(self, stream: bytes) -> bool:
        """Whether the objects of a pickle make that pickle again, byte for byte."""
        return self.ask("e", [stream])[0] == b"\1"

    def join(self, streams: list[bytes]) -> tuple[list[list[int]], int, list[bytes]]:
        """The co-variables, the bytes of new pods, and each value's pickle made of pods."""
        groups, new, *pickles = self.ask("j", streams)
        return eval(groups), int(new), pickles

    def join_tuple(self, streams: list[bytes]) -> bytes:
        """The pickle, made of pods, of a tuple of all values."""
        return self.ask("t", streams)[0]
