// Experiments on the reader. They run in the page; nothing is stored, and nothing leaves it.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [BLUE, VERMILLION, GREY, LIGHT, BLACK] = ["#0072b2", "#d55e00", "#8a949e", "#b8bec4", "#1f2933"];
  const NAMES = { colour: "colour alone", both: "colour and shape" };
  const published = (root, key) => JSON.parse(root.dataset.published)[key] ?? "–";
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const random = (n) => Math.floor(Math.random() * n);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // The grey of CIELAB's lightness 0 (black) to 100 (white), as sRGB, for browsers that do not know lab().
  const grey = (lightness) => {
    const f = (lightness + 16) / 116, light = f > 6 / 29 ? f ** 3 : (f - 4 / 29) * 3 * (6 / 29) ** 2;
    const level = Math.round(255 * (light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light));
    return `rgb(${level},${level},${level})`;
  };
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

  // What all experiments share: a white stage, a line that says what is going on, and a place for controls.
  const frame = (root, label) => {
    const parts = {
      stage: document.createElementNS(SVG, "svg"),
      status: element("p", { role: "status", style: "margin: .5em 0; min-height: 3.2em" }),
      controls: element("div", { style: "display: flex; flex-wrap: wrap; gap: .6em; align-items: center; padding: 6px" }),
      result: element("div", { style: "overflow-x: auto" }),
    };
    const look = "background: #fff; border: 1px solid #c9d0d6; border-radius: 8px; box-sizing: border-box; display: block; max-width: 26em; width: 100%";
    for (const [key, value] of Object.entries({ viewBox: "0 0 400 300", role: "img", "aria-label": label, style: look }))
      parts.stage.setAttribute(key, value);
    root.replaceChildren(parts.stage, parts.status, parts.controls, parts.result);
    return parts;
  };
  const FIELD = "font: inherit; color: inherit; background: none; border: 1px solid #8a949e; border-radius: 8px; min-height: 2.75em";
  const PRESS = `${FIELD}; padding: .45em 1.1em; cursor: pointer; touch-action: manipulation`;
  const button = (text, type = "button") => element("button", { type, style: PRESS }, text);
  const started = (parts, invitation) =>
    new Promise((done) => {
      parts.status.textContent = invitation;
      const start = button("Start");
      start.addEventListener("click", () => done(parts.controls.replaceChildren()), { once: true });
      parts.controls.replaceChildren(start);
    });
  // The number of the button that is pressed, by pointer or by its key, and when. Keys are caught before the page, or
  // JupyterLab, can take them for a command.
  const pressed = (buttons, keys) =>
    new Promise((done) => {
      const listening = new AbortController(), options = { signal: listening.signal, capture: true };
      const finish = (answer, event) => {
        event.preventDefault();
        event.stopPropagation();
        listening.abort();
        done({ answer, at: performance.now() });
      };
      const key = (event) => {
        const answer = keys.indexOf(event.key.toLowerCase());
        if (answer >= 0 && !(event.repeat || event.ctrlKey || event.metaKey || event.altKey)) finish(answer, event);
      };
      window.addEventListener("keydown", key, options);
      buttons.forEach((one, answer) => one.addEventListener("click", (event) => finish(answer, event), options));
    });
  const table = (caption, rows) => {
    const made = element("table", { style: "margin: .8em 0" }, element("caption", { style: "text-align: left" }, caption));
    rows.forEach((row, i) =>
      made.append(
        element("tr", {}, ...row.map((text, j) =>
          element(i && j ? "td" : "th", { style: "padding: .25em .7em .25em 0; text-align: left; white-space: normal", ...(i ? (j ? {} : { scope: "row" }) : { scope: "col" }) }, text))),
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
    const hint = (key) => (matchMedia("(hover: none)").matches ? "" : ` (${key})`); // a touch screen has no keys
    const absent = button(`not there${hint("F")}`), there = button(`there${hint("J")}`);

    draw(parts.stage, "circle", { cx: 200, cy: 130, r: 10, fill: VERMILLION });
    draw(parts.stage, "text", { x: 200, y: 170, "text-anchor": "middle", "font-size": 16 }, "the target");
    await started(parts, "Is there a vermillion circle? Answer as fast as you can without mistakes: 2 trials to practise, then 24.");
    parts.result.replaceChildren();
    parts.controls.replaceChildren(absent, there);
    const practice = [{ ...conditions[0], present: true }, { ...conditions[1], present: false }];
    const presence = [true, true, true, true, false, false]; // each condition six times, the target there in four
    const trials = [...practice, ...shuffled(presence.flatMap((present) => conditions.map((c) => ({ ...c, present }))))];
    const seen = [];
    for (const [number, trial] of trials.entries()) {
      parts.stage.replaceChildren();
      draw(parts.stage, "path", { d: "M190 150H210M200 140V160", stroke: BLACK, "stroke-width": 2 });
      parts.status.textContent = number < 2 ? `Practice ${number + 1} of 2` : `Trial ${number - 1} of 24`;
      await wait(700);
      parts.stage.replaceChildren();
      scene(trial);
      const start = await new Promise(requestAnimationFrame);
      const { answer, at } = await pressed([absent, there], ["f", "j"]);
      const ms = Math.round(at - start), right = Boolean(answer) === trial.present;
      if (number >= 2) seen.push({ ...trial, ms, right });
      parts.status.textContent = `${right ? "Right" : "Wrong"}, ${ms} ms`;
      await wait(600);
    }
    // Without the target every mark has to be looked at, with it half of them: only like is compared with like.
    const cell = (kind, marks) => {
      const times = seen.filter((t) => t.kind === kind && t.marks === marks && t.present && t.right).map((t) => t.ms);
      return times.length ? median(times) : NaN;
    };
    const slope = (kind) => (cell(kind, 32) - cell(kind, 8)) / 24;
    const show = (value, unit, digits = 0) => (Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : "–");
    const wrong = (kind) => `${seen.filter((t) => t.kind === kind && !t.right).length} of 12`;
    parts.stage.replaceChildren();
    const high = Math.max(1000, ...["colour", "both"].flatMap((kind) => [cell(kind, 8), cell(kind, 32)]).filter(Number.isFinite));
    const place = (marks, ms) => [60 + (marks / 40) * 320, 260 - (ms / high) * 230];
    draw(parts.stage, "path", { d: "M60 20V260H390", fill: "none", stroke: GREY });
    draw(parts.stage, "text", { x: 390, y: 290, "text-anchor": "end", "font-size": 14 }, "marks");
    draw(parts.stage, "text", { x: 66, y: 24, "font-size": 14 }, "median time (ms)");
    for (const marks of [8, 32]) draw(parts.stage, "text", { x: place(marks, 0)[0], y: 278, "text-anchor": "middle", "font-size": 14 }, marks);
    const step = high > 2500 ? 1000 : 500;
    for (let ms = 0; ms <= high; ms += step) draw(parts.stage, "text", { x: 54, y: place(0, ms)[1] + 5, "text-anchor": "end", "font-size": 14 }, ms);
    for (const [kind, color] of [["colour", BLUE], ["both", VERMILLION]]) {
      const ends = [8, 32].map((marks) => place(marks, cell(kind, marks)));
      if (!ends.flat().every(Number.isFinite)) continue;
      draw(parts.stage, "path", { d: `M${ends.join("L")}`, stroke: color, "stroke-width": 3, fill: "none" });
      for (const [cx, cy] of ends) draw(parts.stage, "circle", { cx, cy, r: 5, fill: color });
      const above = kind === "both" || ends[1][1] > 225; // below it would lie on the axis
      draw(parts.stage, "text", { x: ends[1][0], y: ends[1][1] + (above ? -12 : 22), fill: color, "font-size": 14, "font-weight": 700, "text-anchor": "middle" }, NAMES[kind]);
    }
    parts.result.replaceChildren(
      table("Your median times, target there, right answers only", [
        ["it differs by", NAMES.colour, NAMES.both],
        ...[8, 32].map((marks) => [`${marks} marks`, show(cell("colour", marks), "ms"), show(cell("both", marks), "ms")]),
        ["each further mark", show(slope("colour"), "ms", 1), show(slope("both"), "ms", 1)],
        ["published", published(root, "colour"), published(root, "both")],
        ["wrong answers", wrong("colour"), wrong("both")],
      ]),
    );
    return "Done. Once more?";
  };

  // How large is B, in per cent of A? Five channels, the same four values in each.
  const QUESTIONS = {
    position: "How high is B above 0, A being 100?",
    length: "How long is B, A being 100?",
    angle: "How wide is the angle B, A being 100?",
    area: "How large is the area of B, A being 100?",
    colour: "How dark is B, A being 100 and white 0?",
  };
  const channels = {
    position: (stage, value) => {
      draw(stage, "path", { d: "M60 30V270M54 270H66M54 50H66", stroke: GREY, "stroke-width": 2 });
      for (const [x, v, name] of [[150, 100, "A"], [280, value, "B"]]) {
        draw(stage, "circle", { cx: x, cy: 270 - 2.2 * v, r: 7, fill: BLUE });
        draw(stage, "text", { x: x + 14, y: 275 - 2.2 * v, "font-size": 16 }, name);
      }
      for (const v of [0, 100]) draw(stage, "text", { x: 48, y: 275 - 2.2 * v, "text-anchor": "end", "font-size": 14 }, v);
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
        draw(stage, "rect", { x, y: 60, width: 110, height: 150, fill: grey(100 - 0.7 * v), stroke: GREY });
        draw(stage, "text", { x: x + 55, y: 285, "text-anchor": "middle", "font-size": 16 }, name);
      }
    },
  };
  const estimate = async (root) => {
    const parts = frame(root, "Two marks, A and B, to compare");
    channels.area(parts.stage, 45);
    await started(parts, "How large is B, in per cent of A? Do not measure, look. 20 trials.");
    parts.result.replaceChildren();
    const [errors, times] = [0, 1].map(() => Object.fromEntries(Object.keys(channels).map((name) => [name, []])));
    const values = [0, 1, 2, 3].map((i) => 10 + 20 * i + random(20));
    const trials = shuffled(Object.keys(channels).flatMap((name) => values.map((value) => [name, value])));
    for (const [number, [name, value]] of trials.entries()) {
      parts.stage.replaceChildren();
      channels[name](parts.stage, value);
      parts.status.textContent = `${number + 1} of 20. ${QUESTIONS[name]}`;
      const field = element("input", { type: "number", min: 0, max: 100, required: "", inputmode: "numeric", "aria-label": QUESTIONS[name], style: `${FIELD}; padding: .45em; width: 6em` });
      const form = element("form", { style: "display: flex; gap: .6em" }, field, button("Next", "submit"));
      parts.controls.replaceChildren(form);
      field.focus({ preventScroll: true });
      const start = performance.now();
      await new Promise((done) => form.addEventListener("submit", (event) => done(event.preventDefault())));
      errors[name].push(Math.abs(Number(field.value) - value));
      times[name].push((performance.now() - start) / 1000);
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
      table("Four estimates by each channel: mean error, its ratio to that by position, median time", [
        ["channel", "error", "ratio", "published", "time"],
        ...rows.map(([name, error]) => [name, error.toFixed(1), rows[0][1] ? (error / rows[0][1]).toFixed(1) : "–", published(root, name), `${median(times[name]).toFixed(1)} s`]),
      ]),
    );
    return "Done. Once more?";
  };

  // Which of two nearly equal parts is larger? The same five shares as a pie and as bars, one point of 100 being 7.85 pixels
  // of the rim or of a bar's height.
  const RADIUS = 125, POINT = (2 * Math.PI * RADIUS) / 100;
  const charts = {
    pie: (stage, shares, names) => {
      const at = (share, part) => {
        const turn = (2 * Math.PI * share) / 100;
        return [200 + part * RADIUS * Math.sin(turn), 145 - part * RADIUS * Math.cos(turn)];
      };
      shares.reduce((begin, share, i) => {
        const d = `M200 145L${at(begin, 1)}A${RADIUS} ${RADIUS} 0 0 1 ${at(begin + share, 1)}Z`;
        draw(stage, "path", { d, fill: names[i] ? BLUE : LIGHT, stroke: "#fff", "stroke-width": 2, "data-share": share });
        const [x, y] = at(begin + share / 2, 0.65);
        draw(stage, "text", { x, y: y + 7, "text-anchor": "middle", "font-size": 20, "font-weight": 700, fill: "#fff" }, names[i]);
        return begin + share;
      }, 0);
    },
    bars: (stage, shares, names) =>
      shares.forEach((share, i) => {
        const [x, height] = [50 + 62 * i, share * POINT];
        draw(stage, "rect", { x, y: 262 - height, width: 50, height, fill: names[i] ? BLUE : LIGHT, "data-share": share });
        draw(stage, "text", { x: x + 25, y: 286, "text-anchor": "middle", "font-size": 20, "font-weight": 700 }, names[i]);
      }),
  };
  const pie = async (root) => {
    const parts = frame(root, "Five parts of a whole, two of them named A and B");
    charts.pie(parts.stage, [24, 16, 21, 17, 22], ["A", "", "B", "", ""]);
    await started(parts, "Which is larger, A or B? Do not measure, look. 24 trials; press A or B.");
    parts.result.replaceChildren();
    const steps = [1, 2, 4], seen = [], choices = ["A", "B"].map((name) => button(name));
    const trials = steps.flatMap((step) => [0, 1, 2, 3].flatMap(() => {
      const large = 18 + random(7), rest = 100 - 2 * large + step;
      const shares = [large, large - step, 0.27 * rest, 0.34 * rest, 0.39 * rest];
      return Object.keys(charts).map((chart) => ({ chart, step, shares, larger: random(2) }));
    }));
    parts.controls.replaceChildren(...choices);
    for (const [number, { chart, step, shares, larger }] of shuffled(trials).entries()) {
      const order = shuffled([0, 1, 2, 3, 4]);
      parts.stage.replaceChildren();
      charts[chart](parts.stage, order.map((k) => shares[k]), order.map((k) => (k < 2 ? "AB"[k ^ larger] : "")));
      parts.status.textContent = `${number + 1} of ${trials.length}. Which is larger?`;
      const start = await new Promise(requestAnimationFrame);
      const { answer, at } = await pressed(choices, ["a", "b"]);
      seen.push({ chart, step, right: answer === larger, time: (at - start) / 1000 });
      parts.stage.replaceChildren();
      await wait(400); // nobody answers a chart unseen by pressing twice
    }
    parts.stage.replaceChildren();
    draw(parts.stage, "text", { x: 10, y: 34, "font-size": 15, "font-weight": 700 }, "Your right answers, of 12");
    Object.keys(charts).forEach((chart, i) => {
      const count = seen.filter((trial) => trial.chart === chart && trial.right).length;
      draw(parts.stage, "rect", { x: 70, y: 70 + 90 * i, width: 24 * count, height: 50, fill: BLUE });
      draw(parts.stage, "text", { x: 60, y: 101 + 90 * i, "text-anchor": "end", "font-size": 15 }, chart);
      draw(parts.stage, "text", { x: 78 + 24 * count, y: 101 + 90 * i, "font-size": 15 }, count);
    });
    const row = (chart) => {
      const own = seen.filter((trial) => trial.chart === chart);
      const right = steps.map((step) => `${own.filter((trial) => trial.step === step && trial.right).length} of 4`);
      const model = published(root, chart); // shares of right answers, in per cent
      return [
        [chart, ...right, `${median(own.map(({ time }) => time)).toFixed(1)} s`],
        [`${chart}, model`, ...steps.map((_, i) => (model[i] > 0 ? `${(model[i] / 25).toFixed(1)} of 4` : "–")), "–"],
      ];
    };
    const heads = steps.map((step) => `${step} point${step > 1 ? "s" : ""} apart`);
    parts.result.replaceChildren(table("Right answers: yours, and a model's", [["", ...heads, "median time"], ...Object.keys(charts).flatMap(row)]));
    return "Done. Once more?";
  };

  for (const [name, run] of Object.entries({ search, estimate, pie })) {
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
