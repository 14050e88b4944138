"""A table with a sphere, a cube and a cylinder, traced ray by ray with shadows."""

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 400, 300
eye, sun = np.array([0.0, 3.2, -7.0]), np.array([-0.5, 0.8, -0.45])
sun = sun / np.linalg.norm(sun)
spheres = [((-1.7, 0.8, 0.4), 0.8, (0.85, 0.15, 0.15)), ((0.2, 0.45, -1.9), 0.45, (0.95, 0.8, 0.15))]
boxes = [((0.9, 0.0, -0.3), (2.1, 1.2, 0.9), (0.15, 0.35, 0.8))]
cylinders = [((-0.1, 1.9), 0.6, 1.5, (0.15, 0.6, 0.3))]


def cast(start, way):
    """The nearest hit of each ray: distance, normal, colour."""
    far = np.full(way.shape[:-1], np.inf)
    normal, colour = np.zeros_like(way), np.zeros_like(way)

    def put(t, n, c):
        near = (t > 1e-3) & (t < far)
        far[near], normal[near], colour[near] = t[near], n[near], np.broadcast_to(c, way.shape)[near]

    with np.errstate(all="ignore"):
        t = -start[..., 1] / way[..., 1]
        at = start + way * t[..., None]
        tiles = np.where(((np.floor(at[..., 0]) + np.floor(at[..., 2])) % 2)[..., None] > 0, 0.72, 0.8) * np.array([1, 0.97, 0.9])
        put(np.where(np.abs(at[..., 2]) < 14, t, np.inf), np.broadcast_to((0.0, 1.0, 0.0), way.shape), tiles)
        for centre, radius, c in spheres:
            away = start - np.array(centre)
            b, q = (away * way).sum(-1), (away * away).sum(-1) - radius**2
            t = -b - np.sqrt(b * b - q)
            put(np.where(np.isnan(t), np.inf, t), (start + way * np.nan_to_num(t, posinf=0)[..., None] - centre) / radius, np.array(c))
        for low, high, c in boxes:
            one, two = (np.array(low) - start) / way, (np.array(high) - start) / way
            enter, leave = np.minimum(one, two), np.maximum(one, two)
            t = enter.max(-1)
            face = -np.sign(way) * (enter == t[..., None])
            put(np.where(t < leave.min(-1), t, np.inf), face, np.array(c))
        for (x, z), radius, top, c in cylinders:
            ox, oz = start[..., 0] - x, start[..., 2] - z
            a = way[..., 0] ** 2 + way[..., 2] ** 2
            b, q = ox * way[..., 0] + oz * way[..., 2], ox**2 + oz**2 - radius**2
            t = (-b - np.sqrt(b * b - a * q)) / a
            at = start + way * np.nan_to_num(t, posinf=0)[..., None]
            n = np.stack([(at[..., 0] - x) / radius, 0 * t, (at[..., 2] - z) / radius], -1)
            put(np.where((at[..., 1] > 0) & (at[..., 1] < top), t, np.inf), n, np.array(c))
            t = (top - start[..., 1]) / way[..., 1]
            at = start + way * np.nan_to_num(t, posinf=0)[..., None]
            inside = (at[..., 0] - x) ** 2 + (at[..., 2] - z) ** 2 < radius**2
            put(np.where(inside, t, np.inf), np.broadcast_to((0.0, 1.0, 0.0), way.shape), np.array(c))
    return far, normal, colour


def draw(width, height):
    """Pixels of the scene."""
    u, v = np.meshgrid((np.arange(width) + 0.5) / height - width / height / 2, 0.5 - (np.arange(height) + 0.5) / height)
    way = np.stack([u, v - 0.42, np.full_like(u, 1.15)], -1)
    way = way / np.linalg.norm(way, axis=-1, keepdims=True)
    start = np.broadcast_to(eye, way.shape)
    far, normal, colour = cast(start, way)
    at = start + way * np.nan_to_num(far, posinf=0)[..., None] + normal * 1e-3
    shade, _, _ = cast(at, np.broadcast_to(sun, way.shape))
    light = 0.35 + 0.65 * np.clip((normal * sun).sum(-1), 0, 1) * np.isinf(shade)
    pixels = np.where(np.isinf(far)[..., None], np.array([0.86, 0.9, 0.95]), colour * light[..., None])
    return (np.clip(pixels, 0, 1) * 255).astype(np.uint8)


big = draw(WIDTH * 2, HEIGHT * 2)
Image.fromarray(big).resize((WIDTH, HEIGHT), Image.Resampling.BOX).save("scene.png")
