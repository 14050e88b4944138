import matplotlib.pyplot as plt

# Data
categories = ['Electronics', 'Clothing', 'Books', 'Toys']
values = [120, 85, 60, 45]

# Create bar chart
plt.bar(categories, values, color='skyblue')
plt.title('Sales by Category')
plt.xlabel('Category')
plt.ylabel('Sales ($K)')
plt.show()
