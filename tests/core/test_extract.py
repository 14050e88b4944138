import contextlib
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Language, NoProgram, UnknownLanguage
from derender.core.extract import extract_program, guess_language

PLOT = 'import matplotlib.pyplot as plt\n\nplt.bar(["a", "b"], [1, 2])\nplt.show()'
OTHER = 'import matplotlib.pyplot as plt\n\nplt.plot([3, 1, 2])\nplt.savefig("out.png")'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
PAGE = "<!DOCTYPE html>\n<html>\n<body><p>Hello</p></body>\n</html>"
TIKZ = "\\documentclass{standalone}\n\\usepackage{tikz}\n\\begin{document}\n\\tikz \\draw (0,0);\n\\end{document}"
FLOW = "graph TD\n    A[Start] --> B{Ok?}\n    B -->|yes| C[End]"
SOURCES = {
    Language.PYTHON: PLOT,
    Language.SVG: SVG,
    Language.HTML: PAGE,
    Language.LATEX: TIKZ,
    Language.MERMAID: FLOW,
}


def source(reply, language=None):
    return extract_program(reply, language).program.source


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize("asked", [True, False])
def test_a_fence_gives_its_program_with_the_place_it_stood(language, asked):
    reply = f"Here it is:\n\n```{language}\n{SOURCES[language]}\n```\n\nI hope that helps."
    found = extract_program(reply, language if asked else None)
    assert (found.program.source, found.program.language) == (SOURCES[language], language)
    assert reply[slice(*found.span)] == SOURCES[language]
    assert found.candidates == 1
    assert "fence 1 of 1" in found.why


@pytest.mark.parametrize("language", SOURCES)
def test_a_fence_without_tag_is_known_by_its_looks(language):
    assert extract_program(f"```\n{SOURCES[language]}\n```").program.language is language
    assert guess_language(SOURCES[language]) is language


@pytest.mark.parametrize("language", SOURCES)
def test_a_program_without_a_fence_stands_between_prose(language):
    reply = f"Sure, this is the figure.\n\n{SOURCES[language]}\n\nThe figure shows two parts."
    assert source(reply, language) == SOURCES[language]
    assert extract_program(reply).program.language is language


@pytest.mark.parametrize("language", SOURCES)
def test_a_reply_that_is_nothing_but_the_program(language):
    assert source(SOURCES[language], language) == SOURCES[language]
    assert source(SOURCES[language] + "\n").rstrip("\n") == SOURCES[language]


@pytest.mark.parametrize(
    "opening",
    [
        "```py",
        "```Python",
        "``` python",
        "```python3",
        '```python title="chart.py"',
        "```python {linenos=true}",
        "```{python}",
        "```{.python .numberLines}",
        "```python:chart.py",
        "```chart.py",
        "```matplotlib",
        "```language-python",
        "```txt",
        "~~~python",
        "~~~",
        "````python",
    ],
)
def test_tags_and_marks_models_write(opening):
    mark = opening[: len(opening) - len(opening.lstrip("`~"))]
    assert source(f"Code:\n{opening}\n{PLOT}\n{mark}\nDone.", "python") == PLOT


def test_an_opening_line_may_stand_behind_prose_or_in_a_list():
    assert source(f"Here is the code: ```python\n{PLOT}\n```") == PLOT
    indented = PLOT.replace("\n", "\n   ")
    assert source(f"1. ```python\n   {indented}\n   ```\n2. Run it.").replace("   \n", "\n") == PLOT
    assert source(f"   ```python\n   {indented}\n   ```").replace("   \n", "\n") == PLOT


def test_an_indented_opening_leaves_unindented_code_alone():
    body = "import math\nif math.pi:\n    print(math.pi)"
    assert source(f"    ```python\n{body}\n```", "python") == body


@pytest.mark.parametrize("reply", [f"```svg {SVG}```", f"```{SVG}```", f"```svg\n{SVG}```", f"```{SVG}\n```"])
def test_code_on_the_line_of_the_fence(reply):
    assert source(reply, "svg") == SVG


def test_code_that_begins_on_the_opening_line():
    assert source(f"```python {PLOT}\n```") == PLOT


@pytest.mark.parametrize("language", SOURCES)
def test_a_fence_never_closed_holds_all_the_rest(language):
    cut = SOURCES[language][:-5]
    found = extract_program(f"Here:\n```{language}\n{cut}", language)
    assert found.program.source == cut
    assert "never closed" in found.why


@pytest.mark.parametrize("ending", ["\n    ```", "```", "\n```</answer>", "\n```  ", "\n```<|im_end|>"])
def test_closing_lines_that_are_not_quite_right(ending):
    assert source(f"<answer>```python\n{PLOT}{ending}", "python") == PLOT


def test_the_most_complete_program_wins_over_snippets():
    reply = (
        f"Install first:\n```bash\npip install matplotlib\n```\nThen:\n```python\n{PLOT}\n```\n"
        "The bars are drawn by\n```python\nplt.bar(x, y)\n```\nand to save it use\n```python\nplt.savefig('a.png')\n```"
    )
    found = extract_program(reply, "python")
    assert found.program.source == PLOT
    assert found.candidates == 3
    assert "most complete" in found.why


def test_of_equals_the_last_wins():
    found = extract_program(f"```python\n{PLOT}\n```\nWait, corrected:\n```python\n{OTHER}\n```", "python")
    assert found.program.source == OTHER
    assert "last" in found.why


def test_a_whole_program_wins_over_a_later_one_that_leaves_code_out_or_was_cut_off():
    elided = "import matplotlib.pyplot as plt\n# ... rest of the code unchanged\nplt.show()"
    assert source(f"```python\n{PLOT}\n```\nWith a title:\n```python\n{elided}\n```") == PLOT
    cut = OTHER[: OTHER.index('"out')]
    assert source(f"```python\n{PLOT}\n```\nOr else:\n```python\n{cut}") == PLOT


def test_the_wanted_language_decides_among_several():
    reply = f"```python\n{PLOT}\n```\n```svg\n{SVG}\n```\n```html\n{PAGE}\n```\n```css\np {{ color: red }}\n```"
    assert [source(reply, language) for language in ("python", "svg", "html")] == [PLOT, SVG, PAGE]


@pytest.mark.parametrize("tag", ["bash", "sh", "", "python"])
def test_commands_for_a_shell_are_no_program(tag):
    with pytest.raises(NoProgram):
        extract_program(f"```{tag}\n!pip install matplotlib\npip install numpy\n```", "python")


def test_parts_of_a_notebook_are_joined_only_when_none_runs_alone():
    parts = ["import matplotlib.pyplot as plt", "x = [1, 2]\ny = [3, 4]", "plt.plot(x, y)\nplt.show()"]
    reply = "".join(f"Step:\n```python\n{part}\n```\n" for part in parts)
    found = extract_program(reply, "python")
    assert found.program.source == "\n\n".join(parts)
    assert "joined" in found.why
    assert reply[slice(*found.span)].startswith("import") and reply[slice(*found.span)].endswith("show()")
    assert source(f"```python\nx = 1\n```\n```python\n{PLOT}\n```") == PLOT


def test_a_longer_fence_holds_shorter_ones():
    program = f'import matplotlib.pyplot as plt\nnote = """\n```\ntext\n```\n"""\n{PLOT}'
    assert source(f"````python\n{program}\n````") == program


@pytest.mark.parametrize("outer", ["````markdown", "```markdown", "````", "```md"])
def test_a_fence_inside_a_document(outer):
    mark = outer[: len(outer) - len(outer.lstrip("`"))]
    assert source(f"{outer}\n# Plot\n\n```python\n{PLOT}\n```\n\nDone.\n{mark}", "python") == PLOT


@pytest.mark.parametrize("quote", ['"""', "'''"])
@pytest.mark.parametrize("tag", ["", "python", "text"])
def test_fences_inside_a_string_belong_to_the_program(quote, tag):
    program = (
        f"import matplotlib.pyplot as plt\nnote = {quote}Use:\n```{tag}\nplt.x()\n```\nso.{quote}\nplt.title(note)"
    )
    assert source(f"Here:\n```python\n{program}\n```\nIt's done.", "python") == program


def test_a_string_never_closed_does_not_swallow_the_next_fence():
    broken = 'import os\nprint("""unfinished'
    reply = f"```python\n{broken}\n```\nSorry, it's this:\n```python\n{PLOT}\n```\nThat's it."
    found = extract_program(reply, "python")
    assert found.program.source == PLOT
    assert found.candidates == 2


def test_fences_inside_a_page_belong_to_the_page():
    page = "<!DOCTYPE html>\n<html><body><pre>\n```\ncode\n```\n</pre></body></html>"
    assert source(f"```html\n{page}\n```\nEnjoy!", "html") == page


def test_a_page_cut_off_does_not_swallow_the_next():
    reply = f"```html\n<!DOCTYPE html><html><body>\n```\nAgain, complete:\n```html\n{PAGE}\n```"
    assert source(reply, "html") == PAGE


@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nMaybe ```python\nprint('draft')\n``` will do.\n</think>\n",
        "<thinking>I could write\n```python\nimport os\nos.listdir()\n```\n</thinking>",
        "<reasoning>```python\nimport os\nos.listdir()</reasoning>",
        "so I start with\n```python\nimport os\nos.listdir()\n```\nand go on.\n</think>\n\n",
        "so I start with\n```python\nimport os\nos.listdir()\n\n</think>\n\n",
        "◁think▷\n```python\nimport os\nos.listdir()\n```\n◁/think▷",
        "<THINK>a</THINK><think>```python\nimport os\nos.listdir()\n```</think>\n",
    ],
)
def test_drafts_in_thoughts_are_left_out(thought):
    answer = "import math\nprint(math.pi)"
    found = extract_program(f"{thought}```python\n{answer}\n```", "python")
    assert found.program.source == answer
    assert found.candidates == 1


def test_an_answer_of_thoughts_alone_holds_no_program():
    with pytest.raises(NoProgram, match="thoughts and no answer"):
        extract_program(f"<think>\n```python\n{PLOT}\n```\n</think>\n", "python")
    with pytest.raises(NoProgram, match="thoughts and no answer"):
        extract_program("<think>\nI could do ```python\nprint('draft')\n``` or", "python")


def test_a_whole_program_in_a_thought_never_closed_is_taken_and_said():
    found = extract_program(f"<think>Bars, then.\n```python\n{PLOT}\n```\n", "python")
    assert found.program.source == PLOT
    assert "unfinished thought" in found.why


def test_tags_of_thought_inside_a_program_are_its_own():
    page = "<!DOCTYPE html>\n<html><body>\n<think>\nhm\n</think>\n</body></html>"
    assert source(f"```html\n{page}\n```") == page
    assert source(f"Without `<think>` tags:\n```html\n{PAGE}\n```") == PAGE


@pytest.mark.parametrize("tag", ["xml", "html", "svg", "", "XML"])
def test_a_drawing_under_any_tag(tag):
    found = extract_program(f'```{tag}\n<?xml version="1.0"?>\n{SVG}\n```', "svg")
    assert found.program.language is Language.SVG
    assert found.program.source.endswith(SVG)


def test_a_page_in_an_xml_fence():
    assert source(f"```xml\n{PAGE}\n```", "html") == PAGE


def test_a_drawing_is_cut_out_of_a_page_when_a_drawing_is_wanted():
    found = extract_program(f"```html\n<html><body>{SVG}</body></html>\n```", "svg")
    assert found.program.source == SVG
    assert "inside" in found.why


def test_several_drawings_without_a_fence_nest_and_the_last_whole_one_wins():
    nested = f'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><svg x="1"/>{SVG}</svg>'
    assert source(f"First: {SVG} and then\n{nested}\nand <svg> cut", "svg") == nested


def test_a_drawing_of_a_single_tag():
    assert source("It is empty: <svg width='4' height='3'/>.", "svg") == "<svg width='4' height='3'/>"


def test_a_page_cut_off_without_a_fence():
    assert source(f"Here: {PAGE[:40]}", "html") == PAGE[:40]


def test_a_part_of_a_page_without_a_fence():
    assert source("Here:\n<div><p>one</p></div>\nThat is it.", "html") == "<div><p>one</p></div>"


@pytest.mark.parametrize(
    "value",
    [
        {"code": PLOT},
        {"thoughts": "a bar chart", "python": PLOT},
        {"name": "run", "arguments": {"code": PLOT}},
        {"name": "run", "arguments": json.dumps({"code": PLOT})},
        {"answer": f"```python\n{PLOT}\n```"},
        {"choices": [{"message": {"content": f"Sure:\n```python\n{PLOT}\n```"}}]},
    ],
)
def test_a_program_wrapped_in_json(value):
    assert source(json.dumps(value), "python") == PLOT
    assert source(f"Here:\n```json\n{json.dumps(value, indent=2)}\n```", "python") == PLOT
    assert source(f"The call:\n{json.dumps(value)}\n", "python") == PLOT


@pytest.mark.parametrize("name", ["answer", "code", "program"])
def test_a_program_wrapped_in_a_tag(name):
    assert source(f"<think>hm</think><{name}>\n{PLOT}\n</{name}>", "python") == PLOT
    assert source(f"<{name}>Here you are: {SVG}</{name}>", "svg") == SVG


def test_code_elements_of_a_page_are_no_wrapping():
    page = PAGE.replace("Hello", "<code>import os</code>")
    assert source(page, "html") == page


def test_windows_line_ends_stay():
    program = PLOT.replace("\n", "\r\n")
    assert source(f"Here:\r\n```python\r\n{program}\r\n```\r\n") == program


def test_a_byte_order_mark_in_front():
    assert source(f"\ufeff```python\n{PLOT}\n```") == PLOT
    assert source(f"\ufeff{PLOT}", "python") == PLOT


def test_no_break_spaces_in_the_margin_become_spaces_when_that_helps():
    assert source("```python\nimport os\nfor i in 'ab':\n\xa0\xa0\xa0\xa0print(i)\n```") == (
        "import os\nfor i in 'ab':\n    print(i)"
    )
    kept = 'import os\nprint("""a\n\xa0b""")'
    assert source(f"```python\n{kept}\n```") == kept


def test_prompts_of_an_interpreter_are_left_out():
    session = ">>> import math\n>>> for i in 'ab':\n...     print(i)\n...\na\nb\n>>> math.pi\n3.14"
    assert source(f"```pycon\n{session}\n```") == "import math\nfor i in 'ab':\n    print(i)\n\nmath.pi"


def test_prose_around_unfenced_python_is_left_out():
    reply = (
        f"Sure! Here is the code that draws it.\n\n{PLOT}\n\nThis draws two bars.\nIt uses Matplotlib, and it's short."
    )
    assert source(reply, "python") == PLOT


@pytest.mark.parametrize(
    ("reply", "language", "says"),
    [
        ("", "python", "empty"),
        ("  \n\ufeff", None, "empty"),
        ("I'm sorry, I can't help with that.", "python", "no fence"),
        ("I'm sorry, I can't help with that.", None, "no fence"),
        ("Sorry. Please import the data from here first.", "python", "no fence"),
        ("```bash\nls -l\n```", "svg", "bash"),
        (f"```python\n{PLOT}\n```", "svg", "python"),
        (f"```svg\n{SVG}\n```", "python", "svg"),
        ("```python\n```", "python", "1 fence"),
        ("```json\n{}\n```", None, "json"),
    ],
)
def test_no_program_says_what_there_is_instead(reply, language, says):
    with pytest.raises(NoProgram, match=says):
        extract_program(reply, language)


def test_an_unknown_language_is_the_callers_mistake():
    with pytest.raises(UnknownLanguage):
        extract_program("x", "klingon")


HOSTILE = [
    *("`", "~", "```\n", "```python\n", "```python\n'''\n```\n", '```python\n\\"""\n```\n', "```a\n     ```\n"),
    *(
        "<think>",
        "</think>",
        "<think></think>```x",
        "<think>\n</think>\n",
        "<answer>",
        "<svg ",
        "<html>",
        "<!--",
        "<?xml ",
    ),
    *(
        "\n",
        " ",
        "\xa0",
        "{",
        '{"code":',
        "'",
        '"',
        "a,",
        "-",
        "import os\n",
        "x = (\n",
        "for a in ",
        "with :",
        ">>> a\n",
    ),
    *(
        "> ```python\n",
        "```html\n<html>\n```\n",
        "import a\n```\n",
        "a `b` ",
        "graph TD\n\n",
        "\\begin{axis}\n",
        "Ab ab\n",
    ),
]


@pytest.mark.parametrize("frame", ["{}", "```python\n{}", "<html>{}", "import os\n{}\n```\n"])
@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_with_length_and_no_faster(unit, frame):
    reply = frame.format(unit * (1_000_000 // len(unit)))
    started = time.process_time()
    with contextlib.suppress(NoProgram):
        extract_program(reply, "python")
    # Takes a tenth of this; what grows with the square of the length takes minutes.
    assert time.process_time() - started < 2.0


_PIECES = st.sampled_from(
    [
        *("```", "~~~", "````", "python", "svg", "html", "\n", "\r\n", " ", "    ", "<think>", "</think>", "<svg>"),
        *("</svg>", "<html>", "</html>", '"""', "'''", '"', "\\", "import os", "print(1)", "{", '{"code": "', "}"),
        *("<answer>", "</answer>", "graph TD", "\\begin{axis}", "\\end{axis}", ">>> ", "# ", "x = 1", "\ufeff"),
        *("\xa0", "\ud800", "\0", "<?xml ?>", "1. "),
    ]
)
_LANGUAGES = st.sampled_from([None, *Language])


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join), _LANGUAGES)
def test_any_reply_gives_a_program_or_says_there_is_none(reply, language):
    try:
        found = extract_program(reply, language)
    except NoProgram as error:
        assert str(error)
    else:
        start, end = found.span
        assert 0 <= start <= end <= len(reply)
        assert found.program.source.strip()
        assert language in {None, found.program.language}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["", "Here it is.\n\n"]), st.sampled_from(["", "\nDone."]))
def test_a_fenced_program_comes_back_byte_for_byte(tail, before, after):
    program = f"{PLOT}\n# {tail}"
    fence = "`" * (max((len(run) for run in _runs(program)), default=0) + 3)
    if "\xa0" in tail:
        program = PLOT
    assert source(f"{before}{fence}python\n{program}\n{fence}{after}", "python") == program


def _runs(text):
    return re.findall("`+", text)
