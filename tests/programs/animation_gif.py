import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter

fig, ax = plt.subplots(figsize=(4, 3))
x = np.linspace(0, 2 * np.pi, 100)
line, = ax.plot(x, np.sin(x))
ax.set_title('Travelling wave')

def update(frame):
    line.set_ydata(np.sin(x + frame / 3))
    return line,

ani = FuncAnimation(fig, update, frames=8, interval=100, blit=True)
ani.save('wave.gif', writer=PillowWriter(fps=10))
