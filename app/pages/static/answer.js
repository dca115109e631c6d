/** The answer: decision, scale, reasons, changes and where the client stands. */

import * as chart from "./chart.js";
import { byId, element } from "./dom.js";
import { level, percent, points } from "./formats.js";
import { text, translated } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./api.js").Model} Model */
/** @typedef {import("./api.js").Reason} Reason */
/** @typedef {import("./api.js").Score} Score */
/** @typedef {import("./api.js").Counterfactual} Counterfactual */
/** @typedef {import("./api.js").Warning} Warning */
/** @typedef {import("./form.js").ClientForm} ClientForm */

const LITTLE = 0.2;

/** @param {Score} score @returns {"yes" | "no" | "unsure"} */
export function verdictOf({ coverage, accepted }) {
  if (coverage !== null && coverage < LITTLE) return "unsure";
  return accepted ? "yes" : "no";
}

/** @param {Model} model @param {ClientForm} form @param {Lang} lang @param {Client} client @param {Score} score @param {Score | null} before the score that a what-if began from */
export function showAnswer(model, form, lang, client, score, before) {
  const say = (/** @type {string} */ name, /** @type {(string | number)[]} */ ...filled) => text(lang, name, ...filled);
  const verdict = verdictOf(score);
  const { solvency, threshold, coverage, decision } = score;
  const known = coverage === null ? "" : percent(coverage, lang);
  byId("answer").hidden = false;
  byId("waiting").hidden = true;
  byId("answer").dataset.verdict = verdict;
  byId("decision").textContent = say(verdict);
  byId("who").textContent = say("clientNumber", String(client[model.id]));
  byId("means").textContent = say(`${verdict}Means`, known);
  const words = { solvency: say("solvency"), threshold: say("threshold") };
  byId("scale").replaceChildren(chart.scale({ solvency, threshold, before: before?.solvency, verdict }, words, lang));
  byId("levels").replaceChildren(...levels(lang, score));
  const number = decision && (model.reviews ? element("a", { href: addressOf(decision) }, decision) : decision);
  byId("number").replaceChildren(...(number ? [say("number"), " ", number] : []));
  byId("warnings").replaceChildren(...score.warnings.map((warning) => warningRow(form, lang, warning)));
  byId("warnings-part").hidden = !score.warnings.length;
  showPlace(model, lang, score);
}

/** Where the page shows a kept decision. @param {string} id */
export function addressOf(id) {
  return `#decision/${id}`;
}

/** Solvency, threshold, margin and coverage, as the parts of a `dl`. @param {Lang} lang @param {{ solvency: number, threshold: number, coverage: number | null }} score */
export function levels(lang, { solvency, threshold, coverage }) {
  return [
    ["solvency", level(solvency, lang)],
    ["threshold", level(threshold, lang)],
    ["margin", points(solvency - threshold, lang)],
    ...(coverage === null ? [] : [["known", percent(coverage, lang)]]),
  ].map(([name, value]) => element("div", {}, element("dt", {}, text(lang, name)), element("dd", {}, value)));
}

/** @param {ClientForm} form @param {Lang} lang @param {Warning} warning @param {Date} [day] */
export function warningRow(form, lang, { column, warning, seen }, day) {
  const said = translated(lang, warning);
  const range = seen && column ? ` (${seen.map((value) => form.readable(column, value, day)).join(" – ")})` : "";
  return element("li", {}, column ? `${form.label(column)}${lang === "fr" ? " :" : ":"} ${said}${range}` : said);
}

/** @param {ClientForm} form @param {Lang} lang @param {Reason[]} reasons of both sides @param {boolean} accepted */
export function showReasons(form, lang, reasons, accepted) {
  const most = Math.max(...reasons.map(({ contribution }) => Math.abs(contribution)), 1e-9);
  const sides = /** @type {[string, (reason: Reason) => boolean][]} */ ([
    ["for", ({ contribution }) => contribution > 0],
    ["against", ({ contribution }) => contribution < 0],
  ]);
  for (const [side, belongs] of sides) {
    const rows = reasons.filter(belongs).map((reason) => reasonRow(form, lang, reason, most));
    byId(`reasons-${side}`).replaceChildren(...(rows.length ? rows : [element("li", { class: "none" }, text(lang, "noReasons"))]));
  }
  byId("reasons-part").hidden = !reasons.length;
  const [supports, opposes] = [byId("side-for"), byId("side-against")];
  if (accepted) supports.after(opposes);
  else opposes.after(supports);
}

/** @param {ClientForm} form @param {Lang} lang @param {Reason} reason @param {number} most contribution of the longest bar @param {Date} [day] */
export function reasonRow(form, lang, { feature, value, contribution, sentence }, most, day) {
  const bar = element("span", { class: "bar" });
  bar.style.width = `${Math.max(1, (100 * Math.abs(contribution)) / most)}%`;
  const said = typeof sentence === "string" ? sentence : sentence[lang] || "";
  return element(
    "li",
    { title: said },
    element("span", { class: "reason" }, form.label(feature), " ", element("strong", {}, form.readable(feature, value, day))),
    element("span", { class: "points" }, points(contribution, lang)),
    element("span", { class: "track", "aria-hidden": "true" }, bar),
    element("span", { class: "said" }, said),
  );
}

/** @param {Model} model @param {Lang} lang @param {Score} score */
function showPlace(model, lang, { solvency, threshold }) {
  const past = model.solvency_histogram;
  byId("stands-part").hidden = !past;
  if (!past) return;
  const bin = chart.binOf(past, solvency);
  const [repaid, defaulted] = [past.repaid[bin], past.defaulted[bin]];
  const words = {
    label: text(lang, "histogram"),
    repaid: text(lang, "repaid"),
    defaulted: text(lang, "defaulted"),
    client: text(lang, "thisClient"),
    threshold: text(lang, "threshold"),
  };
  byId("stands").replaceChildren(chart.histogram(past, solvency, threshold, words, lang));
  const sentences = [text(lang, "standsRank", percent(chart.rank(past, solvency), lang))];
  const all = repaid + defaulted;
  if (all >= 20) sentences.push(text(lang, "standsOdds", percent(defaulted / all, lang), defaulted, all));
  byId("stands-text").textContent = sentences.join(" ");
}

/** What is changed since the client was scored, and what that does. @param {ClientForm} form @param {Lang} lang @param {Client} before @param {Client} now @param {number} change of the solvency @param {(column: string) => void} undo */
export function showChanges(form, lang, before, now, change, undo) {
  const columns = changedColumns(before, now);
  byId("what-if").hidden = !columns.length;
  byId("change").textContent = text(lang, "point", points(change, lang));
  byId("change").dataset.sign = String(Math.sign(change));
  byId("changed").replaceChildren(
    ...columns.map((column) => {
      const values = [before, now].map((client) => form.readable(column, client[column] ?? null));
      const button = element("button", { type: "button", class: "quiet", click: () => undo(column) }, text(lang, "undoOne"));
      button.setAttribute("aria-label", `${text(lang, "undoOne")} ${form.label(column)}`);
      return element("li", {}, element("span", {}, form.label(column), " ", element("strong", {}, text(lang, "changed", ...values))), button);
    }),
  );
}

/** @param {Client} before @param {Client} now */
export function changedColumns(before, now) {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => (before[name] ?? null) !== (now[name] ?? null));
}

/** @param {ClientForm} form @param {Lang} lang @param {Score} score @param {boolean} asked whether the model looks for them @param {(change: Counterfactual) => void} attempt */
export function showCounterfactuals(form, lang, score, asked, attempt) {
  byId("counterfactuals-part").hidden = score.accepted || !asked;
  const rows = score.counterfactuals.map((found) => {
    const changes = changeParts(form, lang, found);
    const button = element("button", { type: "button", click: () => attempt(found) }, text(lang, "try"));
    return element("li", {}, element("span", { class: "changes" }, ...changes), element("span", { class: "to" }, level(found.solvency, lang)), button);
  });
  byId("counterfactuals").replaceChildren(...(rows.length ? rows : [element("li", { class: "none" }, text(lang, "noChanges"))]));
}

/** @param {ClientForm} form @param {Lang} lang @param {Counterfactual} found @param {Date} [day] */
export function changeParts(form, lang, { changes }, day) {
  return changes.map(({ column, from, to }) => {
    const values = [from, to].map((value) => form.readable(column, value, day));
    return element("span", {}, `${form.label(column)} `, element("strong", {}, text(lang, "changed", ...values)));
  });
}

/** Every value that is known, as rows of a table. @param {ClientForm} form @param {Client} client @param {Date} [day] */
export function valueRows(form, client, day) {
  return Object.entries(client).map(([column, value]) =>
    element("tr", {}, element("th", { scope: "row" }, form.label(column)), element("td", {}, form.readable(column, value, day))),
  );
}
