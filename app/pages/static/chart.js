/** The scale and the histogram, as SVG. */

import { svg } from "./dom.js";
import { level, percent } from "./formats.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Histogram} Histogram */

const WIDTH = 640;
const SIDE = 24;
const LEAST_RANGE = 0.2;

/** The least solvency that the scale shows, so that client and threshold are apart. @param {number[]} solvencies */
export function lowEnd(...solvencies) {
  const least = Math.min(...solvencies);
  const room = Math.max(LEAST_RANGE, 1.5 * (1 - least));
  return Math.max(0, Math.floor((1 - room) * 20) / 20);
}

/** @param {number} value @param {number} low */
function place(value, low) {
  return SIDE + ((WIDTH - 2 * SIDE) * (Math.max(low, value) - low)) / (1 - low);
}

/** A text that stays within the drawing. @param {number} x @param {number} y @param {string} text @param {string} kind */
function caption(x, y, text, kind) {
  const anchor = x < WIDTH * 0.25 ? "start" : x > WIDTH * 0.75 ? "end" : "middle";
  const edge = { start: Math.max(x - 8, 0), middle: x, end: Math.min(x + 8, WIDTH) }[anchor];
  return svg("text", { x: edge, y, "text-anchor": anchor, class: kind }, text);
}

/** @param {number} low @param {number} y @param {Lang} lang */
function axis(low, y, lang) {
  const step = 1 - low > 0.6 ? 0.2 : 1 - low > 0.3 ? 0.1 : 0.05;
  const marks = [];
  for (let value = low; value < 1 + step / 2; value += step) {
    const x = place(Math.min(value, 1), low);
    marks.push(svg("text", { x, y, "text-anchor": "middle", class: "axis" }, percent(Math.min(value, 1), lang)));
  }
  return marks;
}

/**
 * @param {{ solvency: number, threshold: number, before?: number | null, verdict: string }} score
 * @param {{ solvency: string, threshold: string }} words @param {Lang} lang
 */
export function scale({ solvency, threshold, before, verdict }, words, lang) {
  const low = lowEnd(solvency, threshold, before ?? 1);
  const [client, limit] = [place(solvency, low), place(threshold, low)];
  const title = `${words.solvency} ${level(solvency, lang)}, ${words.threshold} ${level(threshold, lang)}`;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} 120`, role: "img", "aria-label": title, class: `scale ${verdict}` },
    svg("rect", { x: SIDE, y: 44, width: limit - SIDE, height: 16, class: "refused", rx: 3 }),
    svg("rect", { x: limit, y: 44, width: WIDTH - SIDE - limit, height: 16, class: "accepted", rx: 3 }),
    svg("line", { x1: limit, x2: limit, y1: 36, y2: 72, class: "limit" }),
    caption(limit, 88, `${words.threshold} ${level(threshold, lang)}`, "limit-text"),
    ...(before === null || before === undefined
      ? []
      : [svg("circle", { cx: place(before, low), cy: 52, r: 7, class: "before" })]),
    svg("circle", { cx: client, cy: 52, r: 11, class: "client" }),
    caption(client, 28, level(solvency, lang), "client-text"),
    ...axis(low, 114, lang),
  );
}

/** The bin of a solvency; the first also holds what is below it. @param {Histogram} histogram @param {number} solvency */
export function binOf({ edges }, solvency) {
  const found = edges.findIndex((edge, at) => at > 0 && solvency < edge);
  return found < 0 ? edges.length - 2 : found - 1;
}

/** Fraction of past clients with a lower solvency. @param {Histogram} histogram @param {number} solvency */
export function rank(histogram, solvency) {
  const { edges, repaid, defaulted } = histogram;
  const all = repaid.map((count, at) => count + defaulted[at]);
  const bin = binOf(histogram, solvency);
  const within = Math.min(1, Math.max(0, (solvency - edges[bin]) / (edges[bin + 1] - edges[bin])));
  const below = all.slice(0, bin).reduce((sum, count) => sum + count, 0) + within * all[bin];
  return below / all.reduce((sum, count) => sum + count, 0);
}

/**
 * Past clients by outcome, each outcome scaled to its own total: repaid above, defaulted below.
 * @param {Histogram} histogram @param {number} solvency @param {number} threshold
 * @param {{ label: string, repaid: string, defaulted: string, client: string, threshold: string }} words @param {Lang} lang
 */
export function histogram(histogram, solvency, threshold, words, lang) {
  const { edges } = histogram;
  const low = edges[0];
  const sides = /** @type {[string, number[], number][]} */ ([
    ["repaid", histogram.repaid, -1],
    ["defaulted", histogram.defaulted, 1],
  ]);
  const fractions = sides.map(([, counts]) => {
    const total = counts.reduce((sum, count) => sum + count, 0) || 1;
    return counts.map((count) => count / total);
  });
  const most = Math.max(...fractions.flat());
  const bars = sides.flatMap(([name, , sign], side) =>
    fractions[side].map((fraction, at) => {
      const [left, right] = [place(edges[at], low), place(edges[at + 1], low)];
      const height = (84 * fraction) / most;
      const y = sign < 0 ? 116 - height : 118;
      return svg("rect", { x: left + 0.75, y, width: Math.max(right - left - 1.5, 0.5), height, class: name });
    }),
  );
  const [client, limit] = [place(solvency, low), place(threshold, low)];
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} 232`, role: "img", "aria-label": words.label, class: "histogram" },
    ...bars,
    svg("line", { x1: limit, x2: limit, y1: 26, y2: 206, class: "limit" }),
    svg("line", { x1: client, x2: client, y1: 26, y2: 206, class: "client" }),
    caption(client, 16, words.client, "client-text"),
    svg("text", { x: SIDE, y: 48, class: "repaid-text" }, words.repaid),
    svg("text", { x: SIDE, y: 196, class: "defaulted-text" }, words.defaulted),
    ...axis(low, 226, lang),
  );
}
