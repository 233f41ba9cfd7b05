"use strict";
// Charts of whole micros: a <template data-series> in the page holds the numbers, a .chart of that
// name shows them. The numbers are replaced with the page; the chart stays and is told.

const drawn = new Map();

function numbers(words) { return words ? words.split(",").map(Number) : []; }

// Text out of whole micros, without a division that could round.
function written(micros, places) {
  const sign = micros < 0 ? "−" : "";
  const whole = BigInt(Math.abs(Math.round(micros)));
  const digits = (whole % 1000000n).toString().padStart(6, "0").slice(0, places);
  const left = (whole / 1000000n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + left + (places ? "." + digits : "");
}
function dollars(micros) {
  return micros < 0 ? "−$" + written(-micros, 2) : "$" + written(micros, 2);
}
function moment(ms) { return new Date(ms).toISOString().slice(5, 19).replace("T", " "); }

function shade(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function axis(values, size) {
  return {
    stroke: shade("--dim"), values, size,
    grid: { stroke: shade("--line-soft"), width: 1 }, ticks: { stroke: shade("--line"), width: 1, size: 4 },
    font: "12px system-ui, sans-serif",
  };
}

function made(host, data, mark) {
  const isTime = host.dataset.kind === "time";
  const along = isTime ? (_, all) => all.map(moment) : (_, all) => all.map((v) => written(v, 0));
  return new uPlot({
    width: Math.max(host.clientWidth, 200), height: 232,
    legend: { show: true, live: true },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => {
      const least = Math.min(low ?? 0, 0), most = Math.max(high ?? 0, 0), room = (most - least || 1e6) * 0.08;
      return [least < 0 ? least - room : least, most + room];
    } } },
    axes: [
      { ...axis(along, 34), space: isTime ? 150 : 60 },
      axis((_, all) => all.map(dollars), 76),
    ],
    series: [
      { label: isTime ? "UTC" : "contracts", value: (_, v) => v == null ? "" : isTime ? moment(v) : written(v, 2) },
      ...(host.dataset.label || "profit").split("|").map((label, nth) => ({
        label, stroke: shade(nth ? "--dry" : "--accent"), width: 2, fill: nth ? undefined : shade("--accent-soft"),
        paths: host.dataset.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
        points: { show: data[0].length < 60, size: 5, fill: shade("--bg") }, value: (_, v) => v == null ? "" : dollars(v),
      })),
    ],
    hooks: { draw: [(plot) => marked(plot, host)] },
  }, data, host);
}

// The best quantity, as a line with its word.
function marked(plot, host) {
  const at = Number(host.dataset.mark);
  const zero = plot.valToPos(0, "y", true);
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = shade("--dim");
  ctx.beginPath(); ctx.moveTo(bbox.left, zero); ctx.lineTo(bbox.left + bbox.width, zero); ctx.stroke();
  if (at > 0) {
    const x = plot.valToPos(at, "x", true);
    ctx.setLineDash([4, 4]);
    ctx.strokeStyle = shade("--ink");
    ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
  }
  ctx.restore();
}

function draw() {
  for (const host of document.querySelectorAll(".chart[data-chart]")) {
    const source = document.querySelector(`template[data-series="${host.dataset.chart}"]`);
    if (!source) continue;
    const data = [numbers(source.dataset.x), ...source.dataset.y.split("|").map(numbers)];
    host.dataset.mark = source.dataset.mark || "";
    const before = drawn.get(host);
    if (before) before.setData(data);
    else drawn.set(host, made(host, data));
  }
}

function anew() {
  for (const plot of drawn.values()) plot.destroy();
  drawn.clear();
  draw();
}

document.addEventListener("htmx:afterSettle", draw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
let soon = 0;
window.addEventListener("resize", () => { clearTimeout(soon); soon = setTimeout(anew, 150); });
draw();
