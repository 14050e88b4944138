import numpy as np

facts = [
    f"legacy {np.random.rand()} {np.random.randint(10**9)} {np.random.permutation(8)}",
    f"default_rng {np.random.default_rng().random()} {np.random.default_rng().random()}",
    f"RandomState {np.random.RandomState().rand()}",
    f"SeedSequence {np.random.SeedSequence().entropy}",
]
for kind in (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64):
    facts.append(f"{kind.__name__} {np.random.Generator(kind()).random()}")
np.random.seed()
facts.append(f"seeded with nothing {np.random.rand()}")

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
