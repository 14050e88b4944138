import threading

import matplotlib.pyplot as plt
import numpy as np

results = {}

def simulate(name, seed):
    results[name] = np.random.default_rng(seed).normal(size=200).cumsum()

workers = [threading.Thread(target=simulate, args=(f'run {i}', i)) for i in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()

plt.figure(figsize=(8, 4))
for name in sorted(results):
    plt.plot(results[name], label=name)
plt.legend()
plt.show()
