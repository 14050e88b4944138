from pyecharts.charts import Bar

bar = Bar()
bar.add_xaxis(['a', 'b'])
bar.add_yaxis('n', [1, 2])
bar.render('bar.html')
