import plotly.express as px

fig = px.bar(
    x=['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], y=[20, 14, 23, 25, 22],
    labels={'x': 'Day', 'y': 'Orders'}, title='Orders per day',
)
fig.update_layout(width=800, height=500)
fig.show()
