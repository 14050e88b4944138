# I can't draw the chart from this picture because the values are not readable.
# Please provide the data.
