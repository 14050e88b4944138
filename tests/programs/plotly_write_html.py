import plotly.graph_objects as go
from plotly.subplots import make_subplots

fig = make_subplots(rows=1, cols=2, specs=[[{'type': 'domain'}, {'type': 'xy'}]])
fig.add_trace(go.Pie(labels=['Oil', 'Gas', 'Sun'], values=[45, 35, 20], hole=0.4), row=1, col=1)
fig.add_trace(go.Bar(x=['2021', '2022', '2023'], y=[3, 5, 9]), row=1, col=2)
fig.update_layout(title_text='Energy', width=1000, height=450)
fig.write_html('energy.html')
