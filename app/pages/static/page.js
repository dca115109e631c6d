"use strict";

const idColumn = document.body.dataset.idColumn;
const form = document.getElementById("client");
const button = form.querySelector("button");
const waiting = document.getElementById("waiting");
const answer = document.getElementById("answer");
const problem = document.getElementById("error");

const REASONS = 4;

/** What the service said instead of an answer. */
class Refusal extends Error {
  constructor(body, status) {
    super(body.error);
    this.status = status;
    this.details = body.details || [];
    this.requestId = body.request_id;
  }
}

/** A number if it reads as one, so that the service judges everything else. */
function asNumber(text) {
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : text;
}

/** Whole numbers that JavaScript holds exactly; every other id stays the text that it is. */
function asId(text) {
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** The textarea's object; `{"data": {...}}` and a list of one client are taken too. */
function pasted() {
  const text = document.getElementById("json").value.trim();
  if (!text) return {};
  let client;
  try {
    client = JSON.parse(text);
  } catch (error) {
    throw new Refusal({ error: `the pasted columns are not JSON: ${error.message}` });
  }
  client = client && client.data ? client.data : client;
  client = Array.isArray(client) && client.length === 1 ? client[0] : client;
  if (!client || typeof client !== "object" || Array.isArray(client)) {
    throw new Refusal({ error: "the pasted columns must be one object" });
  }
  return client;
}

function readClient() {
  const client = pasted();
  for (const field of form.querySelectorAll("[name]")) {
    const text = field.value.trim();
    if (!text) continue;
    if (field.name === idColumn) client[field.name] = asId(text);
    else client[field.name] = "number" in field.dataset ? asNumber(text) : text;
  }
  return client;
}

/** The key stays in this page: it is not stored, and goes to this service only. */
function authorization() {
  const key = document.getElementById("key");
  return key && key.value ? { Authorization: `Bearer ${key.value.trim()}` } : {};
}

async function post(path, sent) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...authorization() },
      body: JSON.stringify(sent),
    });
  } catch {
    throw new Refusal({ error: "the service cannot be reached: try again shortly" });
  }
  const body = await response.json();
  if (!response.ok) throw new Refusal(body, response.status);
  return body;
}

async function ask(path, client) {
  return Object.entries((await post(path, { data: [client] })).prediction)[0];
}

/** Reasons, coverage and warnings; nothing from a model that gives none. */
async function explain(client) {
  try {
    const params = { reasons: REASONS, checks: true };
    return (await post("/invocations", { inputs: [client], params })).predictions[0];
  } catch {
    return {};
  }
}

function points(contribution) {
  return (contribution < 0 ? "−" : "+") + Math.abs(contribution).toFixed(3);
}

function lines(list, texts) {
  list.replaceChildren(
    ...texts.map((text) => {
      const line = document.createElement("li");
      line.textContent = text;
      return line;
    }),
  );
  const section = list.closest("section.told");
  if (section) section.hidden = texts.length === 0;
}

function showReasons({ reasons = [], coverage, warnings = [] }) {
  lines(
    document.getElementById("reasons"),
    reasons.map(({ sentence, contribution }) => `${sentence.en} (${points(contribution)})`),
  );
  const limits = warnings.map(({ column, warning, seen }) =>
    seen ? `${column}: ${warning}, ${seen.join(" to ")}` : `${column}: ${warning}`,
  );
  lines(document.getElementById("warnings"), limits);
  document.getElementById("coverage").textContent =
    coverage === undefined ? "" : `Known of this client: ${Math.round(coverage * 100)} % of what the model goes by.`;
}

function show(name, decision, { "niveau de solvabilité": solvency, seuil: threshold }) {
  const [word, who] = document.getElementById("decision").children;
  word.textContent = decision;
  who.textContent = name;
  answer.dataset.decision = decision;
  document.getElementById("fill").style.width = `${solvency * 100}%`;
  const mark = document.getElementById("mark");
  mark.style.left = `${threshold * 100}%`;
  mark.dataset.side = threshold < 0.2 ? "left" : threshold > 0.8 ? "right" : "middle";
  mark.firstElementChild.textContent = `threshold ${threshold.toFixed(3)}`;
  document.getElementById("bar").setAttribute(
    "aria-label",
    `Solvency ${solvency.toFixed(3)} on a scale from 0 to 1, threshold ${threshold.toFixed(3)}`,
  );
  document.getElementById("solvency").textContent = solvency.toFixed(3);
  document.getElementById("threshold").textContent = threshold.toFixed(3);
  const margin = solvency - threshold;
  document.getElementById("margin").textContent = points(margin);
  document.getElementById("why").textContent =
    decision === "Yes"
      ? "The solvency reaches the threshold."
      : "The solvency is below the threshold.";
  waiting.hidden = true;
  answer.hidden = false;
}

function complain(refusal) {
  problem.querySelector("p").textContent = refusal.message;
  problem.querySelector("small").textContent = refusal.requestId ? `Request ${refusal.requestId}` : "";
  lines(
    problem.querySelector("ul"),
    refusal.details.map(({ column, expected }) => `${column || "the client"}: expected ${expected}`),
  );
  waiting.hidden = answer.hidden = true;
  problem.hidden = false;
  const columns = new Set(refusal.details.map(({ column }) => column));
  const wrong = [...form.querySelectorAll("[name]")].filter((field) => columns.has(field.name));
  for (const field of wrong) field.setAttribute("aria-invalid", "true");
  if (wrong.length) wrong[0].focus();
  else if (refusal.status === 401) document.getElementById("key").focus();
}

async function score() {
  problem.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  button.setAttribute("aria-busy", "true");
  try {
    const client = readClient();
    const [[name, decision], [, levels], explanation] = await Promise.all([
      ask("/predict", client),
      ask("/predict_proba", client),
      explain(client),
    ]);
    showReasons(explanation);
    show(name, decision, levels);
  } catch (error) {
    complain(error instanceof Refusal ? error : new Refusal({ error: String(error.message) }));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!button.hasAttribute("aria-busy")) score();
});
