"""Mathtext as the plain characters it is drawn with, as far as characters go: ``$10^{3}$`` is 10³."""

import re

_NAMES = {
    "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "div": "÷", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼", "equiv": "≡", "propto": "∝", "infty": "∞", "partial": "∂",
    "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "sqrt": "√", "rightarrow": "→", "to": "→",
    "leftarrow": "←", "Rightarrow": "⇒", "Leftarrow": "⇐", "leftrightarrow": "↔", "uparrow": "↑", "downarrow": "↓",
    "degree": "°", "circ": "∘", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪", "cap": "∩", "forall": "∀",
    "exists": "∃", "emptyset": "∅", "angle": "∠", "perp": "⊥", "parallel": "∥", "ldots": "…", "dots": "…",
    "cdots": "⋯", "hbar": "ℏ", "ell": "ℓ", "prime": "′", "star": "⋆", "ast": "∗", "oplus": "⊕", "otimes": "⊗",
    "langle": "⟨", "rangle": "⟩", "AA": "Å", "varepsilon": "ε", "varphi": "φ", "vartheta": "ϑ", "epsilon": "ϵ",
    "phi": "ϕ", "quad": " ", "qquad": " ", "left": "", "right": "", "displaystyle": "", "limits": "",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "upsilon": "υ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()aeoxijn", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓᵢⱼₙ")
_WRAPPERS = [
    "mathdefault",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathtt",
    "mathcal",
    "mathbb",
    "mathfrak",
    "mathregular",
    "text",
    "textbf",
    "textit",
    "textrm",
    "operatorname",
    "boldsymbol",
    "bf",
    "rm",
    "it",
    "hat",
    "bar",
    "vec",
    "dot",
    "ddot",
    "tilde",
    "overline",
    "underline",
    "mathscr",
    "mathnormal",
]
_DOLLARS = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
_GROUP = r"\{([^{}]*)\}"
_FRACTION = re.compile(r"\\[dt]?frac\s*" + _GROUP + r"\s*" + _GROUP)
_ROOT = re.compile(r"\\sqrt\s*(?:\[[^\]]*\])?\s*" + _GROUP)
_WRAPPED = re.compile(r"\\(?:" + "|".join(_WRAPPERS) + r")\s*" + _GROUP)
_SCRIPT = re.compile(r"([\^_])\s*(?:" + _GROUP + r"|(\\[A-Za-z]+|.))")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_PLAIN_GROUP = re.compile(_GROUP)


def plain(text: str) -> str:
    """The text without its mathtext markup; text without dollars stays as it is."""
    if text.replace(r"\$", "").count("$") % 2:
        # Matplotlib takes an odd number of dollars for money.
        return text.replace(r"\$", "$")
    return _DOLLARS.sub(lambda found: _formula(found[1]), text).replace(r"\$", "$")


def _formula(source: str) -> str:
    # Innermost groups first, until nothing changes: each pass takes one level of braces away.
    source = source.replace(r"\{", "⦃").replace(r"\}", "⦄")
    for _ in range(8):
        before = source
        source = _WRAPPED.sub(r"\1", source)
        source = _SCRIPT.sub(_script, source)
        source = _FRACTION.sub(r"\1/\2", source)
        source = _ROOT.sub(r"√\1", source)
        if source == before:
            break
    source = _COMMAND.sub(_command, source)
    source = re.sub(r"\\[,;:! ]", " ", source)
    for _ in range(4):
        source = _PLAIN_GROUP.sub(r"\1", source)
    return source.replace("⦃", "{").replace("⦄", "}").replace("\\", "").replace("~", " ").strip()


def _script(found: re.Match[str]) -> str:
    inner = found[2] if found[2] is not None else found[3]
    inner = _COMMAND.sub(_command, inner)
    moved = inner.translate(_RAISED if found[1] == "^" else _LOWERED)
    if found[1] == "^" and inner in ("∘", "°"):
        return "°"
    return moved if all(old != new for old, new in zip(inner, moved, strict=True)) else inner


def _command(found: re.Match[str]) -> str:
    return _NAMES.get(found[1], found[1])
