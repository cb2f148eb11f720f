// Names, roles and keyboard access that the theme and the quizzes leave out.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll(".bd-links summary")) {
    const chapter = summary.closest("li").querySelector("a").textContent.trim();
    summary.setAttribute("aria-label", `Pages of ${chapter}`);
  }
  for (const question of document.querySelectorAll(".Quiz")) {
    question.querySelector(".Feedback")?.setAttribute("role", "status");
    const text = question.firstElementChild.textContent.trim();
    question.querySelector(".Input-text")?.setAttribute("aria-label", text);
    const answers = question.querySelector(".Answer");
    answers.setAttribute("role", "group");
    answers.setAttribute("aria-label", text);
  }
});

// Draw each chart in the place of its still picture. Its sliders are the browser's own, for mouse, touch and keyboard.
const drawChart = async (script) => {
  const still = script.parentElement.querySelector("img");
  const chart = Object.assign(document.createElement("div"), { className: "dlm-chart" });
  still.after(chart);
  const { $schema, ...spec } = JSON.parse(script.textContent); // written for Vega-Lite 5, drawn by 6
  spec.description = still.alt;
  spec.config.mark.aria = false; // the description speaks for the hundreds of marks
  spec.width &&= "container";
  for (const view of spec.vconcat ?? []) view.width = chart.clientWidth - 80; // less the axis and its title
  await vegaEmbed(chart, spec, { mode: "vega-lite", actions: false, renderer: "svg" });
  still.hidden = true;
};
document.addEventListener("DOMContentLoaded", () => {
  window.chartsDrawn = Promise.all(Array.from(document.querySelectorAll("script.dlm-chart"), drawChart));
});

// What is wider than the page scrolls inside itself, and can be reached and scrolled by the keyboard.
const makeScrollable = () => {
  for (const formula of document.querySelectorAll(".bd-article span.math > mjx-container")) {
    const room = formula.closest("p, li, dd, div").clientWidth;
    const wide = formula.getBoundingClientRect().width > room && !formula.closest("table");
    formula.parentElement.classList.toggle("wide", wide);
  }
  const scrolling = ".bd-article :is(pre, div.math, span.wide, .output, .pst-scrollable-table-container)";
  for (const element of document.querySelectorAll(scrolling)) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
};
window.addEventListener("resize", makeScrollable);
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  makeScrollable();
});
