"""How a program failed: the nearest cause, in its own words, with its own line."""

import pytest


@pytest.mark.parametrize(
    ("source", "kind", "line", "words"),
    [
        ("", "no_code", None, "empty"),
        ("# nothing", "no_picture", None, "without drawing"),
        ("x = (1", "syntax", 1, "never closed"),
        ("%matplotlib inline", "syntax", 1, "invalid syntax"),
        ("if 1:\nprint()", "syntax", 2, "IndentationError"),
        ("x = '\0'", "syntax", None, "null"),
        ("\n1 / 0", "runtime", 2, "ZeroDivisionError: division by zero"),
        ("def f():\n    g()\nf()", "runtime", 2, "NameError"),
        ("raise SystemExit('sorry')", "runtime", None, "sorry"),
        ("import sys\nsys.exit(3)", "runtime", None, "exit code 3"),
        ("import os\nos._exit(4)", "runtime", None, "exit code 4"),
        ("raise KeyboardInterrupt", "runtime", 1, "KeyboardInterrupt"),
        ("raise BaseExceptionGroup('g', [ValueError()])", "runtime", 1, "g"),
        ("class E(Exception):\n  def __str__(self): 1 / 0\nraise E", "runtime", 3, "E"),
        ("input()", "runtime", 1, "EOFError"),
        ("import nowhere.to_be.found", "missing_dependency", 1, "No module named 'nowhere'"),
        ("import numpy.nothing", "missing_dependency", 1, "No module named 'numpy.nothing'"),
        ("open('data.csv')", "missing_dependency", 1, '"data.csv"'),
        ("open('/data/all.csv')", "missing_dependency", 1, '"/data/all.csv"'),
        ("import numpy\nnumpy.ones(1 << 40)", "memory", 2, "Unable to allocate"),
        ("x = bytearray(3 << 30)", "memory", 1, "MemoryError"),
        ("def f(): f()\nf()", "runtime", 1, "RecursionError"),
        ("import ctypes\nctypes.string_at(0)", "runtime", None, "segmentation fault"),
        ("import os\nos.abort()", "runtime", None, "program"),
        ("import urllib.request as u\nu.urlopen('http://localhost')", "policy", 2, "network"),
        ("import socket\nsocket.socket()", "policy", 2, "network"),
        ("import subprocess\nsubprocess.run(['ls'])", "policy", 2, "starting other programs"),
        ("import os\nos.fork()", "policy", 2, "not allowed"),
        ("open('/etc/shadow')", "policy", 1, "own folder"),
        ("open('/etc/new', 'w')", "policy", 1, "own folder"),
        ("import matplotlib.pyplot as p\np.plot([1], [1, 2])", "runtime", 2, "same first dimension"),
        ("import matplotlib.pyplot as p\np.savefig('no/such/folder.png')", "runtime", 2, "FileNotFoundError"),
        ("import matplotlib.pyplot as p\np.title('$\\\\nonsense{$')\np.savefig('a.png')", "runtime", 3, "nonsense"),
        ("import matplotlib.pyplot as p\np.title('$\\\\nonsense{$')\np.show()", "runtime", None, "nonsense"),
    ],
)
def test_failures(worker, source, kind, line, words):
    failure = worker.run(source).failure
    assert (failure["kind"], failure["line"]) == (kind, line)
    assert words in failure["message"]


def test_detail_is_the_useful_tail_without_our_own_frames(worker):
    detail = worker.run("import matplotlib.pyplot as p\n\np.title('$\\\\nonsense{$')\np.savefig('a.png')").failure[
        "detail"
    ]
    assert 'program.py", line 4' in detail
    assert "p.savefig('a.png')" in detail
    assert "derender" not in detail
    assert "capture_" not in detail


def test_pictures_saved_before_the_error_are_kept(worker):
    result = worker.run(
        """
        import matplotlib.pyplot as plt
        plt.plot([1, 2]); plt.savefig('first.png')
        open('by-hand.ppm', 'wb').write(b'P6 2 1 255 ' + bytes(6))
        1 / 0
        """
    )
    assert (result.kind, result.failure["line"]) == ("runtime", 5)
    assert result.names == ["first.png", "by-hand.ppm"]


@pytest.mark.parametrize(
    "harmless",
    [
        "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        "import atexit; atexit.register(lambda: 1 / 0)",
        "class D:\n    def __del__(self): 1 / 0\nD()",
        "import sys; sys.exit(0)",
        "import sys; sys.stdout.close()",
        "import sys; sys.stdout = None",
        "import sys; sys.stderr = None; sys.exit()",
        "import os; os.system('ls'); os.popen",
        "import os; os.chdir('/'); os.environ.clear()",
        "import sys; sys.modules.clear()",
        "import gc; gc.disable(); gc.collect()",
        "import warnings; warnings.simplefilter('error')",
        "import sys; sys.setrecursionlimit(100000)",
        "import sys; sys.settrace(lambda *a: None)",
    ],
)
def test_what_is_no_failure(worker, harmless):
    result = worker.run(f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\n{harmless}")
    assert (result.failure, result.names) == (None, ["a.png"])


def test_a_thread_may_draw_after_the_last_line(worker):
    code = """
    import threading, time
    import matplotlib.pyplot as plt
    def later():
        time.sleep(.2); plt.plot([1]); plt.savefig('late.png')
    threading.Thread(target=later).start()
    """
    assert worker.run(code).names == ["late.png"]


def test_processor_time_runs_out(worker):
    result = worker.run("while True: pass", cpu_s=0.5)
    assert result.kind == "cpu_budget"
    assert 0.3 < result.header["cpu_s"] < 1.5


def test_processor_time_of_threads_counts(worker):
    code = "import threading\nfor _ in range(3): threading.Thread(target=exec, args=['while 1: 0']).start()"
    assert worker.run(code, cpu_s=1.0).kind == "cpu_budget"


def test_waiting_past_the_deadline(worker):
    result = worker.run("import time\nprint('here', flush=True)\ntime.sleep(1000)", wall_s=0.4)
    assert (result.kind, result.stdout) == ("deadline", "here\n")
    assert result.header["wall_s"] < 5


def test_partial_pictures_survive_the_deadline(worker):
    code = "import time\nimport matplotlib.pyplot as p\np.plot([1])\np.savefig('a.png')\ntime.sleep(1000)"
    assert worker.run(code, wall_s=2.5).names == ["a.png"]


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('flood' * 1000)",
        "import os\nwhile True: os.write(1, b'x' * 100000)",
        "open('a', 'wb').write(bytes(64 << 20))",
        "for n in range(100): open(f'{n}', 'wb').write(bytes(1 << 20))",
        "for n in range(100000): open(f'{n}', 'wb')",
        "import os\nos.truncate(os.open('a', os.O_CREAT | os.O_WRONLY), 1 << 40)",
        "import PIL.Image as I\nI.new('L', (4000, 4000)).save('a.png')",
        "import matplotlib.pyplot as p\np.figure(figsize=(40, 40)).savefig('a.pdf')",
    ],
)
def test_too_much_output(worker, source):
    assert worker.run(source).kind == "output_too_large"


def test_streams_come_back_as_tails(worker):
    result = worker.run("import sys\nprint('x' * 50000 + 'end')\nprint('oops', file=sys.stderr)")
    assert result.stdout.endswith("xend\n")
    assert len(result.stdout) < 10_000
    assert result.header["stderr"] == "oops\n"


def test_lone_surrogates_are_a_syntax_error(worker):
    assert worker.run("x = '\udc80'").kind == "syntax"


def test_warm_parent_says_what_it_is(worker):
    assert worker.hello["hello"] == "python"
    assert set(worker.hello["modules"]) >= {"numpy", "matplotlib.pyplot", "PIL.Image"}
    assert "threads" not in worker.hello
    assert worker.hello["versions"]["matplotlib"]
