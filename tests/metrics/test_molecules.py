"""Metrics of molecules: known compounds, arithmetic by hand, and what is no molecule or too much of one."""

import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Language, Program
from derender.metrics import Unscorable, score
from derender.metrics import molecules as m

pytest.importorskip("rdkit")

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
SALICYLIC = "O=C(O)c1ccccc1O"
CAFFEINE = "CN1C=NC2=C1C(=O)N(C(=O)N2C)C"
ETHANOL_MOLFILE = """
  made by hand

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 C   0  0
    2.2500    1.2990    0.0000 O   0  0
  1  2  1  0
  2  3  1  0
M  END
"""
NAMES = ("tanimoto", "molecule_validity", "molecule_match", "mcs")


def scores(reference, candidate, *names):
    found = score(m.molecule_facts(reference), m.molecule_facts(candidate), names or NAMES)
    return found.scores, found.unscored


def test_a_molecule_is_itself_however_it_is_written():
    found, unscored = scores(CAFFEINE, "Cn1c(=O)c2c(ncn2C)n(C)c1=O")
    assert not unscored
    assert found == {
        "tanimoto": {"morgan": 1.0, "rdkit": 1.0, "validity": 1.0},
        "molecule_validity": {"valid": 1.0},
        "molecule_match": {"match": 1.0, "connectivity": 1.0},
        "mcs": {"atoms": 1.0, "bonds": 1.0},
    }


def test_a_molfile_is_read_as_smiles_are():
    found, _ = scores("CCO", ETHANOL_MOLFILE)
    assert found["molecule_match"]["match"] == 1
    assert scores("CCO", ETHANOL_MOLFILE + "$$$$\n")[0]["molecule_match"]["match"] == 1
    assert scores("CCO", (ETHANOL_MOLFILE + "$$$$\n") * 2)[0]["molecule_validity"]["valid"] == 0


def test_tanimoto_is_c_over_a_plus_b_minus_c():
    reference, candidate = m.molecule_facts(ASPIRIN), m.molecule_facts(SALICYLIC)
    found = score(reference, candidate, ["tanimoto"]).scores["tanimoto"]
    for part, bits in (("morgan", m.morgan_bits), ("rdkit", m.path_bits)):
        one, other = (set(facts[bits].GetOnBits()) for facts in (reference, candidate))
        assert reference[bits].GetNumBits() == 2048
        assert found[part] == len(one & other) / len(one | other)
        assert 0 < found[part] < 1


@pytest.mark.parametrize("text", [ASPIRIN, CAFFEINE, "CCCCCCCCCCO", "C[C@H](N)C(=O)O.Cl"])
def test_fingerprints_are_those_of_rdkits_first_functions(text):
    from rdkit import Chem, DataStructs
    from rdkit.Chem.rdMolDescriptors import GetMorganFingerprint

    facts = m.molecule_facts(text)
    features = GetMorganFingerprint(facts[m.molecule], 2).GetNonzeroElements()
    assert set(facts[m.morgan_bits].GetOnBits()) == {feature % 2048 for feature in features}
    paths = Chem.RDKFingerprint(facts[m.molecule], maxPath=7, fpSize=2048)
    assert DataStructs.TanimotoSimilarity(facts[m.path_bits], paths) == 1


def test_propane_and_butane_by_hand():
    # Morgan, radius 2. Propane: CH3, CH2, CH3 with its neighbour, CH2 with its two; the next radius brings nothing new.
    # Butane: CH3, CH2, CH3 with its neighbour, CH2 with its two, and CH2 with all three bonds. Three are the same.
    found, _ = scores("CCC", "CCCC")
    assert found["tanimoto"]["morgan"] == 3 / (4 + 5 - 3)
    # Paths: a chain of three has those of one and two bonds, a chain of four that of three as well; two bits for each.
    assert found["tanimoto"]["rdkit"] == 2 / 3
    assert found["mcs"] == {"atoms": 3 / 4, "bonds": 2 / 3}
    assert found["molecule_match"] == {"match": 0.0, "connectivity": 0.0}


def test_aspirin_holds_salicylic_acid():
    found, _ = scores(ASPIRIN, SALICYLIC, "mcs")
    assert found["mcs"] == {"atoms": 10 / 13, "bonds": 10 / 13}


def test_mirror_images_have_the_same_connectivity():
    found, _ = scores("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O")
    assert found["molecule_match"] == {"match": 0.0, "connectivity": 1.0}
    assert found["tanimoto"]["morgan"] == 1.0


def test_single_atoms_have_no_paths():
    found, _ = scores("C", "C")
    assert found["tanimoto"]["rdkit"] is None
    assert found["mcs"] == {"atoms": 1.0, "bonds": None}
    assert scores("C", "O", "mcs")[0]["mcs"] == {"atoms": 0.0, "bonds": None}
    assert scores("C", "CO", "mcs")[0]["mcs"] == {"atoms": 0.5, "bonds": 0.0}


@pytest.mark.parametrize(
    "text",
    ["", " ", None, "C(C", "c1ccccc", "C(C)(C)(C)(C)C", "Xx", "CCO ethanol is a molecule", "C\nC", "C1CC2", "(", "\x00",
     "M  END", "CC>>CC", "C" + "(" * 5000, "C(" * 20_000 + ")" * 20_000, "[" * 5000, "é"],
)  # fmt: skip
def test_what_is_no_molecule_counts_as_nothing(text):
    found, unscored = scores("CCO", text)
    assert not unscored
    assert {value for parts in found.values() for value in parts.values()} == {0.0}


def test_a_name_may_follow_a_tab():
    assert scores("CCO", "OCC\tethanol, pure\n", "molecule_match")[0]["molecule_match"]["match"] == 1


def test_a_reference_that_is_none_is_no_fault_of_the_candidate():
    found, unscored = scores("no molecule", "CCO")
    assert found == {"molecule_validity": {"valid": 1.0}}
    assert unscored["tanimoto"] == "the reference is no valid molecule"


def test_wildcards_have_no_inchi_key():
    assert "InChI has no key" in scores("*CCO", "CCO")[1]["molecule_match"]
    assert scores("CCO", "*CCO", "molecule_match")[0]["molecule_match"]["match"] == 0


def test_the_source_of_a_program_may_be_a_molecule():
    program = Program("CCO", Language.LATEX)
    assert score(program, m.molecule_facts("OCC"), ["molecule_match"]).scores["molecule_match"]["match"] == 1
    other = Program("import rdkit", Language.PYTHON)
    assert "no molecule" in score(program, other, ["tanimoto"]).unscored["tanimoto"]


def cage(corners):
    """Every atom bound to every other."""
    bonds = {frozenset((i, j)): n + 1 for n, (i, j) in enumerate((i, j) for i in range(corners) for j in range(i))}
    atoms = ["[U]" + "".join(f"%({n})" for pair, n in bonds.items() if i in pair) for i in range(corners)]
    return ".".join(atoms)


@pytest.mark.parametrize("text", ["C" * 1001, "C" * 100_001, cage(27), cage(27) + ".C" * 500])
def test_giants_are_not_read(text):
    _, unscored = scores("CCO", text)
    assert set(unscored) == set(NAMES)
    assert "not read" in unscored["tanimoto"]


def test_dense_cages_have_no_fingerprint_of_paths_but_the_rest():
    found, unscored = scores("CCO", cage(12))
    assert set(unscored) == {"tanimoto.rdkit", "mcs"}
    assert found["tanimoto"] == {"morgan": 0.0, "validity": 1.0}


def test_no_common_substructure_is_sought_in_large_molecules_unless_they_are_the_same():
    chain = "C" * 61
    assert "60 atoms" in scores(chain, "CCO", "mcs")[1]["mcs"]
    assert scores(chain, chain, "mcs")[0]["mcs"]["atoms"] == 1


def test_a_common_substructure_is_sought_until_the_deadline(monkeypatch):
    monkeypatch.setattr(m, "COMMON_DEADLINE_S", 1)
    tangle = "CCC1C2C(C)C(C)CC3C2C(C)CC12CCCCC1CC4CC56C3(C)C5(C2C)C146"
    another = "CCC(C)C12C3C(C)(CC)C4CC3(C)C3C5CC(C)C16C1C5C(C)(C)C12C6C43CC"
    assert "not found in 1 s" in scores(tangle, another, "mcs")[1]["mcs"]


def test_rdkit_says_nothing(capfd):
    scores("CCO", "C(C")
    scores("CCO", "c1cccc1")
    assert capfd.readouterr() == ("", "")


def test_threads_may_share_a_reference():
    reference, found = m.molecule_facts(ASPIRIN), []
    candidates = [SALICYLIC, CAFFEINE, "CCO", "C(C"] * 10

    def compare(text):
        found.append((text, score(reference, m.molecule_facts(text), ["tanimoto", "molecule_match"]).scores))

    threads = [threading.Thread(target=compare, args=(text,)) for text in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = {text: scores(ASPIRIN, text, "tanimoto", "molecule_match")[0] for text in set(candidates)}
    assert len(found) == len(candidates)
    assert all(alone[text] == values for text, values in found)


PIECES = st.lists(
    st.sampled_from(["C", "N", "O", "c1ccccc1", "C(=O)O", "C(F)", "CC", "S", "Cl"]), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(PIECES, PIECES)
def test_scores_keep_to_their_ranges_and_the_sides_may_be_swapped(one, other):
    one, other = "".join(one), "".join(other)
    there, back = scores(one, other, "tanimoto", "mcs")[0], scores(other, one, "tanimoto", "mcs")[0]
    if m.read_molecule(one) and m.read_molecule(other):
        assert there == back
        assert scores(one, one, "tanimoto")[0]["tanimoto"]["morgan"] == 1
    assert all(value is None or 0 <= value <= 1 for parts in there.values() for value in parts.values())


@given(st.text(max_size=40) | st.text(alphabet="CNO()[]=#@+-123456789%.cno/\\", max_size=40))
def test_any_text_is_a_molecule_or_none(text):
    found, unscored = scores("CCO", text, "tanimoto", "molecule_match", "molecule_validity")
    assert not unscored
    assert found["tanimoto"]["validity"] == found["molecule_validity"]["valid"]


def test_means_with_and_without_what_is_no_molecule():
    found = m.molecule_means([1.0, None, 0.5, None])
    assert found == m.MoleculeMeans(mean_all=0.375, mean_valid=0.75, valid=2, total=4)
    assert m.molecule_means([None]).mean_valid is None
    with pytest.raises(Unscorable):
        m.molecule_means([])


def test_what_was_written_as_a_molecule_and_is_none_counts_as_nothing():
    names = ["tanimoto", "molecule_validity", "molecule_match", "mcs"]
    broken = score(Program("CCO", "smiles"), Program("C1CC(", "smiles"), names)
    assert broken.unscored == {}
    assert broken.scores["tanimoto"] == {"morgan": 0.0, "rdkit": 0.0, "validity": 0.0}
    assert broken.scores["molecule_validity"] == {"valid": 0.0}
    assert score(Program("CCO", "smiles"), Program("OCC", "smiles"), names).scores["molecule_match"]["match"] == 1.0


def test_without_rdkit_all_say_how_to_get_it(monkeypatch):
    monkeypatch.setattr(m, "installed", lambda: False)
    monkeypatch.setitem(sys.modules, "rdkit", None)
    found = score(Program(ASPIRIN, Language.SMILES), Program(CAFFEINE, Language.SMILES), NAMES)
    assert all("derender[molecules]" in found.unscored[name] for name in NAMES)
