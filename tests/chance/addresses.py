class Point:
    pass


class Slim:
    __slots__ = ()


points = {Point(): number for number in range(40)}
facts = [
    f"object {object()} {Point()} {(lambda: 0)} {Slim()}",
    f"method {Point().__init__} generator {(n for n in [])}",
    f"order of a set {[points[each] for each in set(points)]}",
    f"order of a frozenset of classes {[each.__name__ for each in {type(f'T{n}', (), {}) for n in range(12)}]}",
    f"sorted by id {[points[each] for each in sorted(points, key=id)]}",
    f"words {list({'north', 'south', 'east', 'west', 'centre'})} {hash('north')}",
    f"hash {hash(object())} {hash(Point)}",
]

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
