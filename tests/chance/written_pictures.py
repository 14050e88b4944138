import hashlib, io
import matplotlib.pyplot as plt

plt.plot([1, 3, 2], label="series")
plt.legend()
facts = []
for kind in ("svg", "pdf", "png", "ps"):
    file = io.BytesIO()
    plt.savefig(file, format=kind)
    facts.append(f"{kind} {hashlib.sha256(file.getvalue()).hexdigest()}")
plt.close("all")

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
