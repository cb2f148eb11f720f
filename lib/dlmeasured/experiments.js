// Experiments on the reader. They run in the page; nothing is stored, and nothing leaves it.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [BLUE, VERMILLION, GREY, BLACK] = ["#0072b2", "#d55e00", "#8a949e", "#1f2933"];
  const NAMES = { colour: "colour alone", both: "colour and shape" };
  const published = (root, key) => JSON.parse(root.dataset.published)[key] ?? "–";
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const random = (n) => Math.floor(Math.random() * n);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  const shuffled = (list) => {
    const order = [...list];
    for (let i = order.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  };
  const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const draw = (stage, name, attributes, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return stage.appendChild(made);
  };

  // What both experiments share: a white stage, a line that says what is going on, and a place for controls.
  const frame = (root, label) => {
    const parts = {
      stage: document.createElementNS(SVG, "svg"),
      status: element("p", { role: "status", style: "margin: .5em 0; min-height: 1.6em" }),
      controls: element("div", { style: "display: flex; flex-wrap: wrap; gap: .6em; align-items: center" }),
      result: element("div", { style: "overflow-x: auto" }),
    };
    const look = "background: #fff; border: 1px solid #c9d0d6; border-radius: 8px; display: block; max-width: 26em; width: 100%";
    for (const [key, value] of Object.entries({ viewBox: "0 0 400 300", role: "img", "aria-label": label, style: look }))
      parts.stage.setAttribute(key, value);
    root.replaceChildren(parts.stage, parts.status, parts.controls, parts.result);
    return parts;
  };
  const button = (text) =>
    element("button", { type: "button", style: "font: inherit; padding: .45em 1.1em; min-height: 2.75em; cursor: pointer" }, text);
  const started = (parts, invitation) =>
    new Promise((done) => {
      parts.status.textContent = invitation;
      const start = button("Start");
      start.addEventListener("click", () => done(parts.controls.replaceChildren()), { once: true });
      parts.controls.replaceChildren(start);
    });
  const table = (caption, rows) => {
    const made = element("table", { style: "margin: .8em 0" }, element("caption", { style: "text-align: left" }, caption));
    rows.forEach((row, i) =>
      made.append(
        element("tr", {}, ...row.map((text, j) =>
          element(i && j ? "td" : "th", { style: "padding: .2em .9em .2em 0; text-align: left", ...(i ? (j ? {} : { scope: "row" }) : { scope: "col" }) }, text))),
      ),
    );
    return made;
  };

  // Is the vermillion circle there? It differs from all others in colour alone, or only in colour and shape together.
  const search = async (root) => {
    const parts = frame(root, "The marks to search");
    const conditions = [8, 32].flatMap((marks) => ["colour", "both"].map((kind) => ({ kind, marks })));
    const scene = ({ kind, marks, present }) => {
      const cells = shuffled([...Array(48).keys()]).slice(0, marks);
      cells.forEach((cell, i) => {
        const x = 25 + (cell % 8) * 50 + random(19) - 9, y = 25 + Math.floor(cell / 8) * 50 + random(19) - 9;
        const target = present && i === 0;
        const square = !target && kind === "both" && i % 2 === 1;
        const fill = target || square ? VERMILLION : BLUE;
        if (square) draw(parts.stage, "rect", { x: x - 9, y: y - 9, width: 18, height: 18, fill });
        else draw(parts.stage, "circle", { cx: x, cy: y, r: 10, fill });
      });
    };
    const answered = () =>
      new Promise((done) => {
        const there = button("there (J)"), absent = button("not there (F)");
        const finish = (answer) => {
          document.removeEventListener("keydown", key);
          done({ answer, at: performance.now() });
        };
        const key = (event) => {
          if (event.key.toLowerCase() === "j") finish(true);
          if (event.key.toLowerCase() === "f") finish(false);
        };
        document.addEventListener("keydown", key);
        there.addEventListener("click", () => finish(true), { once: true });
        absent.addEventListener("click", () => finish(false), { once: true });
        parts.controls.replaceChildren(absent, there);
      });

    await started(parts, "Is there a vermillion circle? Answer as fast as you can without mistakes: 2 trials to practise, then 20.");
    parts.result.replaceChildren();
    const trials = [...conditions.slice(0, 2), ...shuffled([0, 1, 2, 3, 4].flatMap((i) => conditions.map((c) => ({ ...c, present: i % 2 === 0 }))))];
    const seen = [];
    for (const [number, trial] of trials.entries()) {
      parts.stage.replaceChildren();
      draw(parts.stage, "path", { d: "M190 150H210M200 140V160", stroke: BLACK, "stroke-width": 2 });
      parts.status.textContent = number < 2 ? `Practice ${number + 1} of 2` : `Trial ${number - 1} of 20`;
      parts.controls.replaceChildren();
      await wait(700);
      parts.stage.replaceChildren();
      const present = trial.present ?? number === 0;
      scene({ ...trial, present });
      const start = performance.now();
      const { answer, at } = await answered();
      const ms = Math.round(at - start);
      if (number >= 2) seen.push({ ...trial, ms, right: answer === present });
      parts.status.textContent = `${answer === present ? "Right" : "Wrong"}, ${ms} ms`;
      await wait(600);
    }
    const cell = (kind, marks) => {
      const times = seen.filter((t) => t.kind === kind && t.marks === marks && t.right).map((t) => t.ms);
      return times.length ? median(times) : NaN;
    };
    const slope = (kind) => (cell(kind, 32) - cell(kind, 8)) / 24;
    const show = (value, unit, digits = 0) => (Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : "–");
    const wrong = (kind) => `${seen.filter((t) => t.kind === kind && !t.right).length} of 10`;
    parts.stage.replaceChildren();
    const high = Math.max(1000, ...["colour", "both"].flatMap((kind) => [cell(kind, 8), cell(kind, 32)]).filter(Number.isFinite));
    const place = (marks, ms) => [60 + (marks / 40) * 320, 260 - (ms / high) * 230];
    draw(parts.stage, "path", { d: "M60 20V260H390", fill: "none", stroke: GREY });
    draw(parts.stage, "text", { x: 390, y: 290, "text-anchor": "end", "font-size": 14 }, "marks");
    draw(parts.stage, "text", { x: 66, y: 24, "font-size": 14 }, "median time (ms)");
    for (const marks of [8, 32]) draw(parts.stage, "text", { x: place(marks, 0)[0], y: 278, "text-anchor": "middle", "font-size": 14 }, marks);
    for (const ms of [0, 500, 1000]) draw(parts.stage, "text", { x: 54, y: place(0, ms)[1] + 5, "text-anchor": "end", "font-size": 14 }, ms);
    for (const [kind, color] of [["colour", BLUE], ["both", VERMILLION]]) {
      const ends = [8, 32].map((marks) => place(marks, cell(kind, marks)));
      if (!ends.flat().every(Number.isFinite)) continue;
      draw(parts.stage, "path", { d: `M${ends.join("L")}`, stroke: color, "stroke-width": 3, fill: "none" });
      draw(parts.stage, "text", { x: ends[1][0], y: ends[1][1] + (kind === "both" ? -10 : 20), fill: color, "font-size": 14, "font-weight": 700, "text-anchor": "middle" }, NAMES[kind]);
    }
    parts.result.replaceChildren(
      table("Your median times, right answers only", [
        ["", "8 marks", "32 marks", "each further mark", "published", "wrong"],
        ...["colour", "both"].map((kind) =>
          [NAMES[kind], show(cell(kind, 8), "ms"), show(cell(kind, 32), "ms"), show(slope(kind), "ms", 1), published(root, kind), wrong(kind)]),
      ]),
    );
    return "Done. Once more?";
  };

  // How large is B, in per cent of A? Five channels, four trials each.
  const channels = {
    position: (stage, value) => {
      draw(stage, "path", { d: "M60 30V270M54 270H66M54 50H66", stroke: GREY, "stroke-width": 2 });
      for (const [x, v, name] of [[150, 100, "A"], [280, value, "B"]]) {
        draw(stage, "circle", { cx: x, cy: 270 - 2.2 * v, r: 7, fill: BLUE });
        draw(stage, "text", { x: x + 14, y: 275 - 2.2 * v, "font-size": 16 }, name);
      }
      draw(stage, "text", { x: 48, y: 275, "text-anchor": "end", "font-size": 14 }, "0");
    },
    length: (stage, value) => {
      for (const [x, v, end, name] of [[120, 100, 250, "A"], [260, value, 2 * value + 15 + random(255 - 2 * value), "B"]]) {
        draw(stage, "rect", { x, y: end - 2 * v, width: 34, height: 2 * v, fill: BLUE });
        draw(stage, "text", { x: x + 17, y: 290, "text-anchor": "middle", "font-size": 16 }, name);
      }
    },
    angle: (stage, value) => {
      for (const [x, v, name] of [[110, 100, "A"], [290, value, "B"]]) {
        const turn = (random(360) * Math.PI) / 180, wide = (v / 100) * 2.1;
        const [a, b] = [turn, turn + wide].map((t) => `${x + 85 * Math.cos(t)} ${130 + 85 * Math.sin(t)}`);
        draw(stage, "path", { d: `M${x} 130L${a}A85 85 0 0 1 ${b}Z`, fill: BLUE });
        draw(stage, "text", { x, y: 285, "text-anchor": "middle", "font-size": 16 }, name);
      }
    },
    area: (stage, value) => {
      for (const [x, v, name] of [[115, 100, "A"], [290, value, "B"]]) {
        draw(stage, "circle", { cx: x, cy: 135, r: 8.5 * Math.sqrt(v), fill: BLUE });
        draw(stage, "text", { x, y: 285, "text-anchor": "middle", "font-size": 16 }, name);
      }
    },
    colour: (stage, value) => {
      for (const [x, v, name] of [[70, 100, "A"], [230, value, "B"]]) {
        draw(stage, "rect", { x, y: 60, width: 110, height: 150, fill: `lab(${100 - 0.7 * v}% 0 0)`, stroke: GREY });
        draw(stage, "text", { x: x + 55, y: 285, "text-anchor": "middle", "font-size": 16 }, name);
      }
    },
  };
  const estimate = async (root) => {
    const parts = frame(root, "Two marks, A and B, to compare");
    await started(parts, "How large is B, in per cent of A? Do not measure, look. 20 trials.");
    parts.result.replaceChildren();
    const errors = Object.fromEntries(Object.keys(channels).map((name) => [name, []]));
    const trials = shuffled(Object.keys(channels).flatMap((name) => [0, 1, 2, 3].map(() => name)));
    for (const [number, name] of trials.entries()) {
      const value = 8 + random(85);
      parts.stage.replaceChildren();
      channels[name](parts.stage, value);
      parts.status.textContent = `Trial ${number + 1} of 20: the ${name} of B, A being 100`;
      const field = element("input", { type: "number", min: 0, max: 100, required: "", inputmode: "numeric", "aria-label": "B in per cent of A", style: "font: inherit; width: 6em; min-height: 2.75em" });
      const form = element("form", { style: "display: flex; gap: .6em" }, field, element("button", { style: "font: inherit; padding: .45em 1.1em; min-height: 2.75em" }, "Next"));
      parts.controls.replaceChildren(form);
      field.focus({ preventScroll: true });
      await new Promise((done) => form.addEventListener("submit", (event) => done(event.preventDefault())));
      errors[name].push(Math.abs(Number(field.value) - value));
    }
    const rows = Object.entries(errors).map(([name, list]) => [name, mean(list)]);
    const high = Math.max(10, ...rows.map(([, error]) => error));
    parts.stage.replaceChildren();
    draw(parts.stage, "text", { x: 10, y: 24, "font-size": 15, "font-weight": 700 }, "Your mean error (percentage points)");
    rows.forEach(([name, error], i) => {
      draw(parts.stage, "rect", { x: 90, y: 44 + 50 * i, width: (error / high) * 240, height: 26, fill: BLUE });
      draw(parts.stage, "text", { x: 82, y: 62 + 50 * i, "text-anchor": "end", "font-size": 15 }, name);
      draw(parts.stage, "text", { x: 96 + (error / high) * 240, y: 62 + 50 * i, "font-size": 15 }, error.toFixed(1));
    });
    parts.result.replaceChildren(
      table("Four estimates of each kind", [["channel", "mean error", "published"], ...rows.map(([name, error]) => [name, `${error.toFixed(1)} points`, published(root, name)])]),
    );
    return "Done. Once more?";
  };

  for (const [name, run] of Object.entries({ search, estimate })) {
    for (const root of document.querySelectorAll(`.dlm-experiment[data-name="${name}"]:not([data-ready])`)) {
      root.dataset.ready = "";
      (async () => {
        for (;;) {
          const again = await run(root);
          const [, status, controls] = root.children, once = button("Again");
          status.textContent = again;
          controls.replaceChildren(once);
          await new Promise((done) => once.addEventListener("click", done, { once: true }));
        }
      })();
    }
  }
})();
