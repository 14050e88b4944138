"""Mathtext as plain characters."""

import pytest

from derender.render.worker.plain_text import plain


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Sales in 2020", "Sales in 2020"),
        (r"costs \$5", "costs $5"),
        ("$5 or $6 or $7", "$5 or $6 or $7"),
        (r"$\mathdefault{10^{3}}$", "10³"),
        (r"$\mathdefault{10^{-2}}$", "10⁻²"),
        (r"angle $\alpha$ and $\beta_{0}$", "angle α and β₀"),
        (r"$\frac{a}{b}$", "a/b"),
        (r"$x^2 + y^{2} \leq r^2$", "x² + y² ≤r²"),
        (r"$\sqrt{2\pi}$", "√2π"),
        (r"$\mathrm{CO_2}$ (ppm)", "CO₂ (ppm)"),
        (r"25$^\circ$C", "25°C"),
        (r"\$5 and \$6 $\times$ 2", "$5 and $6 × 2"),
        ("$", "$"),
        (r"$\unknown{x}$", "unknownx"),
        (r"$\left\{a\right\}$", "{a}"),
    ],
)
def test_plain(source, expected):
    assert plain(source) == expected
