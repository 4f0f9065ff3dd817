"""Files made up into what is sent to a worker in one go."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ledgerbook.receiving.reading import Source
from ledgerbook.returns.guard import LARGEST

# A batch is at most so many files, or bytes unless one file has more.
FILES, BYTES = 16, 8 * 2**20
# Of one archive so many files are read in one go.
_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Packet:
    """One file for a worker, its bytes unless it has a URL; and what to read of it."""

    sources: tuple[Source, ...]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent in one go."""

    packets: tuple[Packet, ...]

    @property
    def sources(self) -> list[Source]:
        return [source for packet in self.packets for source in packet.sources]

    @property
    def size(self) -> int:
        return sum(len(packet.data) for packet in self.packets)

    def apart(self) -> list[Batch]:
        """Return each file as a batch of its own."""
        return [Batch((packet,)) for packet in self.packets]


def packets(sources: Sequence[Source], unfit: list[Source]) -> Iterator[Packet]:
    """Yield files as they are to be sent; add to ``unfit`` those that cannot be.

    A file is read when it is asked for, not before.
    """
    for _, group in groupby(sources, key=lambda source: source.origin):
        whole = list(group)
        for first in range(0, len(whole), _MEMBERS):
            own = tuple(whole[first : first + _MEMBERS])
            if own[0].url:
                yield Packet(own)
            elif (data := _bytes(own[0])) is None:
                unfit += own
            else:
                yield Packet(own, data)


def _bytes(source: Source) -> bytes | None:
    """Return what a file holds; None of one that is too large, or is no file."""
    try:
        state = source.path.stat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > LARGEST:
            return None
        return source.path.read_bytes()
    except OSError:
        return None


def batches(packed: Iterable[Packet], files: int) -> Iterator[Batch]:
    """Put files together, at most ``files`` of them or as many as are not too large."""
    own: list[Packet] = []
    for packet in packed:
        own.append(packet)
        batch = Batch(tuple(own))
        if len(batch.sources) >= files or batch.size >= BYTES:
            yield batch
            own = []
    if own:
        yield Batch(tuple(own))
