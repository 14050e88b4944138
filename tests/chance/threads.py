import random, threading
from concurrent.futures import ThreadPoolExecutor, as_completed

drawn = []


def draw(name):
    for _ in range(2000):
        drawn.append((name, random.random()))


threads = [threading.Thread(target=draw, args=(name,)) for name in "abcd"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
changes = sum(one[0] != other[0] for one, other in zip(drawn, drawn[1:]))
with ThreadPoolExecutor(4) as pool:
    done = [future.result() for future in [pool.submit(lambda n=n: (n, random.random())) for n in range(8)]]
facts = [f"{changes} changes of thread", *(f"{name} {sum(v for n, v in drawn if n == name)}" for name in "abcd"), f"{done}"]

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
