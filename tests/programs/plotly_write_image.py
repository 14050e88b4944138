import plotly.graph_objects as go

fig = go.Figure()
fig.add_trace(go.Scatter(x=[1, 2, 3, 4], y=[10, 15, 13, 17], mode='lines+markers', name='A'))
fig.add_trace(go.Scatter(x=[1, 2, 3, 4], y=[16, 5, 11, 9], mode='lines', name='B'))
fig.update_layout(title='Two traces', template='plotly_dark')
fig.write_image('plotly_chart.png', width=900, height=600)
