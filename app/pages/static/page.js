/** The page: puts the parts together. */

import * as answer from "./answer.js";
import { bodyOf, hasKey, loadModel, otherReasons, Refusal, request, score, setKey } from "./api.js";
import { byId, element } from "./dom.js";
import { ClientForm } from "./form.js";
import { day, moment, number, percent } from "./formats.js";
import { Many } from "./many.js";
import { Paste } from "./paste.js";
import { curl, python } from "./programs.js";
import { Records } from "./records.js";
import { detailed, explained, text } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./api.js").Model} Model */
/** @typedef {import("./api.js").Score} Score */

const LANG = "lang";
const PAUSE = 250;

const keys = document.body.hasAttribute("data-keys");
const chosen = localStorage.getItem(LANG) || document.documentElement.lang;
const lang = /** @type {Lang} */ (chosen === "fr" ? "fr" : "en");

/** @type {Model} */
let model;
/** @type {ClientForm} */
let form;
/** @type {{ client: Client, score: Score } | null} what was scored last by the button */
let baseline = null;
let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} name @param {...(string | number)} filled */
function say(name, ...filled) {
  return text(lang, name, ...filled);
}

function translate() {
  document.documentElement.lang = lang;
  document.title = say("title");
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = say(/** @type {HTMLElement} */ (part).dataset.text || "");
  byId("language").setAttribute("lang", lang === "fr" ? "en" : "fr");
}

/** @param {unknown} error @param {() => void} [retry] */
function fail(error, retry) {
  const refusal = error instanceof Refusal ? error : new Refusal(-1, { error: String(error) });
  if (refusal.status === 401 && keys) askKey(hasKey());
  const details = refusal.details.map((detail) => element("li", {}, detailed(lang, detail, (column) => form?.label(column) ?? column)));
  for (const { column } of refusal.details) if (column) form?.fields.get(column)?.input.setAttribute("aria-invalid", "true");
  showProblem(explained(lang, refusal), details, refusal.requestId, retry);
}

/** @param {string} sentence @param {HTMLElement[]} details @param {string} [requestId] @param {() => void} [retry] */
function showProblem(sentence, details, requestId, retry) {
  byId("error").hidden = false;
  byId("error-text").textContent = sentence;
  byId("error-details").replaceChildren(...details);
  byId("error-id").textContent = requestId ? say("requestId", requestId) : "";
  const again = byId("retry");
  again.hidden = !retry;
  again.onclick = retry || null;
}

/** @param {boolean} wrong whether a key was refused */
function askKey(wrong) {
  setKey("");
  byId("unlock").hidden = false;
  byId("key-wrong").hidden = !wrong;
  byId("key").focus();
}

async function start() {
  byId("error").hidden = true;
  byId("loading").hidden = false;
  if (keys && !hasKey()) {
    byId("loading").hidden = true;
    askKey(false);
    return;
  }
  try {
    model = await loadModel();
    byId("unlock").hidden = true;
    byId("app").hidden = false;
    byId("forget").hidden = !keys;
    byId("generated").hidden = !model.generated;
    build();
  } catch (error) {
    const refused = error instanceof Refusal && error.status === 401;
    if (refused) askKey(hasKey());
    else fail(error, start);
  } finally {
    byId("loading").hidden = true;
  }
}

function build() {
  form = new ClientForm(model, lang, { id: byId("id-field"), essential: byId("essential"), more: byId("more-fields") }, edited);
  form.placeholders();
  byId("more").hidden = !form.moreCount;
  byId("more-title").textContent = say("more", form.moreCount);
  byId("search").addEventListener("input", () => {
    const wanted = /** @type {HTMLInputElement} */ (byId("search")).value;
    const found = form.search(wanted, byId("more-fields"));
    byId("found").textContent = wanted ? say("found", found) : "";
  });
  buildExamples();
  new Many(model, form, lang, (client) => {
    load(client);
    byId("client").scrollIntoView();
  });
  byId("records-link").hidden = !model.reviews;
  new Paste(form, lang, load);
  if (model.reviews) new Records(form, lang);
  buildModel();
}

function buildExamples() {
  const sorted = [...model.examples].sort((one, other) => distance(one) - distance(other));
  const named = sorted.map((example, at) => {
    const border = model.examples.length > 2 && at === 0;
    return { example, name: border ? "exampleBorder" : example.solvency >= model.best_threshold ? "exampleYes" : "exampleNo" };
  });
  const order = ["exampleYes", "exampleNo", "exampleBorder"];
  named.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  byId("examples").replaceChildren(
    ...named.map(({ example, name }) =>
      element("button", { type: "button", class: "quiet", "data-example": name, click: () => load(example.client, true) }, say(name)),
    ),
  );
  byId("examples-part").hidden = !named.length;
}

/** @param {{ solvency: number }} example */
function distance({ solvency }) {
  return Math.abs(solvency - model.best_threshold);
}

function buildModel() {
  const { version, created, metrics, card } = model;
  const date = created ? new Date(`${created.replace(" ", "T")}Z`) : null;
  const shown = Object.entries(metrics).map(([name, value]) => {
    const figure = name === "accepted_share" ? percent(value, lang) : number(value, lang, 3);
    return `${say(name)} ${figure}`;
  });
  const parts = [version, ...(date ? [say("trained", day(date, lang))] : []), ...shown];
  byId("model-facts").textContent = parts.join(" · ");
  byId("card-link").hidden = !card;
}

/** @param {Client} client @param {boolean} [scored] whether to score it at once */
function load(client, scored) {
  forget();
  form.clear();
  form.fill(client);
  if (scored) evaluate(form.client(), true);
}

function forget() {
  turn += 1;
  baseline = null;
  byId("answer").hidden = true;
  byId("what-if").hidden = true;
  byId("waiting").hidden = false;
  byId("error").hidden = true;
}

async function submit() {
  const wrong = form.wrong();
  if (wrong.length) {
    showProblem(say("noDecision"), wrong.map(({ sentence }) => element("li", {}, sentence)));
    wrong[0].input.focus();
    return;
  }
  baseline = null;
  await evaluate(form.client(), false);
  byId("result").scrollIntoView({ block: "nearest" });
}

/** Scores what the form holds; the last question that was asked is the one that is answered. @param {Client} client @param {boolean} trial */
async function evaluate(client, trial) {
  const asked = (turn += 1);
  clearTimeout(timer);
  byId("error").hidden = true;
  byId("result").setAttribute("aria-busy", "true");
  try {
    const found = await score(model, client, trial);
    if (asked !== turn) return;
    show(client, found);
    const others = await otherReasons(model, client, found).catch(() => []);
    if (asked === turn) answer.showReasons(form, lang, [...found.reasons, ...others], found.accepted);
  } catch (error) {
    if (asked !== turn) return;
    byId("answer").hidden = true;
    byId("waiting").hidden = false;
    fail(error, () => evaluate(client, trial));
  } finally {
    if (asked === turn) byId("result").removeAttribute("aria-busy");
  }
}

/** @param {Client} client @param {Score} found */
function show(client, found) {
  baseline ??= { client, score: found };
  const before = answer.changedColumns(baseline.client, client).length ? baseline.score : null;
  answer.showAnswer(model, form, lang, client, found, before);
  answer.showChanges(form, lang, baseline.client, client, found.solvency - baseline.score.solvency, undo);
  answer.showCounterfactuals(form, lang, found, model.params.includes("counterfactuals"), ({ changes, computed }) => {
    for (const { column, to } of [...changes, ...(computed || [])]) form.set(column, to);
    evaluate(form.client(), true);
  });
  byId("values").replaceChildren(...answer.valueRows(form, client));
  byId("printed").textContent = `${say("printed", moment(new Date(), lang))} · ${say("model")} ${model.version}`;
  byId("curl").textContent = curl(location.origin, bodyOf(model, client), keys);
  byId("python").textContent = python(location.origin, bodyOf(model, client), keys);
  byId("programs").hidden = false;
}

/** @param {string} column */
function undo(column) {
  if (!baseline) return;
  form.set(column, baseline.client[column] ?? null);
  evaluate(form.client(), true);
}

/** Called as a person types: once there is an answer, it follows. */
function edited() {
  if (!baseline) return;
  clearTimeout(timer);
  turn += 1;
  timer = setTimeout(() => {
    if (!form.wrong().length) evaluate(form.client(), true);
  }, PAUSE);
}

async function openCard(/** @type {Event} */ event) {
  if (!keys) return;
  event.preventDefault();
  try {
    const html = await (await request("/model", { accept: "text/html" })).text();
    const unstyled = html.replace(/<style>.*?<\/style>/gs, ""); // of a page of its own, which this page's policy forbids
    const card = new DOMParser().parseFromString(unstyled, "text/html");
    byId("card-text").replaceChildren(...(card.querySelector("main") || card.body).childNodes);
    /** @type {HTMLDialogElement} */ (byId("card")).showModal();
  } catch (error) {
    fail(error);
  }
}

function listen() {
  byId("client").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  byId("clear").addEventListener("click", () => {
    forget();
    form.clear();
    form.idInput.focus();
  });
  byId("undo").addEventListener("click", () => {
    if (!baseline) return;
    form.fill(baseline.client);
    evaluate(form.client(), true);
  });
  byId("language").addEventListener("click", () => {
    localStorage.setItem(LANG, lang === "fr" ? "en" : "fr");
    location.reload();
  });
  byId("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    setKey(/** @type {HTMLInputElement} */ (byId("key")).value.trim());
    start();
  });
  byId("forget").addEventListener("click", () => {
    setKey("");
    location.reload();
  });
  byId("print").addEventListener("click", () => window.print());
  byId("card-link").addEventListener("click", openCard);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(byId(/** @type {HTMLElement} */ (button).dataset.copy || "").textContent || "");
      button.textContent = say("copied");
    });
  }
  byId("card-close").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("card")).close());
}

translate();
listen();
start();
