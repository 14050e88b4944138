import queue, selectors, threading, time

def until(seconds, wait):
    begun = time.time()
    while time.time() < begun + seconds:
        wait()
    return f"{time.time() - begun:.2f}"


def empty():
    try:
        queue.Queue().get(timeout=0.05)
    except queue.Empty:
        pass


facts = [
    f"spun {until(0.2, lambda: None)} slept {until(0.2, lambda: time.sleep(0.05))}",
    f"event {until(0.2, lambda: threading.Event().wait(0.05))} queue {until(0.1, empty)} selector {until(0.1, lambda: selectors.DefaultSelector().select(0.05))}",
]
begun, ticks = time.perf_counter(), time.monotonic()
time.sleep(0.1)
facts.append(f"counted {time.perf_counter() - begun} {time.monotonic() - ticks}")

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
