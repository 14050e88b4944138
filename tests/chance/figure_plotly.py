import numpy as np
import plotly.graph_objects as go

fig = go.Figure(go.Box(y=np.random.normal(size=40), boxpoints="all", jitter=0.6))
fig.add_scatter(x=[0.2, 0.4], y=[0, 1])
fig.update_layout(width=400, height=300)
fig.show()
