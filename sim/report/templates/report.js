"use strict";
(() => {
  const page = JSON.parse(document.getElementById("charts").textContent);
  const views = {};

  function showRows(figure, key) {
    figure.querySelectorAll("tr[data-choice]").forEach((row) => { row.hidden = row.dataset.choice !== key; });
  }

  // A date is not broken over lines.
  function tell(place, text) {
    place.replaceChildren(...text.split(/(\d{4}-\d\d-\d\d)/).map((part, number) => {
      const piece = document.createElement("span");
      if (number % 2) piece.className = "nb";
      piece.textContent = part;
      return piece;
    }));
  }

  function choose(list) {
    const name = list.dataset.chart;
    const figure = document.getElementById("figure-" + name);
    tell(document.getElementById("said-" + name), page.said[name][list.value]);
    showRows(figure, list.value);
    if (views[name]) return views[name].signal("choice", list.value).resize().runAsync();
    return Promise.resolve();
  }

  function valueOf(row, column) {
    const text = row.children[column].dataset.v;
    const number = Number(text);
    return text === "" || Number.isNaN(number) ? text : number;
  }

  function compare(a, b) {
    if (a === "" || b === "") return (a === "") - (b === "");
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);
  }

  function sort(button) {
    const head = button.closest("th");
    const table = head.closest("table");
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => {
      const x = valueOf(a, column), y = valueOf(b, column);
      return x === "" || y === "" ? compare(x, y) : (down ? -1 : 1) * compare(x, y);
    });
    body.append(...rows);
  }

  // On a narrow screen long names of rows would leave no room for the bars (pointing at a bar tells the whole name),
  // and a legend has its entries below one another.
  const fitted = { labelLimit: (value) => (typeof value === "number" ? Math.min(value, 140) : 140), columns: () => 1 };
  const narrow = (spec) => JSON.parse(JSON.stringify(spec, (key, value) => (Object.hasOwn(fitted, key) ? fitted[key](value) : value)));
  const stacked = (config) => ({ ...config, legend: { ...config.legend, columns: 1, direction: "vertical", labelLimit: 160 } });

  async function draw(name, spec) {
    const small = window.innerWidth < 640;
    if (small) spec = narrow(spec);
    const options = { actions: false, renderer: "svg", mode: "vega-lite", config: small ? stacked(page.config) : page.config };
    const made = await window.vegaEmbed("#plot-" + name, spec, options);
    views[name] = made.view;
    // The place of the chart is named as an image; its hundreds of marks are of no use to a screen reader, the table is.
    made.view.container().querySelector("svg").setAttribute("aria-hidden", "true");
  }

  async function drawAll() {
    for (const [name, spec] of Object.entries(page.charts)) await draw(name, spec);
    for (const list of document.querySelectorAll("select[data-chart]")) await choose(list);
    document.documentElement.dataset.drawn = Object.keys(views).length;
  }

  // Paper is narrower than most screens: charts are laid out anew for it, so that their letters keep their size.
  const PAPER = 688;
  const plot = (name) => document.getElementById("plot-" + name);
  function fit(width) {
    for (const [name, view] of Object.entries(views)) {
      if (page.charts[name].width === "container") view.signal("width", width(name)).resize().run();
    }
  }
  window.addEventListener("beforeprint", () => fit(() => PAPER));
  window.addEventListener("afterprint", () => fit((name) => plot(name).clientWidth));

  document.querySelectorAll("th button").forEach((button) => button.addEventListener("click", () => sort(button)));
  document.querySelectorAll("select[data-chart]").forEach((list) => list.addEventListener("change", () => choose(list)));
  drawAll();
})();
