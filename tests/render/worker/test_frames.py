"""Frames: what is sent arrives, and garbage is refused before it can do harm."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.render.worker import frames


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


values = st.none() | st.booleans() | st.integers() | st.text()


@given(st.dictionaries(st.text().filter(lambda key: key != "blobs"), values), st.lists(st.binary(max_size=200)))
def test_what_is_sent_arrives(header, blobs):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frames.send(ours, header, blobs)
        got, contents = frames.recv(theirs, 1 << 20)
    assert contents == blobs
    assert got == {**header, "blobs": [len(blob) for blob in blobs]}


def test_packed_equals_sent(pair):
    ours, theirs = pair
    ours.sendall(frames.pack({"a": "ü"}, [b"xy"]))
    assert frames.recv(theirs, 10) == ({"a": "ü", "blobs": [2]}, [b"xy"])


def test_end_before_a_frame_is_closed(pair):
    ours, theirs = pair
    ours.close()
    with pytest.raises(frames.Closed):
        frames.recv(theirs, 10)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"DR1\n\xff\xff\xff\xff",
        b"DR1\n\0\0\0\x02{]",
        b"DR1\n\0\0\0\x02[]",
        b'DR1\n\0\0\0\x0e{"blobs":[-1]}',
        b'DR1\n\0\0\0\x10{"blobs":[true]}',
        b'DR1\n\0\0\0\x12{"blobs":[999999]}',
        frames.pack({"a": 1}, [b"cut off"])[:-1],
        b"DR1",
    ],
)
def test_garbage_is_refused(pair, garbage):
    ours, theirs = pair
    ours.sendall(garbage)
    ours.close()
    with pytest.raises(frames.Bad):
        frames.recv(theirs, 1000)


def test_deeply_nested_header_is_refused(pair):
    ours, theirs = pair
    text = b"[" * 200_000
    ours.sendall(b"DR1\n" + len(text).to_bytes(4, "big"))
    ours.sendall(text)
    with pytest.raises(frames.Bad):
        frames.recv(theirs, 1000)
