"""What every embedder has in common: batches, memory, threads; seen on a seeded random one."""

import threading

import numpy as np
import pytest

from derender.core.store import ContentStore
from derender.metrics import Facts, Unscorable, metric, observe, score_many
from derender.metrics._embedder import Embedder, Remembered, cosine, embedding
from derender.metrics._metric import Part


class RandomEmbedder(Embedder):
    """A seeded random projection of 8x8 pixels."""

    def __init__(self, seed=0, **more):
        super().__init__("random", (), **more)
        self.seed = seed
        self.batches = []
        self.matrix = np.random.default_rng(seed).normal(size=(192, 16)).astype(np.float32)

    @property
    def fingerprint(self):
        return f"random {self.seed}"

    def ready(self):
        pass

    def prepare(self, pixels):
        if pixels.shape != (8, 8, 3):
            raise Unscorable(f"{pixels.shape} is not 8x8")
        return pixels.astype(np.float32).ravel()

    def forward(self, prepared):
        self.batches.append(len(prepared))
        return prepared @ self.matrix


def pictures(count, seed=1):
    return list(np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8))


def test_vectors_come_in_order_in_batches_of_the_size_wanted():
    embedder, shown = RandomEmbedder(batch=4), pictures(10)
    found = embedder.embed(shown)
    assert embedder.batches == [4, 4, 2]
    wanted = np.stack(shown).reshape(10, -1).astype(np.float32) @ embedder.matrix
    assert found == pytest.approx(wanted)
    assert found.dtype == np.float32


def test_the_same_picture_goes_through_the_model_once():
    embedder, (one, other) = RandomEmbedder(), pictures(2)
    first = embedder.embed([one, other, one.copy(), one])
    assert embedder.batches == [2]
    again = embedder.embed([other, one])
    assert embedder.batches == [2]
    assert np.array_equal(again, first[[1, 0]])


def test_pictures_of_the_same_bytes_and_another_shape_are_others():
    embedder = RandomEmbedder()
    embedder.embed([np.zeros((8, 8, 3), np.uint8)])
    with pytest.raises(Unscorable, match="not 8x8"):
        embedder.embed([np.zeros((4, 16, 3), np.uint8)])


def test_memory_is_bounded_and_the_least_used_goes_first():
    embedder, (a, b, c) = RandomEmbedder(), pictures(3)
    embedder.remembered = Remembered(max_bytes=2 * 16 * 4)
    for shown in (a, b, a, c):
        embedder.embed([shown])
    embedder.embed([a])
    assert len(embedder.batches) == 3
    embedder.embed([b])
    assert len(embedder.batches) == 4


def test_a_store_keeps_vectors_for_the_next_process(tmp_path):
    first, second, third = RandomEmbedder(), RandomEmbedder(), RandomEmbedder(seed=5)
    shown = pictures(3)
    store = ContentStore(tmp_path)
    for embedder in (first, second, third):
        embedder.remembered = Remembered(store=store)
    found = first.embed(shown)
    assert np.array_equal(second.embed(shown), found)
    assert second.batches == []
    assert not np.allclose(third.embed(shown), found), "another model's vectors were taken"


def test_released_it_forgets():
    embedder, shown = RandomEmbedder(), pictures(1)
    embedder.embed(shown)
    embedder.release()
    embedder.embed(shown)
    assert embedder.batches == [1, 1]


def test_threads_get_what_one_gets():
    embedder, shown = RandomEmbedder(batch=2), pictures(12)
    wanted, found = RandomEmbedder().embed(shown), {}

    def work(number):
        found[number] = embedder.embed(shown[number:] + shown[:number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, vectors in found.items():
        assert vectors == pytest.approx(np.roll(wanted, -number, axis=0), rel=1e-4, abs=0.01)


def test_a_fact_is_observed_in_batches_and_one_bad_picture_costs_itself_alone():
    embedder = RandomEmbedder(batch=64)
    seen = embedding(embedder)

    @metric("random", (Part("cosine", low=-1.0),), needs=(seen,), source="a test", cost_ms=0, default=False)
    def random(reference, candidate):
        return {"cosine": cosine(reference[seen], candidate[seen])}

    reference, *others = pictures(5)
    bad = np.zeros((3, 3, 3), np.uint8)
    results = list(score_many([(reference, other) for other in [*others, bad]], [random], jobs=2))
    assert [len(result.scores) for result in results] == [1, 1, 1, 1, 0]
    assert "not 8x8" in results[-1].unscored["random"]
    fresh = RandomEmbedder().embed([reference, others[2]])
    assert results[2].scores["random"]["cosine"] == pytest.approx(cosine(*fresh), abs=1e-6)
    embedder.release()
    embedder.batches.clear()
    list(score_many([(reference, other) for other in others], [random], jobs=2))
    assert embedder.batches == [5], "the reference and four candidates in one batch"


def test_a_fact_shows_the_embedder_what_it_is_told_to():
    seen = embedding(RandomEmbedder(), lambda facts: np.full((8, 8, 3), 7, np.uint8), name="sevens")
    assert seen.name == "sevens"
    given = observe(np.zeros((5, 5, 3), np.uint8))
    assert isinstance(given, Facts)
    assert given[seen] == pytest.approx(RandomEmbedder().embed([np.full((8, 8, 3), 7, np.uint8)])[0])


def test_cosine_is_exact_where_it_can_be():
    one = np.array([3.0, 4.0], np.float32)
    assert cosine(one, one) == 1.0
    assert cosine(one, -one) == -1.0
    assert cosine(one, np.array([4.0, 3.0], np.float32)) == pytest.approx(24 / 25)
    nothing = np.zeros(2, np.float32)
    assert cosine(nothing, one) == 0.0
    assert cosine(nothing, nothing) == 1.0
