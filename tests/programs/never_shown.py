import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(8, 3))
ax.hist([1, 2, 2, 3, 3, 3, 4, 4, 5], bins=5, color='teal', edgecolor='black')
ax.set_title('Distribution of Ratings')
ax.set_xlabel('Rating')
