import matplotlib.pyplot as plt
import networkx as nx

G = nx.karate_club_graph()
pos = nx.spring_layout(G, seed=42)
degrees = dict(G.degree())

plt.figure(figsize=(9, 7))
nx.draw(
    G, pos, with_labels=True,
    node_size=[v * 60 for v in degrees.values()],
    node_color=list(degrees.values()), cmap=plt.cm.coolwarm, edge_color='lightgray', font_size=8,
)
plt.title("Zachary's Karate Club")
plt.show()
