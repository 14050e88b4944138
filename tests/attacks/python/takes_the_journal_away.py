import os

os.rename("../.derender", "../taken")
os.symlink("@@open@@", "../.derender")
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("honest.png")
