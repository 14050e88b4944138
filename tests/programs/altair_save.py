import altair as alt
import pandas as pd

source = pd.DataFrame({
    'hour': list(range(8)) * 2,
    'visits': [3, 5, 9, 14, 11, 8, 6, 2, 1, 2, 6, 9, 13, 12, 7, 4],
    'site': ['blog'] * 8 + ['shop'] * 8,
})
chart = (
    alt.Chart(source, title='Visits per hour')
    .mark_line(point=True)
    .encode(x='hour:O', y='visits:Q', color='site:N')
    .properties(width=400, height=250)
)
chart.save('visits.png')
