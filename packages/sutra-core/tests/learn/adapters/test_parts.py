"""The cutter against its definition: nothing lost, nothing moved, never over the limit."""

from __future__ import annotations

import io
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters.parts import Fault, Part, cut_parts, cut_point, sound_pieces

PARAGRAPHS = st.text(alphabet="ab. \r\n\té雨\U0001f600", max_size=400)
LIMITS = st.integers(min_value=4, max_value=64)


@given(PARAGRAPHS, LIMITS, st.integers(min_value=0, max_value=9))
def test_parts_together_are_the_text(text: str, limit: int, offset: int) -> None:
    data = text.encode()
    at, line = offset, 1
    for part in cut_parts(io.BytesIO(data), offset, limit):
        assert part.offset == at
        assert part.line == line
        assert 0 < len(part.data) <= limit
        part.data.decode()
        assert data[at - offset : part.end - offset] == part.data
        at = part.end
        line += part.data.count(b"\n")
    assert at - offset == len(data)


@given(st.binary(max_size=300), LIMITS)
def test_any_bytes_come_back(data: bytes, limit: int) -> None:
    assert b"".join(part.data for part in cut_parts(io.BytesIO(data), 0, limit)) == data


def test_a_part_ends_at_the_best_boundary() -> None:
    assert cut_point(b"One. Two\nthree\n\nfour. five", 22) == len(b"One. Two\nthree\n\n")
    assert cut_point(b"One. Two\nthree four five", 18) == len(b"One. ")
    assert cut_point(b"one two\nthree four five", 18) == len(b"one two\n")
    assert cut_point(b"one two three", 10) == len(b"one two ")
    assert cut_point(b"onetwothree", 6) == 6
    assert cut_point("éééé".encode(), 5) == 4
    assert cut_point("一。二三".encode(), 10) == 6


@given(
    st.lists(st.sampled_from([b"word", b" ", b"\n\n", b"\r\n\r\n", b"\n", b"\xff", b"\xc3", "é".encode()]))
)
def test_pieces_cover_the_part_and_only_faults_are_unsound(tokens: list[bytes]) -> None:
    part = Part(100, 7, b"".join(tokens))
    at = part.offset
    for piece in sound_pieces(part):
        assert piece.offset == at
        assert piece.line == 7 + part.data.count(b"\n", 0, at - 100)
        if isinstance(piece, Part):
            piece.data.decode()
        else:
            paragraph = part.data[piece.offset - 100 : piece.end - 100]
            assert paragraph != paragraph.decode("utf-8", "ignore").encode()
        at = piece.end
    assert at == part.end


def test_a_fault_names_the_byte_and_spares_its_neighbours() -> None:
    data = b"First paragraph.\n\nCaf\xe9 is Latin-1.\n\nThird paragraph."
    first, fault, third = sound_pieces(Part(10, 1, data))
    assert isinstance(first, Part)
    assert first.data == b"First paragraph.\n\n"
    assert isinstance(fault, Fault)
    assert "0xE9 at position 31" in fault.reason
    assert fault.line == 3
    assert isinstance(third, Part)
    assert third.data == b"Third paragraph."


def test_memory_does_not_grow_with_the_stream() -> None:
    class Endless(io.RawIOBase):
        """32 MiB of one line, made as it is read."""

        left = 32 * 1024 * 1024

        def read(self, size: int = -1) -> bytes:
            given = min(size, self.left)
            self.left -= given
            return b"x" * given

    tracemalloc.start()
    try:
        total = sum(len(part.data) for part in cut_parts(Endless()))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 32 * 1024 * 1024
    assert peak < 2 * 1024 * 1024
