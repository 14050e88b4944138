"""The page as people use it, in a real browser, light and dark, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from derender.report import write_gallery

from .conftest import HOSTILE, PYTHON, write_results

WIDE, NARROW = (1400, 900), (390, 844)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def gallery(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(small_run, tmp_path_factory.mktemp("gallery") / "index.html", title=f"small {HOSTILE}")


def names(page: Page) -> list[str]:
    return page.locator("#list .name").all_text_contents()


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_looks_right_in_every_view(open_page: Open, gallery: Path, scheme: str, size: tuple[int, int]) -> None:
    page = open_page(gallery, scheme=scheme, size=size)
    assert overflow(page) <= 0
    assert all(value >= 4.5 for value in page.evaluate(CONTRASTS).values())
    page.evaluate("document.querySelector('.card img').ready")
    assert page.evaluate("document.querySelector('.card img').naturalWidth") == 320
    for view in ("Slider", "Table", "Compare"):
        page.get_by_role("button", name=view, exact=True).click()
        assert len(names(page)) == 8
        assert overflow(page) <= 0
    page.locator(".card .name").first.click()
    expect(page.locator("dialog .stage img").first).to_be_visible()
    for mode in "1234":
        page.keyboard.press(mode)
        assert page.evaluate("document.querySelector('dialog').scrollWidth - innerWidth") <= 0
        box = page.locator("dialog .sheet").last.bounding_box()
        assert box is not None and box["width"] > 150


# The contrast of every pair of text and ground that the page uses, as the browser resolves them.
CONTRASTS = """() => {
  const probe = document.body.appendChild(document.createElement('i'));
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = ['text/page', 'muted/page', 'muted/card', 'muted/well', 'accent/card', 'accent/accent-soft',
    'accent/page', 'failed/failed-soft', 'failed/card', 'ours/ours-soft', 'ours/card', 'text/failed-soft',
    'text/ours-soft'];
  const found = Object.fromEntries(pairs.map((pair) => {
    const [a, b] = pair.split('/').map(light).sort((x, y) => y - x);
    return [pair, (a + 0.05) / (b + 0.05)];
  }));
  probe.remove();
  return found;
}"""


def test_the_theme_can_be_chosen(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    toggle = page.get_by_role("button", name="Colours")
    toggle.click()
    assert page.evaluate(background) == before
    toggle.click()
    assert page.evaluate(background) != before
    page.reload()
    assert page.evaluate(background) != before


def test_the_head_counts_outcomes_and_means(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    expect(page.locator("#facts")).to_contain_text("8 rows")
    expect(page.locator("#facts")).to_contain_text("1 line of results.jsonl could not be read")
    keys = page.locator(".keys .key").all_text_contents()
    assert [key.strip() for key in keys] == ["4 drawn", "2 failed", "1 ours", "1 not rendered", "2 unscored"]
    ssim = page.locator(".tile", has_text="ssim")
    # 0.97, 0.6, 0.8 and 0.9; rows without a value are not zeros.
    expect(ssim.locator("strong")).to_have_text("0.818")
    expect(ssim.locator(".big span")).to_have_text("n 4")
    assert ssim.locator(".big span").get_attribute("title") == "mean of 4 rows; 4 without a value; 1 of them unscored"


def test_hostile_text_is_shown_and_does_nothing(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    card = page.locator(".card").nth(5)
    expect(card.locator(".name")).to_have_text(HOSTILE)
    expect(card.locator(".message")).to_have_text(HOSTILE)
    card.locator(".name").click()
    expect(page.locator("dialog .code .line.bad")).to_contain_text("window.pwned=1")
    expect(page.locator("dialog .warnings li")).to_have_text(HOSTILE)
    expect(page.locator("dialog h2")).to_have_text(HOSTILE)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Table", exact=True).click()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x], svg").count() == 0


def test_search_and_filters_narrow_the_rows_and_can_be_undone(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    page.keyboard.press("/")
    page.keyboard.type("frobnicate bars")
    assert names(page) == ["bars"]
    expect(page.locator("#shown")).to_have_text("1 of 8 rows")
    page.locator(".chip").click()
    page.get_by_label("Outcome").select_option("failed:runtime")
    assert names(page) == ["bars", HOSTILE]
    page.locator("#targets").get_by_role("button", name="python").click()
    assert names(page) == ["bars"]
    page.get_by_role("button", name="Clear all").click()
    page.get_by_label("Group").select_option("icon")
    assert names(page) == ["more", "third"]
    page.locator(".key.ours").click()
    assert names(page) == ["third"]
    page.get_by_label("Search").fill("nothing at all")
    page.get_by_role("button", name="Clear all filters").click()
    assert len(names(page)) == 8


def test_scores_filter_by_numbers_and_by_dragging_over_the_distribution(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    page.locator("#ranges summary").click()
    page.get_by_label("ssim, at least", exact=True).fill("0.85")
    assert names(page) == ["bars", "several"]
    page.get_by_label("ssim, at most", exact=True).fill("0.95")
    assert names(page) == ["several"]
    expect(page.locator(".chip")).to_contain_text("ssim 0.850 – 0.950")
    page.locator(".chip").click()
    box = page.locator(".tile", has_text="ssim").locator(".bars").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 10)
    page.mouse.up()
    assert names(page) == ["more", "gone"]


def test_rows_sort_both_ways_and_those_without_a_score_stay_last(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    page.locator("#sort").select_option(label="ssim")
    assert names(page)[:4] == ["more", "gone", "several", "bars"]
    page.locator("#direction").click()
    assert names(page)[:4] == ["bars", "several", "gone", "more"]
    page.get_by_role("button", name="Table", exact=True).click()
    page.locator("thead").get_by_role("button", name="Name").click()
    assert names(page) == sorted(names(page), key=str.lower)
    assert page.locator("thead [aria-sort]").count() == 1


def test_unscored_says_why_and_a_missing_picture_is_named(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    more = page.locator(".card", has=page.get_by_role("link", name="more", exact=True))
    assert (
        more.locator(".scores > div", has_text="words recall").get_attribute("title")
        == "unscored: no text in the reference"
    )
    gone = page.locator(".card", has=page.get_by_role("link", name="gone", exact=True))
    assert gone.locator(".absent").all_text_contents() == ["no such file", "no such file"]
    bare = page.locator(".card", has=page.get_by_role("link", name="bare", exact=True))
    expect(bare.locator(".absent").first).to_have_text("no reference")


def test_the_keyboard_turns_pages_and_closes(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery)
    page.locator(".card .name").nth(2).focus()
    page.keyboard.press("Enter")
    heading = page.locator("dialog h2")
    expect(heading).to_have_text("more")
    assert page.url.endswith("#more")
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("third")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("bars")
    assert page.url.endswith("#bars%2Fpython%2Ftrace")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator(".card:focus-within .tag.target")).to_have_text("python")


def test_a_link_to_a_row_opens_it_and_back_closes_it(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, anchor="#gone")
    expect(page.locator("dialog h2")).to_have_text("gone")
    page.keyboard.press("Escape")
    page.locator(".card .name").first.click()
    expect(page.locator("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog")).to_be_hidden()
    page.evaluate("location.hash = '%E0%A4%A'")
    expect(page.locator("dialog")).to_be_hidden()


def test_the_slider_uncovers_one_picture_or_the_other(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, anchor="#more")
    page.keyboard.press("2")
    box = page.locator("dialog .stack").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    edge = float(page.evaluate("parseFloat(document.querySelector('dialog .stack').style.getPropertyValue('--at'))"))
    assert edge == pytest.approx(25, abs=1)
    # The mouse leaves no focus behind that would swallow the arrow keys.
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog h2")).to_have_text("third")


def test_the_difference_shows_what_went_missing(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, anchor="#more")
    page.keyboard.press("4")
    amount = page.locator("dialog .stage figcaption b")
    # A bar of 29 pixels is 20 pixels lower: 29 * 20 / (320 * 240).
    expect(amount).to_have_text("0.76 % of pixels differ visibly")
    orange = """() => {
      const canvas = document.querySelector('dialog canvas');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let count = 0;
      for (let i = 0; i < data.length; i += 4) count += data[i] > 180 && data[i + 2] < 120;
      return count;
    }"""
    assert page.evaluate(orange) == pytest.approx(29 * 20, abs=60)


def test_zoom_magnifies_whole_pixels(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, anchor="#more")
    page.keyboard.press("3")
    for _ in range(3):
        page.keyboard.press("+")
    sheet = page.locator("dialog .sheet")
    assert page.locator("dialog .zoom output").text_content() == "1600 %"
    assert sheet.evaluate("node => node.offsetWidth") == 320 * 16
    assert sheet.locator("img").first.evaluate("node => getComputedStyle(node).imageRendering") == "pixelated"
    page.keyboard.press("0")
    assert sheet.evaluate("node => node.offsetWidth") < 1400


@pytest.mark.parametrize("clipboard", ["offered", "refused"])
def test_the_program_is_numbered_marked_and_copied(open_page: Open, gallery: Path, clipboard: str) -> None:
    page = open_page(gallery)
    if clipboard == "offered":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
    page.evaluate("location.hash = 'bars/python/trace'")
    expect(page.locator("dialog .line")).to_have_count(5)
    expect(page.locator("dialog .line.bad")).to_have_text("plt.frobnicate()\n")
    expect(page.locator("dialog .line .k").first).to_have_text("import")
    page.locator("dialog .copy").click()
    expect(page.locator("dialog .copy")).to_have_text("Copied")
    copied = "navigator.clipboard.readText()" if clipboard == "offered" else "window.copied"
    assert page.evaluate(copied) == PYTHON


PROGRAMS = {
    "long-name.py": "a" * 140_000,
    "spaces.svg": "a" + " " * 140_000 + '"',
    "styles.html": "<style>" + "a:" * 60_000,
    "open.py": 'x = """never closed 🙂\n\n' + "'" * 50_000,
    "mixed.html": "<!doctype html>\n<style>p{color:#fff}</style>\n<p a='1'>&lt;<script>let x = `a` // b\n</script>",
    "figure.tex": "\\draw[->] (0,0) -- (1,1); % arrow\n",
    "endless.svg": "<svg>" * 90_000,
}


def test_colours_change_no_letter_and_hang_on_no_program(open_page: Open, tmp_path: Path) -> None:
    for name, source in PROGRAMS.items():
        (tmp_path / name).write_text(source)
    page = open_page(write_gallery(write_results(tmp_path, [{"id": name, "program": name} for name in PROGRAMS])))
    for name, source in PROGRAMS.items():
        page.evaluate("name => { location.hash = name; }", name)
        expect(page.locator("dialog .program h3")).to_have_text(name)
        shown = page.evaluate("document.querySelector('dialog .code').textContent")
        assert shown.rstrip("\n") == source[:400_000].rstrip("\n")
    expect(page.locator("dialog .note")).to_have_text("only the first 400,000 characters are shown")


def test_a_row_with_several_pictures_lets_one_choose(open_page: Open, gallery: Path) -> None:
    page = open_page(gallery, anchor="#several")
    page.keyboard.press("4")
    amount = page.locator("dialog .stage figcaption b")
    first = amount.text_content()
    page.locator("dialog .pictures").get_by_role("button", name="more.png").click()
    expect(amount).not_to_have_text(first or "")


def test_without_scripts_the_scores_are_still_there(browser, gallery: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(gallery.as_uri())
    assert page.locator("noscript tr").count() == 9
    expect(page.locator("noscript tr").nth(1)).to_contain_text("0.97")
    context.close()
