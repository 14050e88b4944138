"""Shows a page in a browser with nothing around it, and the browser's own walls around files taken down.

Started by the arena, with ``PAGE``, ``BROWSER`` and ``LAST`` (the page's last word) set above.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from derender.render.worker.cdp import Connection

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--disable-web-security"]


async def shown(browser: Connection) -> str:
    """The page's words: all, or those of its first seconds."""
    Path("page.html").write_text(PAGE)  # noqa: F821
    target = (await browser.call("Target.createTarget", {"url": Path("page.html").absolute().as_uri()}))["targetId"]
    attached = await browser.call("Target.attachToTarget", {"targetId": target, "flatten": True})
    words = ""
    end = time.monotonic() + 4
    while LAST not in words and time.monotonic() < end:  # noqa: F821
        asked = {"expression": "document.body?.innerText"}
        # A question that comes while the page takes the empty one's place is never answered.
        with contextlib.suppress(TimeoutError):
            answer = await asyncio.wait_for(browser.call("Runtime.evaluate", asked, session=attached["sessionId"]), 1)
            words = str(answer["result"].get("value"))
        await asyncio.sleep(0.1)
    return words


async def main() -> None:
    """Start the browser, show the page, say what it says."""
    (their_read, our_write), (our_read, their_write) = os.pipe(), os.pipe()
    pipes = ["bash", "-c", f'exec "$@" 3<&{their_read} 4>&{their_write}', "bash"]
    argv = [*pipes, BROWSER, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={Path('profile').absolute()}"]  # noqa: F821
    process = subprocess.Popen(
        argv, pass_fds=(their_read, their_write), stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        print(await shown(Connection(our_read, our_write)))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


asyncio.run(main())
