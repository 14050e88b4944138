"""What every document runs before its own scripts, so that it stays where it is and talks no more than anyone reads."""

GUARD = """(() => {
  // Only errors are told. Each message costs the one process that all pages share.
  const { error, assert, createTask } = console;
  let left = 200;
  const shortened = (each) => typeof each === "string" && each.length > 2000 ? each.slice(0, 2000) : each;
  const told = (say, words) => { if (left-- > 0) say.apply(console, words.slice(0, 20).map(shortened)); };
  for (const name of Object.getOwnPropertyNames(console)) {
    if (typeof console[name] === "function") console[name] = () => {};
  }
  console.error = (...words) => told(error, words);
  console.assert = (holds, ...words) => { if (!holds) told(assert, [false, ...words]); };
  console.context = () => console;
  console.createTask = createTask;

  window.open = (url) => { console.error(`a new window was refused: ${url}`); return null; };
  window.close = () => {};

  // What leads to an address on the network is refused where requests are answered.
  const { preventDefault } = Event.prototype;
  if (window === top) navigation?.addEventListener("navigate", (event) => {
    const { url, sameDocument } = event.destination;
    if (sameDocument || url.startsWith("http")) return;
    preventDefault.call(event);
    console.error(`a navigation was refused: ${url}`);
  });
})()"""
