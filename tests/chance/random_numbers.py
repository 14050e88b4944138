import os, random, secrets, uuid

facts = [
    f"module {random.random()} {random.randint(1, 10**9)} {random.choice('abcdefgh')} {random.sample(range(99), 5)}",
    f"instance {random.Random().random()} {random.Random().random()}",
    f"system {random.SystemRandom().random()} {secrets.token_hex(8)} {secrets.randbelow(10**9)}",
    f"kernel {os.urandom(8).hex()} {os.getrandom(8).hex()}",
    f"uuid {uuid.uuid4()} {uuid.uuid1()}",
]
random.seed()
facts.append(f"seeded with nothing {random.random()}")
random.shuffle(deck := list(range(12)))
facts.append(f"shuffled {deck}")

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
