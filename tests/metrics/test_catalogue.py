"""Finding metrics."""

import subprocess
import sys
from types import ModuleType

import pytest

import derender.metrics
from derender.core import UnknownName
from derender.metrics import Part, default_metrics, get_metric, metric, metric_names
from derender.metrics._catalogue import catalogue
from derender.metrics._facts import rgb


def test_the_first_family_is_found():
    assert set(metric_names()) >= {"mse", "psnr", "ssim", "edges", "phash", "color_histogram", "words"}
    assert [get_metric(name).name for name in metric_names()] == list(metric_names())
    assert {metric.name for metric in default_metrics()} <= set(metric_names())


def test_a_module_laid_into_the_package_is_found(tmp_path, monkeypatch):
    (tmp_path / "tints.py").write_text(
        "from derender.metrics import Part, metric\n"
        "from derender.metrics._facts import rgb\n"
        "@metric('tint', (Part('share'),), needs=(rgb,), source='here', cost_ms=1)\n"
        "def tint(reference, candidate):\n    '''Nothing much.'''\n    return {'share': 1.0}\n"
    )
    monkeypatch.setattr(derender.metrics, "__path__", [*derender.metrics.__path__, str(tmp_path)])
    catalogue.cache_clear()
    try:
        assert get_metric("tint").summary == "Nothing much."
    finally:
        sys.modules.pop("derender.metrics.tints", None)
        monkeypatch.undo()
        catalogue.cache_clear()
    with pytest.raises(UnknownName):
        get_metric("tint")


def test_two_metrics_of_one_name_are_an_error(monkeypatch):
    twin = metric("mse", (Part("mse"),), needs=(rgb,), source="here", cost_ms=1)(lambda *_: {"mse": 0.0})
    module = ModuleType("derender.metrics.twins")
    module.twin = twin
    monkeypatch.setattr("derender.metrics._catalogue.import_module", lambda name: module)
    catalogue.cache_clear()
    try:
        assert metric_names() == ("mse",), "the same metric seen from two modules is one"
        module.other = metric("mse", (Part("mse"),), needs=(rgb,), source="here", cost_ms=1)(lambda *_: {"mse": 0.0})
        catalogue.cache_clear()
        with pytest.raises(ValueError, match="two metrics are named mse"):
            metric_names()
    finally:
        catalogue.cache_clear()


def test_importing_the_package_and_listing_metrics_loads_nothing_heavy():
    code = (
        "import sys, derender.metrics as m; m.metric_names();"
        "print({'numpy', 'cv2', 'PIL', 'rapidocr', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
