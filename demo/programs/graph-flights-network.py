import matplotlib.pyplot as plt
import networkx as nx

flights = [
    ("Madrid", "Paris", 65),
    ("Paris", "Berlin", 90),
    ("Paris", "Rome", 75),
    ("Berlin", "Warsaw", 45),
    ("Rome", "Athens", 60),
    ("Athens", "Warsaw", 80),
    ("Madrid", "Rome", 95),
    ("Berlin", "Rome", 70),
]
position = {
    "Madrid": (0.0, 0.1),
    "Paris": (1.3, 1.3),
    "Berlin": (2.8, 1.9),
    "Rome": (2.3, 0.0),
    "Warsaw": (4.2, 1.6),
    "Athens": (4.0, -0.4),
}

G = nx.Graph()
G.add_weighted_edges_from(flights)

plt.figure(figsize=(8, 5.5))
nx.draw_networkx_edges(G, position, width=2, edge_color="#9aa5b1")
nx.draw_networkx_nodes(G, position, node_size=2900, node_color="#fde2a7", edgecolors="#b7791f", linewidths=2)
nx.draw_networkx_labels(G, position, font_size=11, font_weight="bold")
nx.draw_networkx_edge_labels(G, position, edge_labels=nx.get_edge_attributes(G, "weight"), font_color="#c0392b")
plt.title("Flight Prices Between Cities (EUR)", fontsize=14)
plt.margins(0.12)
plt.axis("off")
plt.savefig("flights.png", bbox_inches="tight")
