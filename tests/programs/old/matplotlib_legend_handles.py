import matplotlib.pyplot as plt
l, = plt.plot([1, 2])
lg = plt.legend([l], ["a"])
for h in lg.legendHandles:
    h.set_linewidth(4)
plt.show()
