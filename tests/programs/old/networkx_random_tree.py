import networkx as nx
import matplotlib.pyplot as plt
G = nx.random_tree(10, seed=3)
nx.draw(G, with_labels=True); plt.show()
