"""The line to the browser: what a page has it carry is bounded."""

import asyncio
import json
import os

import pytest

from derender.render.worker import cdp


async def heard(*messages: bytes) -> list[str]:
    """The methods of the events that come through, of messages as a browser writes them."""
    (their_read, our_write), (our_read, their_write) = os.pipe(), os.pipe()
    connection = cdp.Connection(our_read, our_write)
    methods: list[str] = []
    connection.listen(cdp.BROWSER, lambda method, _params: methods.append(method))
    answer = connection.start("Browser.getVersion")
    text = b"".join(message + b"\0" for message in (*messages, b'{"id":1,"result":{}}'))
    await asyncio.to_thread(written, their_write, text)
    await asyncio.wait_for(answer, 30)
    connection.close()
    os.close(their_read)
    os.close(their_write)
    return methods


def written(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


def event(method: str, size: int) -> bytes:
    return json.dumps({"method": method, "params": {"words": "x" * size}}, separators=(",", ":")).encode()


@pytest.mark.parametrize("size", [cdp.MAX_EVENT + 1, 5 * cdp.MAX_EVENT])
def test_an_event_past_all_measure_is_passed_over_and_the_next_is_heard(size):
    assert asyncio.run(heard(event("a", 9), event("b", size), event("c", 9))) == ["a", "c"]


def test_an_answer_may_be_as_long_as_a_picture():
    async def answered() -> int:
        (their_read, our_write), (our_read, their_write) = os.pipe(), os.pipe()
        connection = cdp.Connection(our_read, our_write)
        answer = connection.start("Page.captureScreenshot")
        picture = "x" * (2 * cdp.MAX_EVENT)
        await asyncio.to_thread(
            written, their_write, json.dumps({"id": 1, "result": {"data": picture}}).encode() + b"\0"
        )
        data = (await asyncio.wait_for(answer, 30))["data"]
        connection.close()
        os.close(their_read)
        os.close(their_write)
        return len(data)

    assert asyncio.run(answered()) == 2 * cdp.MAX_EVENT
