// The timeline to move in.
//
// Owns: which stretch of time is shown (`view`), which event is chosen (`chosen`), and the canvas.
// Rule: a frame costs what is seen. Stretches that fall into one pixel are drawn as the share of time that each
// state has of that pixel, so that none hides another; whatever is looked up by time is found by bisection.
"use strict";
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const one = (id) => document.getElementById(id);
  const chart = one("chart"), told = one("told"), tip = one("tip"), keys = one("keys");
  const pen = chart.getContext("2d");
  const LEFT = 150, TOP = 22, THREAD = 34, THING = 30, FEWEST = 50; // pixels; ns that a view has at least
  const duration = Math.max(run.duration, 1);
  const WAITING = run.states.indexOf("waiting"), NOTIFIED = run.states.indexOf("notified");
  const view = { from: 0, to: duration };
  let chosen = -1, width = 0, colours = {}, asked = false;

  // Lanes, from top to bottom

  const lanes = [];
  let height = TOP;
  for (const thread of run.threads) {
    lanes.push({ kind: "thread", of: thread, number: lanes.length + 1, y: height, h: THREAD });
    height += THREAD;
  }
  for (const thing of run.things) {
    lanes.push({ kind: "thing", of: thing, y: height, h: THING });
    height += THING;
  }
  height += 6;
  // The time that a thread has spent in each state before each of its spans.
  for (const { of: thread, kind } of lanes) {
    if (kind !== "thread") continue;
    const sums = run.states.map(() => new Float64Array(thread.starts.length + 1));
    thread.starts.forEach((start, i) => {
      const end = i + 1 < thread.starts.length ? thread.starts[i + 1] : thread.end;
      sums.forEach((sum, state) => { sum[i + 1] = sum[i] + (thread.states[i] === state ? end - start : 0); });
    });
    thread.sums = sums;
  }
  // reach: how late a hold ends of those up to each; holds of one lane overlap, and a long one outlasts later ones.
  for (const lane of [...run.threads, ...run.things]) {
    let latest = -Infinity;
    lane.reach = lane.to.map((to) => latest = Math.max(latest, to));
  }
  const waitAt = new Map(run.waits.start.map((start, i) => [`${run.waits.thread[i]}:${start}`, i]));

  // How many of these sorted numbers are at most that one; so many are known to be.
  function upTo(numbers, value, known = 0) {
    let low = known, high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[middle] <= value) low = middle + 1; else high = middle;
    }
    return low;
  }

  // Words

  function length(ns) {
    for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
      if (Math.abs(ns) >= size) return `${+(ns / size).toPrecision(4)} ${unit}`;
    }
    return `${Math.round(ns)} ns`;
  }
  const name = (number) => (run.threads[number - 1] || { name: `thread ${number}` }).name;

  // Drawing

  const x = (time) => LEFT + (time - view.from) / (view.to - view.from) * (width - LEFT);
  const timeAt = (pixel) => view.from + (pixel - LEFT) / (width - LEFT) * (view.to - view.from);

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const each of ["paper", "ink", "quiet", "rule", "running", "ready", "sleeping", "chosen"]) {
      colours[each] = style.getPropertyValue(`--${each}`).trim();
    }
    colours.hatches = new Map();
  }

  function hatch(colour) {
    if (!colours.hatches.has(colour)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const on = tile.getContext("2d");
      on.fillStyle = colours.paper;
      on.fillRect(0, 0, 8, 8);
      on.strokeStyle = colour;
      on.lineWidth = 2;
      on.beginPath();
      for (const from of [-8, 0, 8]) { on.moveTo(from, 8); on.lineTo(from + 8, 0); }
      on.stroke();
      colours.hatches.set(colour, pen.createPattern(tile, "repeat"));
    }
    return colours.hatches.get(colour);
  }

  const thingColour = (number) => run.colours[number - 1] || colours.quiet;
  const PLAIN = { running: "running", sleeping: "sleeping" };  // the others look like a thread that is ready
  const plainColour = (state) => colours[PLAIN[run.states[state]] || "ready"];

  function draw() {
    asked = false;
    const scale = window.devicePixelRatio || 1;
    width = chart.clientWidth;
    if (chart.width !== Math.round(width * scale) || chart.height !== Math.round(height * scale)) {
      chart.style.height = `${height}px`;
      chart.width = Math.round(width * scale);
      chart.height = Math.round(height * scale);
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, width, height);
    pen.font = "13px system-ui, sans-serif";
    pen.textBaseline = "middle";
    const box = chart.getBoundingClientRect();
    drawAxis();
    for (const lane of lanes) {
      if (box.top + lane.y > window.innerHeight || box.top + lane.y + lane.h < 0) continue;
      pen.save();
      pen.beginPath();
      pen.rect(LEFT, lane.y, width - LEFT, lane.h);
      pen.clip();
      if (lane.kind === "thread") drawThread(lane); else drawThing(lane);
      pen.restore();
      drawName(lane);
    }
    drawChosen();
  }

  function again() {
    if (!asked) { asked = true; requestAnimationFrame(draw); }
  }

  function drawAxis() {
    const wanted = (view.to - view.from) / Math.max(2, (width - LEFT) / 110);
    const power = 10 ** Math.floor(Math.log10(wanted));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted);
    const limit = run.end < duration ? Math.min(width, x(run.end)) : width; // beyond it there are no times
    pen.fillStyle = colours.quiet;
    pen.strokeStyle = colours.rule;
    pen.lineWidth = 1;
    for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
      const at = Math.round(x(time)) + .5;
      pen.beginPath();
      pen.moveTo(at, TOP - 4);
      pen.lineTo(at, height);
      pen.stroke();
      const word = time === 0 ? "0" : length(time);
      if (at + 3 + pen.measureText(word).width <= limit) pen.fillText(word, at + 3, 9);
    }
    drawEnd();
  }

  // Where the record ends, and what is still open goes on for ever.
  function drawEnd() {
    if (run.end >= duration) return;
    const at = Math.round(x(run.end)) + .5;
    pen.save();
    pen.strokeStyle = colours.quiet;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    pen.moveTo(at, TOP - 4);
    pen.lineTo(at, height);
    pen.stroke();
    pen.fillText("and so on", at + 3, 9);
    pen.restore();
  }

  function drawName(lane) {
    pen.fillStyle = colours.ink;
    let text = lane.of.name;
    while (pen.measureText(text).width > LEFT - 12 && text.length > 1) text = `${text.slice(0, -2)}…`;
    pen.fillText(text, 2, lane.y + 11);
    if (lane.kind === "thing") {
      pen.fillStyle = colours.quiet;
      pen.fillText(lane.of.type, 2, lane.y + 24);
    }
    pen.strokeStyle = colours.rule;
    pen.beginPath();
    pen.moveTo(0, lane.y + lane.h - .5);
    pen.lineTo(width, lane.y + lane.h - .5);
    pen.stroke();
  }

  function drawThread(lane) {
    const thread = lane.of, first = Math.max(0, upTo(thread.starts, view.from) - 1);
    const last = upTo(thread.starts, view.to);
    if (last - first > (width - LEFT) / 2) drawShares(lane); else drawSpans(lane, first, last);
    drawHolds(thread, lane.y + 22, 7, (i) => thingColour(thread.of[i]), null);
  }

  function drawSpans(lane, first, last) {
    const thread = lane.of;
    for (let i = first; i < last; i++) {
      const end = i + 1 < thread.starts.length ? thread.starts[i + 1] : thread.end;
      const from = x(thread.starts[i]), long = Math.max(1, x(end) - from), state = thread.states[i];
      const waits = state === WAITING || state === NOTIFIED;
      pen.fillStyle = waits ? hatch(thingColour(run.waits.thing[thread.waits[i]])) : plainColour(state);
      pen.fillRect(from, lane.y + 4, long, 17);
      const begin = Math.max(from, LEFT), room = Math.min(from + long, width) - begin - 8;
      const word = waits ? waitWord(thread.waits[i]) : run.states[state];
      if (room > 20 && pen.measureText(word).width < room) writeOver(word, begin + 4, lane.y + 13);
    }
  }

  function waitWord(wait) {
    const thing = run.waits.thing[wait], holder = run.waits.holder[wait];
    if (!thing) return `waits for ${name(holder)} to end`;
    const known = run.things.find((each) => each.number === thing);
    return `waits${known ? ` for ${known.name}` : ""}${holder ? ` · ${name(holder)}` : ""}`;
  }

  // Readable on a hatched ground.
  function writeOver(word, left, middle) {
    pen.fillStyle = colours.paper;
    pen.fillRect(left - 2, middle - 7, pen.measureText(word).width + 4, 14);
    pen.fillStyle = colours.ink;
    pen.fillText(word, left, middle);
  }

  // Into `into`: the time of a thread in each state, from its begin to then. first: a span before it. Returns its span.
  function spend(thread, time, first, into) {
    const starts = thread.starts, until = Math.min(time, thread.end);
    let i = upTo(starts, time, first) - 1;
    for (let state = 0; state < into.length; state++) into[state] = i < 0 ? 0 : thread.sums[state][i];
    if (i >= 0 && until > starts[i]) into[thread.states[i]] += until - starts[i];
    return Math.max(i, 0);
  }

  const ORDER = ["waiting", "notified", "sleeping", "idle", "ready", "starting", "running"].map((each) => run.states.indexOf(each));

  // A lane of one pixel wide columns, each divided among the states by their shares of its time. As an image: so
  // many rectangles take a browser tens of milliseconds.
  function drawShares(lane) {
    const thread = lane.of, columns = width - LEFT, tall = 17, whole = timeAt(LEFT + 1) - timeAt(LEFT);
    const image = pen.createImageData(columns, tall), pixels = new Uint32Array(image.data.buffer);
    const inks = run.states.map((_, state) => packed(state === WAITING || state === NOTIFIED ? colours.quiet : plainColour(state)));
    let before = new Float64Array(run.states.length), after = new Float64Array(run.states.length);
    let span = spend(thread, timeAt(LEFT), 0, before);
    for (let column = 0; column < columns; column++) {
      span = spend(thread, timeAt(LEFT + column + 1), span, after);
      let filled = 0, row = 0;
      for (const state of ORDER) {
        filled += (after[state] - before[state]) / whole * tall;
        while (row < Math.round(filled)) pixels[row++ * columns + column] = inks[state];
      }
      [before, after] = [after, before];
    }
    sheet.width = columns;
    sheet.height = tall;
    sheet.getContext("2d").putImageData(image, 0, 0);
    pen.drawImage(sheet, LEFT, lane.y + 4);
  }

  const sheet = document.createElement("canvas");

  // "#rrggbb" as a pixel of an image has it, in the order of bytes that all browsers' machines have.
  const packed = (colour) => {
    const number = parseInt(colour.slice(1), 16);
    return (255 << 24 | (number & 255) << 16 | (number & 0xff00) | number >> 16) >>> 0;
  };

  // A pixel in which something was held at some time is drawn; what follows within it is passed over, and pixels of
  // one colour that touch are one rectangle.
  function drawHolds(lane, top, tall, colour, word) {
    let i = upTo(lane.reach, view.from), open = null;
    const flush = () => {
      if (open) { pen.fillStyle = open.ink; pen.fillRect(open.left, top, open.right - open.left, tall); }
      open = null;
    };
    while (i < lane.from.length && lane.from[i] <= view.to) {
      if (lane.to[i] < view.from) { i++; continue; }
      const left = x(lane.from[i]), right = Math.max(left + 1, x(lane.to[i])), ink = colour(i);
      const isShort = right - left <= 2;
      if (open && !(isShort && open.ink === ink && left <= open.right + 1)) flush();
      if (open) open.right = Math.max(open.right, right); else open = { left, right, ink };
      if (!isShort) {
        flush();
        if (word && right - left > 40) drawWord(word(i), left, right, top + tall / 2);
      }
      i = right - left <= 1 ? nextSeen(lane, i, timeAt(Math.floor(left) + 1)) : i + 1;
    }
    flush();
  }

  // The next hold that begins after that time or lasts beyond it.
  function nextSeen(lane, i, time) {
    const later = Math.max(i + 1, upTo(lane.from, time, i));
    for (i++; i < later && lane.to[i] <= time; i++);
    return i;
  }

  function drawWord(word, left, right, middle) {
    const begin = Math.max(left, LEFT) + 4;
    if (pen.measureText(word).width < Math.min(right, width) - begin - 4) writeOver(word, begin, middle);
  }

  function drawThing(lane) {
    const thing = lane.of;
    drawHolds(thing, lane.y + 5, 18, () => thing.colour, (i) => name(thing.by[i]));
    if (thing.from.length || !thing.times.length) return;
    const most = Math.max(1, ...[0, 1].map((each) => (each ? Math.max : Math.min)(...sample(thing.values))));
    pen.strokeStyle = thing.colour;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let pixel = LEFT; pixel <= width; pixel++) {
      const i = upTo(thing.times, timeAt(pixel)) - 1;
      const at = lane.y + lane.h - 5 - Math.max(0, i < 0 ? 0 : thing.values[i]) / most * (lane.h - 10);
      if (pixel === LEFT) pen.moveTo(pixel, at); else pen.lineTo(pixel, at);
    }
    pen.stroke();
  }

  // Enough of many numbers for Math.max, which takes no more than some ten thousand.
  const sample = (values) => values.length < 10000 ? values : [values.reduce((a, b) => Math.max(a, b))];

  function drawChosen() {
    if (chosen < 0) return;
    const at = Math.round(x(run.times[chosen])) + .5, lane = lanes[run.by[chosen] - 1];
    if (at < LEFT || at > width) return;
    pen.strokeStyle = pen.fillStyle = colours.chosen;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(at, TOP - 4);
    pen.lineTo(at, height);
    pen.stroke();
    if (lane && lane.kind === "thread") {
      pen.beginPath();
      pen.moveTo(at - 6, lane.y - 1);
      pen.lineTo(at + 6, lane.y - 1);
      pen.lineTo(at, lane.y + 8);
      pen.fill();
    }
  }

  // Moving

  function show(from, to) {
    const long = Math.min(duration, Math.max(FEWEST, to - from));
    view.from = Math.min(Math.max(0, from), duration - long);
    view.to = view.from + long;
    again();
  }

  function zoom(factor, around) {
    const long = (view.to - view.from) * factor;
    const share = (around - view.from) / (view.to - view.from);
    show(around - long * share, around + long * (1 - share));
  }

  const middle = () => chosen >= 0 && run.times[chosen] >= view.from && run.times[chosen] <= view.to
    ? run.times[chosen] : (view.from + view.to) / 2;

  function pan(share) {
    const by = (view.to - view.from) * share;
    show(view.from + by, view.to + by);
  }

  function choose(event, before = "") {
    if (!run.times.length) return;
    chosen = Math.min(Math.max(0, event), run.times.length - 1);
    const time = run.times[chosen], long = view.to - view.from;
    if (time < view.from || time > view.to) show(time - long / 2, time + long / 2);
    const wait = waitOf(chosen);
    const more = wait === undefined ? "" : ` ${run.waits.told[wait]}`;
    told.textContent = `${before}${chosen + 1} of ${run.times.length.toLocaleString("en")}, ${length(time)}: `
      + `${name(run.by[chosen])} ${run.phrases[run.said[chosen]]}.${more}`;
    again();
  }

  // The wait that the event begins.
  const waitOf = (event) => waitAt.get(`${run.by[event]}:${run.times[event]}`);

  function nextWait(step) {
    for (let i = chosen + step; i >= 0 && i < run.times.length; i += step) {
      if (waitOf(i) !== undefined) return choose(i);
    }
    told.textContent = step > 0 ? "No wait begins later." : "No wait begins earlier.";
  }

  function goToHolder(wait) {
    const holder = run.waits.holder[wait], since = run.waits.since[wait];
    const said = `${run.waits.told[wait]} `;
    if (!holder) {
      told.textContent = `${said}Nobody is known to have held it.`;
      return;
    }
    let event = upTo(run.times, since) - 1;
    while (event > 0 && run.by[event] !== holder) event--;
    choose(event, `${said}→ `);
  }

  // The mouse

  function under(event) {
    const box = chart.getBoundingClientRect(), y = event.clientY - box.top, at = event.clientX - box.left;
    return { lane: lanes.find((lane) => y >= lane.y && y < lane.y + lane.h), time: timeAt(at), at };
  }

  function spanAt({ lane, time }) {
    if (!lane || lane.kind !== "thread" || time > lane.of.end) return -1;
    return upTo(lane.of.starts, time) - 1;
  }

  // The last to begin of the holds that last at that time; -1: none does.
  function holdAt({ from, to, reach }, time) {
    let i = upTo(from, time) - 1;
    while (i >= 0 && to[i] < time) i = reach[i] < time ? -1 : i - 1;
    return i;
  }

  // As far as the record goes.
  const lasted = (from, to) => Math.min(to, run.end) - from;

  function hover(event) {
    const spot = under(event), i = spanAt(spot), lane = spot.lane;
    let text = "";
    if (spot.at >= LEFT && i >= 0) {
      const end = i + 1 < lane.of.starts.length ? lane.of.starts[i + 1] : lane.of.end, wait = lane.of.waits[i];
      text = `${lane.of.name}: ${run.states[lane.of.states[i]]} for ${length(lasted(lane.of.starts[i], end))}, `
        + `from ${length(lane.of.starts[i])} on.${wait >= 0 ? ` ${run.waits.told[wait]}` : ""}`;
    } else if (spot.at >= LEFT && lane && lane.kind === "thing") {
      const hold = holdAt(lane.of, spot.time), value = upTo(lane.of.times, spot.time) - 1;
      if (hold >= 0) {
        text = `${lane.of.name}: ${name(lane.of.by[hold])} has it for ${length(lasted(lane.of.from[hold], lane.of.to[hold]))}.`;
      } else if (value >= 0) text = `${lane.of.name}: ${lane.of.values[value]}`;
    }
    tip.hidden = !text;
    tip.textContent = text;
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8)}px`;
  }

  function click(event) {
    const spot = under(event), i = spanAt(spot);
    if (i >= 0 && spot.lane.of.waits[i] >= 0) return goToHolder(spot.lane.of.waits[i]);
    let near = upTo(run.times, spot.time) - 1;
    if (spot.lane && spot.lane.kind === "thread") {
      while (near > 0 && run.by[near] !== spot.lane.number) near--;
    }
    choose(near);
  }

  let drag = null;
  chart.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, from: view.from, to: view.to, moved: false };
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener("pointermove", (event) => {
    if (!drag) return hover(event);
    drag.moved = drag.moved || Math.abs(event.clientX - drag.x) > 3;
    if (!drag.moved) return;
    const by = (drag.x - event.clientX) / (width - LEFT) * (drag.to - drag.from);
    show(drag.from + by, drag.to + by);
  });
  chart.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) click(event);
    drag = null;
  });
  chart.addEventListener("pointerleave", () => { tip.hidden = true; });
  chart.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      event.preventDefault();
      zoom(Math.exp((event.deltaY || event.deltaX) / 300), under(event).time);
    } else if (event.deltaX) {
      event.preventDefault();
      pan(event.deltaX / (width - LEFT));
    }
  }, { passive: false });
  one("closer").addEventListener("click", () => zoom(.5, middle()));
  one("farther").addEventListener("click", () => zoom(2, middle()));
  one("all").addEventListener("click", () => show(0, duration));
  one("help").addEventListener("click", () => keys.showModal());

  // The keyboard

  const KEYS = {
    "ArrowRight": () => choose(chosen + 1),
    "ArrowLeft": () => choose(chosen - 1),
    "Home": () => choose(0),
    "End": () => choose(run.times.length - 1),
    "w": () => nextWait(1),
    "W": () => nextWait(-1),
    "Enter": () => { const wait = waitOf(chosen); if (wait !== undefined) goToHolder(wait); },
    "+": () => zoom(.5, middle()),
    "=": () => zoom(.5, middle()),
    "-": () => zoom(2, middle()),
    "0": () => show(0, duration),
    "?": () => keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (keys.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && event.target.closest("button")) return;
    const shifted = event.shiftKey && { "ArrowRight": .25, "ArrowLeft": -.25 }[event.key];
    const does = shifted ? () => pan(shifted) : KEYS[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  // Begin

  readColours();
  one("still").hidden = true;
  one("live").hidden = false;
  if (run.left) told.textContent = `${run.left.toLocaleString("en")} more threads and primitives have no lane here.`;
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); again(); });
  window.addEventListener("resize", again);
  window.addEventListener("scroll", again, { passive: true });
  draw();
})();
