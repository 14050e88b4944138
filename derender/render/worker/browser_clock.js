// Runs first in every document of a page, in the page's own world. The page's clock stands at a fixed moment and moves
// only when the worker says so, by an event that page scripts have no reason to know; chance begins at a fixed seed.
// What stands in for a function of the browser is a proxy of it: it has its name, its length, and prints as native.
// On a page that is not `held`, where our own code draws figures, only the date and chance are fixed.
(held) => {
  const MOMENT = 1704067200000;
  const TICK = 0.005; // what the clock moves on when it is asked, so that loops that wait for it end
  const SEED = 0x9e3779b9;
  const instead = (owner, name, answer) => {
    const original = owner?.[name];
    if (typeof original !== "function") return;
    const apply = (target, self, given) => answer.call(self, given, target);
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: new Proxy(original, { apply }) });
  };
  const constant = (owner, name, value) => {
    const { get, ...rest } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
    if (get) Object.defineProperty(owner, name, { ...rest, get: new Proxy(get, { apply: () => value }) });
  };

  // The clock.
  const real = performance.now.bind(performance);
  let elapsed = 0;
  const now = () => (elapsed += TICK);
  const date = () => Math.floor(MOMENT + now());
  const NativeDate = Date;
  const FixedDate = new Proxy(NativeDate, {
    construct: (target, given, made) => Reflect.construct(target, given.length ? given : [date()], made),
    apply: (target) => new target(date()).toString(),
  });
  NativeDate.prototype.constructor = FixedDate;
  instead(NativeDate, "now", date);
  Object.defineProperty(globalThis, "Date", { ...Object.getOwnPropertyDescriptor(globalThis, "Date"), value: FixedDate });
  if (held) instead(Performance.prototype, "now", () => Math.round(now() * 10) / 10);
  constant(Performance.prototype, "timeOrigin", MOMENT);
  constant(Document.prototype, "lastModified", "01/01/2024 00:00:00");
  instead(Intl.DateTimeFormat.prototype, "formatToParts", function (given, native) {
    return native.call(this, given[0] === undefined ? date() : given[0]);
  });
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format");
  const formats = new WeakMap();
  const bound = new Proxy(format.get, { apply(native, self) {
    const made = native.call(self);
    if (!formats.has(self)) {
      const apply = (target, _, given) => target(given[0] === undefined ? date() : given[0]);
      formats.set(self, new Proxy(made, { apply }));
    }
    return formats.get(self);
  } });
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { ...format, get: bound });
  if (globalThis.Temporal) {
    const instant = () => Temporal.Instant.fromEpochMilliseconds(date());
    const zoned = (zone) => instant().toZonedDateTimeISO(zone ?? "UTC");
    instead(Temporal.Now, "instant", instant);
    instead(Temporal.Now, "zonedDateTimeISO", ([zone]) => zoned(zone));
    for (const part of ["PlainDate", "PlainTime", "PlainDateTime"]) {
      instead(Temporal.Now, part[0].toLowerCase() + part.slice(1) + "ISO", ([zone]) => zoned(zone)[`to${part}`]());
    }
  }

  // What waits for the clock: by the time it is due, then by the order it was asked for.
  const waiting = new Map();
  const frames = new Map();
  let last = 0;
  let depth = 0;
  const runs = (callback) => typeof callback === "function" ? callback : () => (0, eval)(`${callback}`);
  const wait = (repeat) => ([callback, delay, ...given]) => {
    // As browsers do, so that a timer which sets the next one lets time pass.
    const every = Math.max(repeat || depth > 4 ? 4 : 0, Number(delay) || 0);
    const nested = depth + 1;
    const call = () => {
      depth = nested;
      try {
        runs(callback).apply(globalThis, given);
      } finally {
        depth = 0;
      }
    };
    waiting.set(++last, { call, due: elapsed + every, every: repeat ? every : null });
    return last;
  };
  const forget = ([id]) => { waiting.delete(Number(id)); };
  if (held) {
    instead(globalThis, "setTimeout", wait(false));
    instead(globalThis, "setInterval", wait(true));
    instead(globalThis, "clearTimeout", forget);
    instead(globalThis, "clearInterval", forget);
    instead(globalThis, "requestAnimationFrame", ([callback], native) => {
      if (typeof callback !== "function") return native(callback);
      frames.set(++last, callback);
      return last;
    });
    instead(globalThis, "cancelAnimationFrame", ([id]) => { frames.delete(Number(id)); });
    instead(globalThis, "requestIdleCallback", ([callback]) => {
      const deadline = { didTimeout: false, timeRemaining: () => 10 };
      return wait(false)([() => callback(deadline), 1]);
    });
    instead(globalThis, "cancelIdleCallback", forget);

    // What was asked of the network, the disk or another thread is answered before the clock moves on; not for ever: an
    // answer may itself wait for the clock, or never come. What is owed is kept with the time at which it was asked for.
    const PATIENCE_MS = 3000;
    const { addEventListener: listen } = EventTarget.prototype;
    const { then } = Promise.prototype;
    const pending = new Map();
    const owe = () => {
      const token = {};
      pending.set(token, real());
      return () => pending.delete(token);
    };
    const owed = () => {
      for (const [token, since] of pending) if (real() - since > PATIENCE_MS) pending.delete(token);
      return pending.size > 0;
    };
    const promised = (owner, ...names) => names.forEach((name) => instead(owner, name, function (given, native) {
      const answer = native.apply(this, given);
      const done = owe();
      Reflect.apply(then, answer, [done, done]);
      return answer;
    }));
    const body = ["arrayBuffer", "blob", "bytes", "formData", "json", "text"];
    const { Blob, Cache, CacheStorage, FontFace, FontFaceSet, HTMLImageElement, IDBFactory, LockManager, OffscreenCanvas, Request,
      Response, ServiceWorkerContainer, StorageManager, SubtleCrypto } = globalThis;
    promised(globalThis, "fetch", "createImageBitmap");
    promised(globalThis.WebAssembly, "compile", "compileStreaming", "instantiate", "instantiateStreaming");
    promised(Blob?.prototype, ...body);
    promised(Cache?.prototype, "add", "addAll", "delete", "keys", "match", "matchAll", "put");
    promised(CacheStorage?.prototype, "delete", "has", "keys", "match", "open");
    promised(FontFace?.prototype, "load");
    promised(FontFaceSet?.prototype, "load");
    promised(HTMLImageElement?.prototype, "decode");
    promised(IDBFactory?.prototype, "databases");
    promised(LockManager?.prototype, "query");
    promised(OffscreenCanvas?.prototype, "convertToBlob");
    promised(Request?.prototype, ...body);
    promised(Response?.prototype, ...body);
    promised(ServiceWorkerContainer?.prototype, "getRegistration", "getRegistrations");
    promised(StorageManager?.prototype, "estimate", "getDirectory", "persisted");
    promised(SubtleCrypto?.prototype, "decrypt", "deriveBits", "deriveKey", "digest", "encrypt", "exportKey", "generateKey",
      "importKey", "sign", "unwrapKey", "verify", "wrapKey");
    promised(globalThis.FileSystemHandle?.prototype, "move", "remove");
    promised(globalThis.FileSystemDirectoryHandle?.prototype, "getDirectoryHandle", "getFileHandle", "removeEntry", "resolve");
    promised(globalThis.FileSystemFileHandle?.prototype, "createWritable", "getFile");

    const announced = (owner, names, ends) => names.forEach((name) => instead(owner, name, function (given, native) {
      const answer = native.apply(this, given);
      const done = owe();
      for (const each of ends) Reflect.apply(listen, answer, [each, done, { once: true }]);
      return answer;
    }));
    const sent = (owner, name) => instead(owner, name, function (given, native) {
      const done = owe();
      Reflect.apply(listen, this, ["loadend", done, { once: true }]);
      try {
        return native.apply(this, given);
      } catch (error) {
        done();
        throw error;
      }
    });
    announced(IDBFactory?.prototype, ["open", "deleteDatabase"], ["success", "error"]);
    announced(globalThis.IDBDatabase?.prototype, ["transaction"], ["complete", "error", "abort"]);
    for (const name of ["readAsArrayBuffer", "readAsBinaryString", "readAsDataURL", "readAsText"]) sent(globalThis.FileReader?.prototype, name);
    sent(globalThis.XMLHttpRequest?.prototype, "send");

    let frame = [];
    const moving = (until) => {
      const [id, next] = [...waiting].reduce((a, b) => (b[1].due < (a[1]?.due ?? Infinity) ? b : a), [0, null]);
      if (next && next.due <= until) {
        elapsed = Math.max(elapsed, next.due);
        if (next.every === null) waiting.delete(id);
        else next.due = Math.max(next.due + next.every, elapsed);
        return next.call;
      }
      if (elapsed < until) {
        elapsed = until;
        frame = [...frames.keys()];
      }
      for (let id; (id = frame.shift());) {
        const callback = frames.get(id);
        frames.delete(id);
        if (callback) return () => callback(until);
      }
      return null;
    };
    // Asked: run the next thing that is due up to a time in milliseconds. Answered by the event's being cancelled: something
    // was run, or an answer is waited for. Asked for -1: whether anything waits at all; for -2: whether an answer does.
    const idle = () => !waiting.size && !frames.size && !owed();
    addEventListener("derender-clock", (event) => {
      event.stopImmediatePropagation();
      if (event.detail === -2) return void (owed() && event.preventDefault());
      if (event.detail < 0) return void (idle() || event.preventDefault());
      if (owed()) return event.preventDefault();
      const call = moving(event.detail);
      if (!call) return;
      event.preventDefault();
      try {
        call();
      } catch (error) {
        reportError(error);
      }
    });
  }

  // Chance.
  let state = SEED;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  addEventListener("derender-begin", (event) => {
    event.stopImmediatePropagation();
    state = SEED;
    if (!held) elapsed = 0;
  });
  instead(Math, "random", () => random() / 4294967296);
  const fill = ([array], native) => {
    native.call(crypto, array); // it checks what it is given
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.forEach((_, place) => { bytes[place] = random(); });
    return array;
  };
  instead(globalThis.Crypto?.prototype, "getRandomValues", fill);
  instead(globalThis.Crypto?.prototype, "randomUUID", () => {
    const digits = Array.from({ length: 32 }, () => (random() & 15).toString(16));
    digits[12] = "4";
    digits[16] = "89ab"[random() & 3];
    return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  });

  // What a page can see of the machine.
  constant(Navigator.prototype, "hardwareConcurrency", 4);
  constant(Navigator.prototype, "deviceMemory", 8);
}
