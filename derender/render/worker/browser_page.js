// Runs in a world of its own inside the page: it sees the page's document, the page's scripts can't see or change it.
// Its value is an object of the functions the worker calls.
(() => {
  // An element's name, such as <img name=body>, hides a property of the document or the form it lies in: take the
  // prototype's.
  const own = (prototype) => (object, name, ...given) => {
    const found = Reflect.get(prototype, name, object);
    return typeof found === "function" ? found.apply(object, given) : found;
  };
  const of = own(Document.prototype);
  const at = own(HTMLElement.prototype);
  const style = (element, which) => of(at(element, "ownerDocument"), "defaultView").getComputedStyle(element, which);

  // A frame is drawn, and what watches for sizes and for what comes into view has been told: our own observer is the last.
  const frame = () => new Promise((done) => {
    const root = of(document, "documentElement");
    if (!root) return requestAnimationFrame(done);
    const last = new IntersectionObserver(() => {
      last.disconnect();
      done();
    });
    last.observe(root);
  });
  const loaded = () => new Promise((done) => {
    if (of(document, "readyState") === "complete") done();
    else addEventListener("load", done, { once: true });
  });

  // The page's document and those of its frames that it shares its origin with.
  function documents(root = document) {
    const inner = [...of(root, "querySelectorAll", "iframe, frame, object")].map((each) => each.contentDocument);
    return [root, ...inner.filter(Boolean).flatMap(documents)];
  }
  const everywhere = (selector) => documents().flatMap((each) => [...of(each, "querySelectorAll", selector)]);

  async function resources() {
    for (const each of everywhere("[loading=lazy]")) each.loading = "eager";
    await Promise.all(documents().map((each) => of(each, "fonts").ready));
    await Promise.all(everywhere("img").map(async (image) => {
      if (!image.complete) {
        await new Promise((done) => {
          image.addEventListener("load", done, { once: true });
          image.addEventListener("error", done, { once: true });
        });
      }
      if (image.naturalWidth) await image.decode().catch(() => {});
    }));
    await Promise.all(documents().slice(1).map((each) => of(each, "readyState") === "complete" ||
      new Promise((done) => of(each, "defaultView") ? of(each, "defaultView").addEventListener("load", done, { once: true }) : done())));
  }

  // What ends is shown at its end; what never ends is shown as it would be without the animation.
  function stopAnimations() {
    for (const each of documents().flatMap((inner) => of(inner, "getAnimations"))) {
      if (each.effect?.getComputedTiming().endTime === Infinity) each.cancel();
      else each.finish();
    }
    for (const svg of everywhere("svg")) {
      if (svg.ownerSVGElement || svg.animationsPaused()) continue;
      const moving = [...svg.querySelectorAll("animate, animateTransform, animateMotion, set")];
      if (!moving.length) continue;
      svg.setCurrentTime(Math.max(0, ...moving.map(endOfAnimation)));
      svg.pauseAnimations();
    }
  }
  function endOfAnimation(element) {
    try {
      const times = element.getAttribute("repeatCount") === "indefinite" ? 0 : +(element.getAttribute("repeatCount") || 1);
      return times ? element.getStartTime() + element.getSimpleDuration() * times : 0;
    } catch {
      return 0; // it has no duration, or hasn't started
    }
  }

  // Waits until a frame changed nothing in the document, after any change two in a row, or the time is up.
  async function quiet(budgetMs) {
    let changes = 0;
    const observer = new MutationObserver((records) => { changes += records.length; });
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    for (const each of documents()) observer.observe(each, what);
    const until = performance.now() + budgetMs;
    for (let still = 0; still < (changes ? 2 : 1) && performance.now() < until;) {
      const before = changes;
      const height = of(document, "documentElement")?.scrollHeight;
      await frame();
      stopAnimations();
      if (height !== of(document, "documentElement")?.scrollHeight) changes += 1;
      still = changes === before ? still + 1 : 0;
    }
    observer.disconnect();
  }

  // Lets time pass by the page's own clock, a frame at a time, each timer and callback in a task of its own; says whether
  // there was anything that waited for it. See browser_clock.js.
  async function passTime(untilMs, budgetMs) {
    const { port1, port2 } = new MessageChannel();
    const task = () => new Promise((done) => {
      port1.onmessage = done;
      port2.postMessage(null);
    });
    const moment = () => new Promise((done) => setTimeout(done, 1));
    const ask = (at) => documents().filter((each) =>
      each.defaultView?.dispatchEvent(new UIEvent("derender-clock", { detail: at, cancelable: true })) === false).length;
    const until = performance.now() + budgetMs;
    let passed = false;
    for (let at = 0, frames = 0; at < untilMs && ask(-1); passed = true) {
      at = Math.round(++frames * 1000 / 60);
      while (ask(at) && performance.now() < until) await (ask(-2) ? moment() : task());
    }
    port1.close();
    return passed;
  }

  // A caret blinks by the machine's clock.
  function hideCarets() {
    for (const each of documents()) {
      if (!each.defaultView) continue;
      const sheet = new each.defaultView.CSSStyleSheet();
      sheet.replaceSync("* { caret-color: transparent !important }");
      each.adoptedStyleSheets = [...each.adoptedStyleSheets, sheet];
    }
  }

  async function settle(budgetMs, shownMs) {
    await loaded();
    await resources();
    hideCarets();
    stopAnimations();
    await quiet(budgetMs);
    await resources();
    if (!await passTime(shownMs, 10 * budgetMs)) return;
    await resources();
    stopAnimations();
    await quiet(budgetMs);
  }

  const SVG = "http://www.w3.org/2000/svg";
  const BREAKING = /^(block|flex|grid|list-item|table|flow-root|inline-block|inline-flex|inline-grid)/;
  const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "DATALIST", "CANVAS", "VIDEO", "AUDIO",
    "title", "desc", "metadata", "defs", "style", "script", "OBJECT"]);

  // The words that can be seen, in document order, one entry per line or block.
  function texts(limit) {
    const runs = [];
    let run = "";
    let size = 0;
    const end = () => {
      const text = run.replace(/\s+/g, " ").trim();
      if (text && size < limit) runs.push(text.slice(0, limit - size));
      size += text.length;
      run = "";
    };
    const alone = (text) => { end(); run = text; end(); };

    function walk(node) {
      if (size >= limit) return;
      const type = at(node, "nodeType");
      if (type === Node.TEXT_NODE) run += transformed(node);
      else if (type === Node.ELEMENT_NODE) element(node);
    }
    function element(node) {
      const tag = at(node, "tagName");
      if (SILENT.has(tag)) return;
      if (tag === "BR") return end();
      const look = style(node);
      if (look.display === "none") return;
      if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT") return shown(node, look) && alone(valueOf(node));
      if (tag === "IFRAME" || tag === "FRAME") {
        end();
        const body = node.contentDocument && of(node.contentDocument, "body");
        if (body) walk(body);
        return end();
      }
      const breaks = BREAKING.test(look.display) || at(node, "namespaceURI") === SVG && tag !== "tspan" && tag !== "textPath";
      if (breaks) end();
      run += generated(node, "::before");
      for (const child of children(node)) walk(child);
      run += generated(node, "::after");
      if (breaks) end();
    }
    const root = of(document, "body") ?? of(document, "documentElement");
    if (root) walk(root);
    end();
    return runs;
  }
  const children = (node) => {
    const shadow = at(node, "shadowRoot");
    if (shadow) return shadow.childNodes;
    const given = at(node, "tagName") === "SLOT" ? node.assignedNodes() : [];
    return given.length ? given : at(node, "childNodes");
  };
  const shown = (element, look) => look.visibility === "visible" && at(element, "checkVisibility", { opacityProperty: true });

  function transformed(node) {
    const parent = node.parentElement ?? node.getRootNode().host;
    if (!parent || !node.data.trim()) return node.data.trim() ? "" : " ";
    const look = style(parent);
    if (!shown(parent, look) || tiny(parent) || look.fontSize === "0px") return "";
    if (look.textTransform === "uppercase") return node.data.toUpperCase();
    if (look.textTransform === "lowercase") return node.data.toLowerCase();
    return look.textTransform === "capitalize" ? node.data.replace(/\b\p{L}/gu, (c) => c.toUpperCase()) : node.data;
  }
  // Text meant for screen readers alone hides in a box of one pixel.
  const tiny = (element) => at(element, "namespaceURI") !== SVG && element.offsetWidth <= 1 && element.offsetHeight <= 1 &&
    style(element).display !== "contents";

  function valueOf(control) {
    if (control.tagName === "SELECT") return control.selectedOptions[0]?.label ?? "";
    if (/^(hidden|checkbox|radio|range|color|file|image)$/.test(control.type)) return "";
    if (control.type === "password" && control.value) return "";
    return control.value || control.placeholder || "";
  }
  function generated(element, which) {
    const content = style(element, which).content;
    const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(content);
    return quoted && /[\p{L}\p{N}]/u.test(quoted[1]) ? quoted[1].replace(/\\(.)/g, "$1") : "";
  }

  // The words that can be seen, in document order, each as [word, left, top, width, height] in CSS pixels of the page.
  function places(limit) {
    const found = [];
    const range = of(document, "createRange");
    function word(node, from, to, text, [dx, dy]) {
      range.setStart(node, from);
      range.setEnd(node, to);
      const box = range.getBoundingClientRect();
      if (box.width > 0 && box.height > 0) found.push([text, box.left + dx, box.top + dy, box.width, box.height]);
    }
    function walk(node, shift) {
      if (found.length >= limit) return;
      const type = at(node, "nodeType");
      if (type === Node.TEXT_NODE) {
        const shownText = transformed(node);
        if (!shownText.trim()) return;
        const same = shownText.length === node.data.length ? shownText : node.data;
        for (const match of same.matchAll(/\S+/g)) {
          if (found.length >= limit) return;
          word(node, match.index, match.index + match[0].length, match[0].slice(0, 200), shift);
        }
      } else if (type === Node.ELEMENT_NODE) element(node, shift);
    }
    function element(node, shift) {
      const tag = at(node, "tagName");
      if (SILENT.has(tag) || style(node).display === "none") return;
      if (tag === "IFRAME" || tag === "FRAME") {
        const body = node.contentDocument && of(node.contentDocument, "body");
        const box = at(node, "getBoundingClientRect");
        if (body) walk(body, [shift[0] + box.left + at(node, "clientLeft"), shift[1] + box.top + at(node, "clientTop")]);
        return;
      }
      for (const child of children(node)) walk(child, shift);
    }
    const root = of(document, "body") ?? of(document, "documentElement");
    if (root) walk(root, [scrollX, scrollY]);
    return found;
  }

  // A CSS colour as [red, green, blue, alpha], 0 to 255 each; null when it is none.
  function colour(text) {
    if (!CSS.supports("color", text)) return null;
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  }

  return { settle, texts, places, colour };
})()
