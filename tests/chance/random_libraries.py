import networkx as nx, numpy as np, pandas as pd, scipy.stats
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestRegressor
from sklearn.manifold import TSNE
from sklearn.model_selection import train_test_split

x = np.sin(np.arange(120.0)).reshape(40, 3)
graph = nx.gnp_random_graph(12, 0.4)
facts = [
    f"pandas {list(pd.Series(range(50)).sample(6))}",
    f"scipy {scipy.stats.norm.rvs(size=2)}",
    f"networkx {graph.number_of_edges()} {nx.spring_layout(graph)[3]}",
    f"kmeans {KMeans(3, n_init=1).fit(x).labels_[:12]}",
    f"tsne {TSNE(perplexity=5, max_iter=250).fit_transform(x)[0]}",
    f"split {train_test_split(np.arange(20))[1]}",
    f"forest {RandomForestRegressor(5, n_jobs=-1).fit(x, x[:, 0]).predict(x[:2])}",
]

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
