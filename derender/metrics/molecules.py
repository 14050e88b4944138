"""Metrics of molecules, by RDKit: whether there is one, how alike two are, whether they are the same.

A molecule is read from SMILES or a molfile: from the source of a program that is one, or from an answer given to
`molecule_facts`. An answer that is no molecule counts as 0; `molecule_means` averages with such answers and without.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from derender.core import DerenderError, Language, Missing

from ._facts import Fact, Facts, Unscorable
from ._metric import Part, Value, Values, metric

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol
    from rdkit.DataStructs.cDataStructs import ExplicitBitVect

LONGEST_TEXT = 100_000
MOST_ATOMS, MOST_RINGS = 1000, 300
"""Larger ones are not read: rings are sought in time that grows faster than size."""
MOST_WALKS = 1_000_000
"""Bound on the walks along seven bonds, a second or so; an organic molecule of 50 atoms has twenty thousand."""
MOST_ATOMS_IN_COMMON, MOST_RINGS_IN_COMMON = 60, 8
COMMON_DEADLINE_S = 2
"""RDKit's search for a common substructure keeps to its deadline up to these sizes, and beyond them it does not."""

_quiet = threading.Lock()


def installed() -> bool:
    """Whether molecules can be read on this machine; imports nothing."""
    return find_spec("rdkit") is not None


def molecule_facts(text: str | None, *, name: str | None = None) -> Facts:
    """One side of a comparison: what was given as a molecule, see `read_molecule`; None where nothing was."""
    facts = Facts(name=name)
    try:
        facts.keep(molecule, None if text is None else read_molecule(text))
    except DerenderError as why:
        facts.keep(molecule, why)
    return facts


def read_molecule(text: str) -> Mol | None:
    """The one molecule of a text, in RDKit's usual form; None where the text is no valid molecule.

    A text that holds ``M  END`` is a molfile, V2000 or V3000, or an SD file of one record; any other is SMILES, with a
    name after a tab if any.

    Raises:
        Unscorable: it is larger than what is read in bounded time.
        Missing: RDKit is absent.
    """
    if len(text) > LONGEST_TEXT:
        raise Unscorable(f"a molecule of {len(text)} characters is not read: {LONGEST_TEXT} are the most")
    if not installed():
        raise Missing("rdkit (molecules)", "pip install 'derender[molecules]'")
    outline = _parsed(text, sanitize=False)
    if outline is None or outline.GetNumAtoms() == 0:
        return None
    atoms, rings = outline.GetNumAtoms(), _rings(outline)
    if atoms > MOST_ATOMS or rings > MOST_RINGS:
        raise Unscorable(
            f"a molecule of {atoms} atoms in {rings} rings is not read: {MOST_ATOMS} in {MOST_RINGS} are the most"
        )
    return _parsed(text, sanitize=True)


def _parsed(text: str, *, sanitize: bool) -> Mol | None:
    from rdkit import Chem

    with _silence():
        try:
            if "M  END" in text:
                record, _, more = text.partition("$$$$")
                return None if more.strip() else Chem.MolFromMolBlock(record, sanitize=sanitize)
            smiles = text.strip().partition("\t")[0]
            return None if any(map(str.isspace, smiles)) else Chem.MolFromSmiles(smiles, sanitize=sanitize)
        except (ValueError, RuntimeError):
            return None


def _rings(found: Mol) -> int:
    """How many rings there are that no others make up."""
    from rdkit.Chem import GetMolFrags

    return found.GetNumBonds() - found.GetNumAtoms() + len(GetMolFrags(found))


@contextmanager
def _silence() -> Iterator[None]:
    """No word of RDKit's on stderr. Its logs are the process's own, so one thread at a time."""
    from rdkit import rdBase

    with _quiet, rdBase.BlockLogs():
        yield


def _observed(facts: Facts) -> Mol | None:
    found = read_molecule(facts.source)
    written = facts.program is not None and facts.program.language in {Language.SMILES, Language.MOLFILE}
    # What was meant for a molecule and is none counts as 0; a chart's program says nothing of molecules.
    if found is None and not written:
        raise Unscorable(f"{facts.name or 'this side'} is a program and no molecule: SMILES or a molfile is read")
    return found


def _at_hand(_: Facts) -> bool:
    return installed()


def _walks(found: Mol) -> int:
    """How many walks of seven bonds there are, those that turn back included."""
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in found.GetBonds()]
    walks = [1] * found.GetNumAtoms()
    for _ in range(7):
        further = [0] * len(walks)
        for one, other in ends:
            further[one] += walks[other]
            further[other] += walks[one]
        walks = further
    return sum(walks)


def _morgan(facts: Facts) -> ExplicitBitVect | None:
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    found = facts[molecule]
    if found is None:
        return None
    return cast("ExplicitBitVect", GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint(found))


def _topological(facts: Facts) -> ExplicitBitVect | None:
    from rdkit.Chem.rdFingerprintGenerator import GetRDKitFPGenerator

    found = facts[molecule]
    if found is None:
        return None
    if _walks(found) > MOST_WALKS:
        raise Unscorable("the molecule is too densely bound for a fingerprint of its paths in bounded time")
    return cast("ExplicitBitVect", GetRDKitFPGenerator(fpSize=2048).GetFingerprint(found))


def _key(facts: Facts) -> str | None:
    from rdkit.Chem.rdinchi import MolToInchiKey

    found = facts[molecule]
    if found is None:
        return None
    with _silence():
        return str(MolToInchiKey(found))


molecule = Fact("molecule", _observed, at_hand=_at_hand, of_program=True, tools=("rdkit",))
"""The molecule of a side; None where it was to be one and is none."""
morgan_bits = Fact("morgan_bits", _morgan, at_hand=_at_hand, of_program=True, tools=("rdkit",))
"""Morgan fingerprint of radius 2 in 2048 bits, chirality not counted; None where there is no molecule."""
path_bits = Fact("path_bits", _topological, at_hand=_at_hand, of_program=True, tools=("rdkit",))
"""RDKit's topological fingerprint in 2048 bits, of paths of one to seven bonds; None where there is no molecule."""
inchi_key = Fact("inchi_key", _key, at_hand=_at_hand, of_program=True, tools=("rdkit",))
"""The standard InChIKey; empty where InChI has none for such a molecule, None where there is no molecule."""


@metric(
    "tanimoto",
    (Part("morgan"), Part("rdkit"), Part("validity")),
    needs=(molecule, morgan_bits, path_bits),
    source="VinciCoder: Tanimoto of fingerprints, whose kind it does not tell; here Morgan's (radius 2, 2048 bits) and "
    "RDKit's topological one (2048 bits)",
    cost_ms=0.3,
    family="molecules",
    default=False,
)
def tanimoto(reference: Facts, candidate: Facts) -> Values:
    """Share of the features of either molecule that both have, c / (a + b - c).

    An answer that is no molecule gets 0. Two molecules without a bond have no paths: `rdkit` is None for them.
    """
    _wanted(reference)
    return {
        "morgan": _likeness(reference, candidate, morgan_bits),
        "rdkit": _likeness(reference, candidate, path_bits),
        "validity": float(candidate[molecule] is not None),
    }


def _wanted(reference: Facts) -> Mol:
    found = reference[molecule]
    if found is None:
        raise Unscorable("the reference is no valid molecule")
    return found


def _likeness(reference: Facts, candidate: Facts, bits: Fact[ExplicitBitVect | None]) -> Value:
    from rdkit.DataStructs import TanimotoSimilarity

    try:
        wanted, given = reference[bits], candidate[bits]
    except Unscorable as why:
        return why
    if wanted is None or given is None:
        return 0.0
    if not (wanted.GetNumOnBits() or given.GetNumOnBits()):
        return None
    return float(TanimotoSimilarity(wanted, given))


@metric(
    "molecule_validity",
    (Part("valid"),),
    needs=(molecule,),
    source="whether RDKit parses and sanitises it",
    cost_ms=0.05,
    family="molecules",
    default=False,
)
def molecule_validity(_: Facts, candidate: Facts) -> Values:
    """1 where the candidate is a valid molecule, whatever the reference is."""
    return {"valid": float(candidate[molecule] is not None)}


@metric(
    "molecule_match",
    (Part("match"), Part("connectivity")),
    needs=(molecule, inchi_key),
    source="equality of standard InChIKeys (Heller et al., J. Cheminformatics 2015), and of their first blocks",
    cost_ms=0.2,
    family="molecules",
    default=False,
)
def molecule_match(reference: Facts, candidate: Facts) -> Values:
    """1 where both are the same molecule; `connectivity` leaves stereochemistry, isotopes and protons aside.

    Standard InChI takes many tautomers for one molecule, and knows none with wildcard atoms.
    """
    _wanted(reference)
    wanted, given = reference[inchi_key], candidate[inchi_key] or ""
    if not wanted:
        raise Unscorable("InChI has no key for the reference")
    return {
        "match": float(wanted == given),
        "connectivity": float(wanted.partition("-")[0] == given.partition("-")[0]),
    }


@metric(
    "mcs",
    (Part("atoms"), Part("bonds")),
    needs=(molecule, inchi_key),
    source="maximum common substructure by RDKit's rdFMCS: one connected piece, same elements and bond orders",
    cost_ms=1.0,
    family="molecules",
    default=False,
)
def mcs(reference: Facts, candidate: Facts) -> Values:
    """Share of the atoms, and of the bonds, of either molecule that lie in the largest piece both have.

    c / (a + b - c) of each. Unscored where the search takes more than two seconds or a molecule has more than 60 atoms
    or 8 rings, unless both are the same. `bonds` is None where neither has any.
    """
    wanted, given = _wanted(reference), candidate[molecule]
    if given is None:
        return {"atoms": 0.0, "bonds": 0.0}
    from rdkit import Chem

    # The search notes things on the molecules it is given, and facts are shared between threads.
    sides = Chem.Mol(wanted), Chem.Mol(given)
    atoms, bonds = _in_common(sides)
    return {
        "atoms": _share(atoms, *(one.GetNumAtoms() for one in sides)),
        "bonds": _share(bonds, *(one.GetNumBonds() for one in sides)),
    }


def _share(common: int, one: int, other: int) -> float | None:
    return common / (one + other - common) if one + other else None


def _in_common(sides: Sequence[Mol]) -> tuple[int, int]:
    from rdkit import Chem
    from rdkit.Chem.rdFMCS import FindMCS

    if len({Chem.MolToSmiles(one) for one in sides}) == 1:
        return sides[0].GetNumAtoms(), sides[0].GetNumBonds()
    if any(one.GetNumAtoms() > MOST_ATOMS_IN_COMMON or _rings(one) > MOST_RINGS_IN_COMMON for one in sides):
        raise Unscorable(
            f"a common substructure is not sought in more than {MOST_ATOMS_IN_COMMON} atoms "
            f"or {MOST_RINGS_IN_COMMON} rings"
        )
    found = FindMCS(list(sides), timeout=COMMON_DEADLINE_S)
    if found.canceled:
        raise Unscorable(f"the largest common substructure was not found in {COMMON_DEADLINE_S} s")
    return found.numAtoms, found.numBonds


@dataclass(frozen=True, slots=True)
class MoleculeMeans:
    """The mean of a score in 0..1 over many answers.

    Attributes:
        mean_all: over all answers, those that are no molecule counting as 0.
        mean_valid: over those that are one; None where none is.
        valid: how many are one.
        total: how many answers there are.
    """

    mean_all: float
    mean_valid: float | None
    valid: int
    total: int


def molecule_means(scores: Sequence[float | None]) -> MoleculeMeans:
    """Average a score over answers, None standing for an answer that is no molecule.

    Which of the two means a paper reports is often not told; VinciCoder's execution rate is `valid` / `total`.

    Raises:
        Unscorable: there are no answers.
    """
    if not scores:
        raise Unscorable("there are no answers to average")
    valid = [score for score in scores if score is not None]
    total = math.fsum(valid)
    return MoleculeMeans(total / len(scores), total / len(valid) if valid else None, len(valid), len(scores))
