import matplotlib.pyplot as plt
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA

iris = load_iris()
points = PCA(n_components=2).fit_transform(iris.data)
labels = KMeans(n_clusters=3, n_init=10, random_state=42).fit_predict(iris.data)

plt.figure(figsize=(8, 6))
scatter = plt.scatter(points[:, 0], points[:, 1], c=labels, cmap='viridis', s=40)
plt.legend(*scatter.legend_elements(), title='Cluster')
plt.title('K-means on Iris')
plt.xlabel('PC 1')
plt.ylabel('PC 2')
plt.savefig('iris_kmeans.png', dpi=100)
