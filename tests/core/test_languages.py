"""Names and suffixes of languages."""

import pytest

from derender.core import Language, UnknownLanguage, extract_program
from derender.core._looks import completeness

MOLFILE = "\n  made by hand\n\n  1  0  0  0  0  0            999 V2000\n    0.0 0.0 0.0 C\nM  END\n"


@pytest.mark.parametrize("language", Language)
def test_a_language_has_a_suffix_and_answers_to_its_name(language):
    assert Language.of_file(f"a{language.suffix}") is language
    assert Language.parse(language.value.upper()) is language


@pytest.mark.parametrize(
    ("name", "language"), [("smi", Language.SMILES), ("mol", Language.MOLFILE), (".sdf", Language.MOLFILE)]
)
def test_molecules_go_by_the_names_chemists_use(name, language):
    assert Language.parse(name) is language


def test_an_unknown_name_is_told():
    with pytest.raises(UnknownLanguage):
        Language.parse("klingon")


@pytest.mark.parametrize(
    ("source", "language", "rating"),
    [
        ("CCO\tethanol", Language.SMILES, 3),
        ("it is ethanol", Language.SMILES, 1),
        (" ", Language.SMILES, 0),
        (MOLFILE, Language.MOLFILE, 3),
        ("C 0 0 0", Language.MOLFILE, 1),
    ],
)
def test_a_molecule_is_known_to_be_whole(source, language, rating):
    assert completeness(source, language) == rating


SCENE = '{"type": "excalidraw", "elements": [{"type": "text", "text": "import this", "x": 1, "y": 2}]}'


@pytest.mark.parametrize(
    "reply",
    [SCENE.join(("```excalidraw\n", "\n```")), SCENE.join(("Here:\n```json\n", "\n```\nDone.")), f"```\n{SCENE}\n```"],
)
def test_a_scene_is_found_in_fences_of_several_tags(reply):
    program = extract_program(reply, "excalidraw").program
    assert (program.source, program.language) == (SCENE, Language.EXCALIDRAW)
    assert extract_program(reply).program.language is Language.EXCALIDRAW


def test_a_program_wrapped_in_json_is_no_scene():
    reply = '```json\n{"code": "<svg xmlns=\\"x\\"></svg>"}\n```'
    assert extract_program(reply).program.language is Language.SVG
    assert completeness('{"elements": [', Language.EXCALIDRAW) == 2
    assert completeness("no scene", Language.EXCALIDRAW) == 0
