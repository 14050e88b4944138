import altair as alt
import pandas as pd

data = pd.DataFrame({"x": range(20)})
chart = alt.Chart(data).transform_calculate(y="random()", t="now()").mark_point().encode(x="x", y="y:Q", color="t:Q")
chart.save("chart.png")
