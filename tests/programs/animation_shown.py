import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation

fig, ax = plt.subplots(figsize=(5, 5))
ax.set_xlim(0, 10)
ax.set_ylim(0, 10)
dot, = ax.plot([], [], 'ro', markersize=12)

def init():
    dot.set_data([], [])
    return dot,

def animate(i):
    dot.set_data([i], [i])
    return dot,

anim = FuncAnimation(fig, animate, init_func=init, frames=10, interval=50)
plt.show()
