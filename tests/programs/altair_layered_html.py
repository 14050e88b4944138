import altair as alt
import pandas as pd

df = pd.DataFrame({'fruit': ['apple', 'pear', 'plum'], 'kg': [12, 7, 9]})
bars = alt.Chart(df).mark_bar(color='#e76f51').encode(x='fruit:N', y='kg:Q')
labels = bars.mark_text(dy=-6).encode(text='kg:Q')
(bars + labels).properties(width=300, title='Harvest').save('harvest.html')
