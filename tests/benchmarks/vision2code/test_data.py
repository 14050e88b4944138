"""Reading and checking the published package."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

import pytest

from derender.benchmarks.vision2code import (
    SOURCES,
    DomainMap,
    Split,
    check_filters,
    check_package,
    data_folder,
    read_manifest,
    read_provenance,
    select,
)
from derender.benchmarks.vision2code.data import Sample
from derender.benchmarks.vision2code.identifiers import Folder, digest, find_sample, is_checkable, question_folder
from derender.benchmarks.vision2code.scoring import Task, reference_of
from derender.benchmarks.vision2code.sources import counts, domain
from derender.core import UnknownName, UserError

SMOKE = "ChartQA:default:test:test-00000-of-00001-e2cd0b7a0f9eb20d:508"


def test_the_published_example_has_the_name_it_should():
    assert question_folder("ChartQA", "test", 509, SMOKE) == "ChartQA_test_000509_2ac3907c97d2"
    folder = Folder.parse("ChartQA_test_000509_2ac3907c97d2")
    assert (folder.dataset, folder.line, folder.digest) == ("ChartQA", 509, digest(SMOKE))
    assert find_sample(folder) == SMOKE


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("DocVQA_test_002235_7d53cc193b61", "DocVQA:DocVQA:test:test-00002-of-00006:504"),
        ("GEOQA_8K_R1V_test_000741_ab5dd7cfce32", "GEOQA_8K_R1V:default:test:test-00000-of-00001:740"),
        ("Physics_test_000007_35e4a8848c35", "Physics:default:train:train-00000-of-00002:25"),
    ],
)
def test_names_by_line_over_shards_and_by_any_row(name, sample):
    assert find_sample(Folder.parse(name)) == sample


def test_a_name_that_no_sample_has():
    assert find_sample(Folder.parse("ChartQA_test_000508_2ac3907c97d2")) is None
    assert find_sample(Folder.parse("ChartQA_test_999999_2ac3907c97d2")) is None
    assert find_sample(Folder.parse("dvqa_test_000005_d0a01b09c41c")) is None
    assert is_checkable("ChartQA") and not is_checkable("dvqa") and not is_checkable("other")
    with pytest.raises(UserError, match="'fixture_001' is no sample's folder"):
        Folder.parse("fixture_001")


def test_fifteen_sources_in_six_domains_make_the_published_counts():
    assert sum(counts(Split.TEST).values()) == 2169
    assert sum(counts(Split.TEST_MINI).values()) == 539
    of_domain = dict.fromkeys(sorted(map(domain, SOURCES)), 0)
    for source in SOURCES.values():
        of_domain[source.domain] += source.test
    assert list(of_domain.values()) == [548, 292, 356, 336, 476, 161]
    assert domain("OlympiadBench", DomainMap.CODE) == "Science"
    with pytest.raises(UnknownName, match="chartqa"):
        domain("chartqa")


def test_splits_by_any_of_their_names():
    assert Split.parse("test-mini") is Split.parse("filtered_test_mini") is Split.TEST_MINI
    with pytest.raises(UnknownName, match="unknown split 'train'"):
        Split.parse("train")


def test_rows_come_in_order_and_a_few_may_be_of_all_datasets(package):
    samples = read_manifest(package.folder)
    assert samples == package.samples
    first = [sample.source_dataset for sample in select(samples, Split.TEST, 2)]
    assert first == ["ChartQA", "ChartQA"]
    turns = [sample.source_dataset for sample in select(samples, Split.TEST, 3, spread=True)]
    assert turns == ["ChartQA", "GEOQA_8K_R1V", "ChartQA"]
    assert len(select(samples, Split.TEST)) == 4
    assert len(select(samples, Split.TEST_MINI)) == 1
    assert samples[0].image(package.folder).is_file()
    assert read_provenance(package.folder)[0].source_card_license == "gpl-3.0"


def test_an_excerpt_is_fine_and_no_whole_package(package):
    assert check_package(package.folder, small=True) == []
    found = check_package(package.folder)
    assert "test must have 2169 rows, and has 4" in found
    assert "test_mini must have 45 samples of ChartQA, and has 1" in found
    assert "the manifest must have 2708 rows, and has 5" in found
    assert not any("in the name" in problem for problem in found)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"image_path": "/etc/passwd"}, "row 2: the path of the picture is absolute: /etc/passwd"),
        ({"image_path": "images/../../x.png"}, "row 2: the path of the picture leaves the package: images/../../x.png"),
        ({"image_path": "images/none.png"}, "row 2: {}/images/none.png: no such file"),
        ({"image_path": "images"}, "row 2: {}/images: is a folder, not a file"),
        ({"image_path": "images/pipe"}, "row 2: {}/images/pipe: is a pipe or device, not a file"),
        ({"image_path": 300 * "x"}, f"row 2: {{}}/{300 * 'x'}: can't be read (file name too long)"),
        ({"question": "see /home/users/me"}, "row 2: a private path stands in it: /home/users/…"),
    ],
)
def test_rows_that_are_wrong(package, cells, problem):
    os.mkfifo(package.folder / "images/pipe")
    assert check_package(package.change(1, **cells), small=True) == [problem.format(package.folder)]


def test_a_name_that_no_file_has_is_said(package):
    (problem,) = check_package(package.change(1, image_path="images/a\0b.png"), small=True)
    assert "is no name of a file" in problem


def test_two_rows_of_one_name_are_said_and_never_scored(package):
    package.samples.append(package.samples[0])
    name = package.samples[0].question_folder
    assert check_package(package.write(), small=True) == [f"test has 2 rows of {name!r}"]
    with pytest.raises(UserError, match=f"manifest.csv has several rows of '{name}' in the split test"):
        select(read_manifest(package.folder), Split.TEST)
    assert len(select(read_manifest(package.folder), Split.TEST_MINI)) == 1


def test_a_manifest_that_is_a_pipe_is_not_waited_for(package):
    (package.folder / "manifest.csv").unlink()
    os.mkfifo(package.folder / "manifest.csv")
    with pytest.raises(UserError, match="is a pipe or device, not a file"):
        read_manifest(package.folder)


def test_a_changed_picture_is_found_and_one_without_a_hash_is_not(package):
    path = package.samples[1].image(package.folder)
    path.write_bytes(path.read_bytes() + b"\0")
    (problem,) = check_package(package.folder, small=True)
    assert "SHA-256" in problem and path.name in problem
    assert check_package(package.change(1, image_sha256=""), small=True) == []


def test_a_name_that_its_row_belies(package):
    folder = package.change(0, source_id=SMOKE)
    assert any("the digest in the name" in problem for problem in check_package(folder))
    assert check_package(folder, small=True) == []


def test_what_lacks_is_said_at_once(package):
    (package.folder / "croissant.json").unlink()
    assert check_package(package.folder, small=True) == ["croissant.json is missing"]
    package.write()
    (package.folder / "manifest.jsonl").write_text("{}\n")
    found = check_package(package.folder, small=True)
    assert found == ["manifest.csv has 5 rows and manifest.jsonl has 1"]
    (package.folder / "manifest.jsonl").write_text("{\n")
    assert "manifest.jsonl can't be read" in check_package(package.folder, small=True)[0]
    (package.folder / "manifest.jsonl").write_text(100_000 * "[")
    assert "manifest.jsonl can't be read" in check_package(package.folder, small=True)[0]
    (package.folder / "manifest.csv").write_text("split,question\ntest,why\n")
    assert "there is no column benchmark_split" in check_package(package.folder, small=True)[0]
    (package.folder / "manifest.csv").write_text(",".join(Sample.__slots__) + "\n")
    assert "the manifest has no rows" in check_package(package.folder, small=True)


def test_lines_end_where_json_says_so(package):
    package.change(0, question="one\u2028two\x85three")
    lines = [json.dumps(asdict(each), ensure_ascii=False) for each in package.samples]
    (package.folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    assert check_package(package.folder, small=True) == []


def test_a_row_never_leads_out_of_the_package(package):
    package.change(0, image_path="../secret.png")
    with pytest.raises(UserError, match="leaves the package"):
        package.samples[0].image(package.folder)
    package.change(0, image_path="")
    with pytest.raises(UserError, match="names no picture"):
        package.samples[0].image(package.folder)


def test_a_picture_that_is_a_link_out_of_the_package_is_shown_only_where_its_hash_tells_that_it_belongs(package):
    sample = package.samples[0]
    inside, outside = package.folder / sample.image_path, package.folder.parent / "private.png"
    inside.rename(outside)
    inside.symlink_to(outside)
    assert Task(sample, package.folder, None).reference == inside
    assert reference_of(Task(sample, package.folder, None)) == outside.read_bytes()
    package.change(0, image_sha256="")
    hidden = Task(package.samples[0], package.folder, None)
    assert hidden.reference is None
    with pytest.raises(UserError, match="a link out of the package"):
        reference_of(hidden)
    # One that stays inside is a picture of the package's.
    inside.unlink()
    outside.rename(inside.with_suffix(".kept"))
    inside.symlink_to(inside.with_suffix(".kept"))
    assert hidden.reference == inside


def test_lists_of_accepted_samples(tmp_path):
    rows = [
        {"dataset": name, "question_folder": f"{name}-{number}", "sample_id": f"{name}:{number}"}
        for name, source in SOURCES.items()
        for number in range(source.test)
    ]
    mini = [row for row in rows if int(row["sample_id"].split(":")[1]) < SOURCES[row["dataset"]].mini]
    test_file, mini_file = tmp_path / "test.json", tmp_path / "mini.json"
    test_file.write_text(json.dumps(rows))
    mini_file.write_text(json.dumps(mini))
    assert check_filters(test_file, mini_file) == []
    mini[0] = {**mini[0], "question_folder": "stranger"}
    mini_file.write_text(json.dumps(mini[:-1]))
    assert check_filters(test_file, mini_file) == [
        "test_mini must have 39 samples of spatialvlm_qa, and has 38",
        "stranger is in test_mini and not in test",
    ]
    mini_file.write_text("{}")
    assert "must be a list of samples" in check_filters(test_file, mini_file)[0]
    mini_file.write_text(100_000 * "[")
    assert "is no JSON" in check_filters(test_file, mini_file)[0]


def test_where_the_package_is(package, monkeypatch):
    monkeypatch.delenv("VISION2CODE_DATA_DIR", raising=False)
    with pytest.raises(UserError, match="set VISION2CODE_DATA_DIR"):
        data_folder()
    monkeypatch.setenv("VISION2CODE_DATA_DIR", str(package.folder))
    assert data_folder() == package.folder
    with pytest.raises(UserError, match="is no folder"):
        data_folder(package.folder / "nowhere")


def test_the_command_shows_the_terms_of_an_excerpt_and_what_is_wrong_with_it(package):
    def command(*options):
        line = [sys.executable, "-m", "derender", "bench", "data", "vision2code", "--check", package.folder, *options]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    done = command("--small")
    assert done.returncode == 0
    assert "gpl-3.0 · upstream terms" in done.stdout
    assert done.stdout.splitlines()[-1] == "✓ 5 samples, as they say"
    terms = package.folder / "source_licenses_provenance.csv"
    terms.write_text(terms.read_text().replace("ChartQA,", "Chart\x1b[31mQA,", 1))
    assert "Chart [31mQA" in command("--small").stdout
    done = command("--json")
    assert done.returncode == 1
    assert {"problem": "test must have 2169 rows, and has 4"} in map(json.loads, done.stdout.splitlines())
