"""However a program hands its picture over, it is found: once, under its name, with its words."""

import json

import numpy as np
import pytest

PLOT = """\
import io, os
import numpy as np
import matplotlib.pyplot as plt
from PIL import Image
def chart(text='chart'):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 3, 2])
    axes.set_title(text)
    return figure
"""


def drawn(worker, code, **kwargs):
    result = worker.run(PLOT + code, **kwargs)
    assert result.failure is None
    return result


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("chart(); plt.show()", ["figure-1.png"]),
        ("chart()", ["figure-1.png"]),
        ("chart().show()", ["figure-1.png"]),
        ("chart(); plt.savefig('out.png')", ["out.png"]),
        ("chart(); plt.savefig('out')", ["out.png"]),
        ("import pathlib; chart().savefig(pathlib.Path('out.webp'))", ["out.webp"]),
        ("os.mkdir('deep'); chart().savefig('deep/out.jpg')", ["out.jpg"]),
        ("import tempfile; chart().savefig(tempfile.gettempdir() + '/out.tif')", ["out.tif"]),
        ("chart().savefig('out.pdf')", ["out.pdf"]),
        ("chart().savefig('out.svg')", ["out.svg"]),
        ("chart().savefig('out.eps')", ["out.eps"]),
        ("chart().savefig('out', format='ps')", ["out"]),
        ("chart().savefig(io.BytesIO())", ["buffer-1.png"]),
        ("chart().savefig(open('held.png', 'wb'))", ["held.png"]),
        ("chart().canvas.print_png('direct.png')", ["direct.png"]),
        ("b = io.BytesIO(); chart().savefig(b); open('later.png', 'wb').write(b.getvalue())", ["later.png"]),
        ("chart(); chart(); chart(); plt.show()", ["figure-1.png", "figure-2.png", "figure-3.png"]),
        ("plt.figure(); chart(); plt.show()", ["figure-2.png"]),
        ("chart().savefig('a.png'); chart().savefig('b.png'); plt.show()", ["a.png", "b.png"]),
        ("chart().savefig('a.png'); chart().savefig('b.png'); chart().savefig('a.png')", ["b.png", "a.png"]),
        ("chart(); plt.show(); plt.close(); chart(); plt.show(); plt.clf()", ["figure-1.png", "figure-1.png"]),
        ("from matplotlib.figure import Figure; f = Figure(); f.subplots()", ["figure-1.png"]),
        ("plt.imsave('array.png', np.eye(9))", ["array.png"]),
        ("chart().savefig('a.png'); os.rename('a.png', 'b.png')", ["a.png"]),
        ("import shutil; chart().savefig('a.png'); shutil.copy('a.png', 'b.png')", ["a.png"]),
        ("Image.new('RGB', (9, 9), 'red').save('red.bmp')", ["red.bmp"]),
        ("Image.new('RGB', (9, 9), 'red').show()", ["image-1.png"]),
        ("chart().savefig('a.png'); Image.open('a.png').rotate(90).save('b.png')", ["a.png", "b.png"]),
        ("import atexit; chart(); atexit.register(lambda: plt.savefig('late.png'))", ["late.png"]),
        ("chart().savefig('a.png'); os._exit(0)", ["a.png"]),
        ("open('by-hand.ppm', 'wb').write(b'P6 2 1 255 ' + bytes(6)); os._exit(0)", ["by-hand.ppm"]),
        ("chart(); plt.show(); exit()", ["figure-1.png"]),
    ],
)
def test_where_it_was_saved_to(worker, code, names):
    assert drawn(worker, code).names == names


def test_png_of_a_vector_save_is_that_of_the_same_call(worker):
    how = "dpi=70, bbox_inches='tight', facecolor='yellow', transparent=False"
    result = drawn(
        worker, f"f = chart(); f.savefig('a.pdf', {how}); f.savefig('b.png', {how}); f.savefig('c.svg', {how})"
    )
    assert result.names == ["a.pdf", "b.png", "c.svg"]
    assert result.blobs[0] == result.blobs[1] == result.blobs[2]
    assert result.image().getpixel((0, 0)) == (255, 255, 0)


def test_the_program_can_read_what_it_saved(worker):
    code = """
f = chart()
f.savefig('a.pdf'); assert open('a.pdf', 'rb').read(5) == b'%PDF-'
f.savefig('a.png', dpi=50); assert Image.open('a.png').size == (150, 100)
assert np.asarray(Image.open('a.png').convert('RGB')).min() < 60
f.savefig('a.svg'); assert '<svg' in open('a.svg').read()
print('read')
"""
    assert drawn(worker, code).stdout == "read\n"


def test_our_png_has_the_pixels_matplotlib_would_write(worker):
    code = """
import matplotlib.image
f = chart('Títle $x^2$'); f.savefig('ours.png')
assert (np.asarray(Image.open('ours.png').convert('RGBA')) == np.asarray(f.canvas.buffer_rgba())).all()
"""
    drawn(worker, code)


def test_every_page_of_a_pdf_counts(worker):
    code = """
from matplotlib.backends.backend_pdf import PdfPages
with PdfPages('doc.pdf') as pages:
    for word in 'one', 'two':
        pages.savefig(chart(word))
"""
    result = drawn(worker, code)
    assert result.names == ["doc.pdf", "doc-2.pdf"]
    assert [entry["texts"][-1] for entry in result.header["pictures"]] == ["one", "two"]


def test_backends_cannot_be_changed_and_nothing_waits(worker):
    code = """
import matplotlib
matplotlib.use('TkAgg'); plt.switch_backend('QtAgg'); plt.ion()
chart(); plt.pause(1000); plt.show(block=True); plt.gcf().canvas.start_event_loop(1000)
"""
    assert drawn(worker, code, wall_s=10.0).names == ["figure-1.png"]


@pytest.mark.parametrize("how", ["anim.save('a.gif')", "plt.show()"])
def test_an_animation_gives_a_frame_with_content(worker, how):
    code = f"""
from matplotlib.animation import FuncAnimation
figure, axes = plt.subplots()
line, = axes.plot([], [], lw=40)
axes.set(xlim=(0, 9), ylim=(0, 9))
anim = FuncAnimation(figure, lambda i: line.set_data([0, 9], [5, 5]), frames=3)
{how}
"""
    result = drawn(worker, code)
    assert len(result.names) == 1
    assert result.header["pictures"][0]["blank"] is False


def test_words_are_those_drawn(worker):
    code = """
figure, axes = plt.subplots(figsize=(4, 3))
axes.plot([0, 2], [0, 10], label='legend word')
axes.set(xticks=[0, 1, 2, 300], yticks=[], xlabel='$10^{3}$ m', title='two\\nlines'); axes.set_xlim(0, 2)
axes.text(1, 5, 'inside'); axes.text(99, 99, 'far outside'); axes.text(1, 2, 'hidden', visible=False)
axes.annotate('noted', (1, 1), (1, 3)); axes.legend(); figure.suptitle('over all')
figure.savefig('a.pdf')
"""
    texts = drawn(worker, code).texts
    assert sorted(texts) == sorted(
        ["0", "1", "2", "10³ m", "two", "lines", "inside", "noted", "legend word", "over all"]
    )


def test_glyphs_of_other_scripts_are_drawn_and_absent_ones_told(worker):
    result = drawn(worker, r"chart('中文 \U0010FFFD'); plt.show()")
    (warning,) = result.header["warnings"]
    assert "U0010fffd" in ascii(warning)


def test_fallback_fonts_leave_latin_text_alone(worker):
    code = """
from matplotlib.font_manager import FontManager
import matplotlib, json
def pixels():
    figure = chart('Latin Ünïcode 0.5 $\\\\alpha$'); figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()
mine = pixels()
FontManager._find_fonts_by_props = FontManager._find_fonts_by_props.__wrapped__
assert (mine == pixels()).all()
"""
    drawn(worker, code)


def test_files_beside_the_program(worker):
    result = worker.run(
        "import side, PIL.Image as I\nI.open('d/in.png').resize((side.n, side.n)).save('out.png')",
        {"side.py": b"n = 7", "d/in.png": _png(3)},
    )
    assert (result.names, result.sizes) == (["out.png"], [(7, 7)])


def test_an_input_written_over_counts(worker):
    result = worker.run("import PIL.Image as I\nI.new('L', (5, 5)).save('in.png')", {"in.png": _png(3)})
    assert result.sizes == [(5, 5)]


def test_a_file_changed_behind_the_hooks_has_its_last_content(worker):
    code = """
chart().savefig('a.png')
import time; time.sleep(.1)
open('a.png', 'wb').write(open('other.dat', 'rb').read())
"""
    assert drawn(worker, code, files={"other.dat": _png(3)}).sizes == [(3, 3)]


def test_a_file_that_goes_while_it_is_looked_at_is_left_out(worker):
    code = """\
for name in ('a.ppm', 'b.ppm', 'c.svg'):
    open(name, 'wb').write(b'<svg/>' if name == 'c.svg' else b'P6 2 1 255 ' + bytes(6) + name.encode())
import PIL.Image as pil
real = pil.open
def meddling(*args, **kwargs):
    for name in ('b.ppm', 'c.svg'):
        if os.path.exists(name):
            os.unlink(name)
    return real(*args, **kwargs)
pil.open = meddling
"""
    result = drawn(worker, code)
    assert result.names == ["a.ppm"]
    assert [warning.split(":")[0] for warning in result.header["warnings"]] == [
        f"{name} was left behind but can't be read" for name in ("b.ppm", "c.svg")
    ]


def test_deferred_figures(worker):
    result = worker.run(
        """
        import plotly.graph_objects as go
        from PIL import Image
        figure = go.Figure(go.Bar(x=["a"], y=[1]), layout={"width": 300})
        figure.write_image("a.png", scale=2, height=200)
        assert Image.open("a.png").size == (600, 400)
        figure.show()
        """
    )
    (entry,) = result.header["pictures"]
    assert entry | {"texts": 0} == {
        "name": "a.png", "media": "plotly", "width": 300, "height": 200, "scale": 2.0, "blank": None, "texts": 0,
    }  # fmt: skip
    assert json.loads(result.blobs[0])["data"][0]["type"] == "bar"


@pytest.mark.parametrize("ending", ["figure.show()", "figure.write_html('a.html')", ""])
def test_plotly_figures_are_found(worker, ending):
    result = worker.run(f"import plotly.graph_objects as go\nfigure = go.Figure(go.Pie(values=[1, 2]))\n{ending}")
    assert [entry["media"] for entry in result.header["pictures"]] == ["plotly"]
    assert result.sizes == [(700, 500)]


@pytest.mark.parametrize("ending", ["both.save('a.png', scale_factor=2)", "both.save('a.html')", "both.show()", ""])
def test_altair_charts_are_found(worker, ending):
    result = worker.run(
        "import altair as alt\nrows = alt.Data(values=[{'a': 1}])\none = alt.Chart(rows).mark_bar().encode(x='a:Q')\n"
        f"both = one | one\n{ending}"
    )
    (entry,) = result.header["pictures"]
    assert entry["media"] == "vegalite"
    assert entry["scale"] == (2.0 if "scale_factor" in ending else 1.0)
    assert "hconcat" in json.loads(result.blobs[0])


def test_svg_left_behind_is_deferred(worker):
    result = worker.run("open('a.svg', 'w').write('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')")
    assert [(entry["name"], entry["media"]) for entry in result.header["pictures"]] == [("a.svg", "svg")]


def test_unseeded_programs_repeat_themselves(worker):
    code = """
import random
figure = plt.figure()
seeds = random.random(), np.random.rand(), np.random.default_rng().random(), np.random.RandomState().rand()
plt.scatter(np.random.rand(9), np.random.default_rng().random(9)); plt.title(f'{seeds} {hash("x")} {os.getcwd()}'[:60])
plt.show()
"""
    assert drawn(worker, code).blobs == drawn(worker, code).blobs


def test_programs_share_no_font_file_position(worker):
    jobs = [worker.start(PLOT + f"[chart('glyphs {n} ÄÖÜ {n}') for _ in range(2)]; plt.show()") for n in range(6)]
    from derender.render.worker import frames

    results = []
    for job in jobs:
        with job:
            results.append(frames.recv(job, 1 << 30))
    again = worker.run(PLOT + "[chart('glyphs 0 ÄÖÜ 0') for _ in range(2)]; plt.show()")
    assert all(header["failure"] is None for header, _ in results)
    assert results[0][1] == again.blobs


def _png(size):
    from derender.render.worker.png import pack

    return pack(np.random.default_rng(size).integers(0, 255, (size, size, 3), np.uint8)).png()


def test_a_program_that_looks_at_the_canvas_after_saving_sees_it_drawn(worker):
    code = """
figure = chart(); plt.savefig('a.png', dpi=50)
seen = np.asarray(figure.canvas.buffer_rgba())
assert seen.shape == (200, 300, 4) and seen.min() < 60
"""
    drawn(worker, code)


def test_remembered_layouts_are_those_worked_out_afresh(worker):
    code = """
from matplotlib.text import Text
figure = plt.figure(figsize=(3, 2)); text = figure.text(.5, .5, 'word')
remembered, fresh = Text._get_layout, Text._get_layout.__wrapped__
def told(layout):
    box, lines, corner = layout(text, figure.canvas.get_renderer())
    return box.bounds, lines, corner
seen = set()
for change in (lambda: 0, lambda: text.set_text('two words'), lambda: text.set_fontsize(30),

               lambda: text.set_rotation(40), lambda: text.set_ha('right'), lambda: text.set_va('top'),
               lambda: text.set_family('serif'),
               lambda: figure.set_dpi(150), lambda: text.set_text('$x^2$'), lambda: text.set_math_fontfamily('stix'),
               lambda: text.set_text('a\\nb c'), lambda: text.set_linespacing(3), lambda: text.set_ma('left')):
    change()
    assert told(remembered) == told(remembered) == told(fresh)
    seen.add(str(told(fresh)))
assert len(seen) == 13, len(seen)
"""
    drawn(worker, code)
