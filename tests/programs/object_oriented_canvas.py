from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

fig = Figure(figsize=(5, 4))
canvas = FigureCanvasAgg(fig)
ax = fig.add_subplot(111)
ax.step([0, 1, 2, 3], [2, 5, 3, 4])
ax.set_title('Without pyplot')
canvas.print_png('canvas.png')
