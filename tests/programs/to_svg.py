import matplotlib.pyplot as plt

labels = ['A', 'B', 'C']
fig, ax = plt.subplots(figsize=(5, 5))
ax.pie([30, 45, 25], labels=labels, autopct='%1.1f%%', startangle=140)
ax.set_title('Shares')
fig.savefig('pie_chart.svg', format='svg', transparent=True)
