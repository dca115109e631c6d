/** The service's routes, and the key that they may need. */

/** @typedef {"en" | "fr"} Lang */
/** @typedef {Record<string, string>} ByLanguage */
/** @typedef {string | number | boolean | null} Value */
/** @typedef {Record<string, Value>} Client */
/**
 * @typedef {object} Display
 * @property {ByLanguage} [label]
 * @property {ByLanguage} [unit]
 * @property {string} [group]
 * @property {string} [format]
 * @property {Record<string, ByLanguage>} [names]
 */
/**
 * @typedef {object} Feature
 * @property {string} name
 * @property {"number" | "category"} kind
 * @property {string[]} [categories]
 * @property {Record<string, number>} [seen]
 * @property {number} [weight]
 * @property {Display} [display]
 */
/** @typedef {{ edges: number[], repaid: number[], defaulted: number[] }} Histogram */
/**
 * @typedef {object} Model
 * @property {string} id
 * @property {string} version
 * @property {string} created
 * @property {number} best_threshold
 * @property {boolean} generated
 * @property {string[]} params
 * @property {Record<string, ByLanguage>} groups
 * @property {boolean} card
 * @property {boolean} reviews whether decisions are kept and this key may review them
 * @property {{ bytes: number, rows: number }} limits
 * @property {Record<string, number>} metrics
 * @property {Histogram | null} solvency_histogram
 * @property {{ client: Client, solvency: number }[]} examples
 * @property {Feature[]} features
 */
/** @typedef {{ feature: string, value: Value, contribution: number, sentence: ByLanguage }} Reason */
/** @typedef {{ column: string, from: Value, to: Value }} Change */
/** @typedef {{ changes: Change[], computed?: Change[], solvency: number }} Counterfactual */
/** @typedef {{ column?: string, warning: string, seen?: number[] }} Warning */
/**
 * @typedef {object} Score
 * @property {number} solvency
 * @property {number} threshold
 * @property {boolean} accepted
 * @property {number | null} coverage
 * @property {Warning[]} warnings
 * @property {Reason[]} reasons
 * @property {Counterfactual[]} counterfactuals
 * @property {string | null} decision id of the decision, where it is kept
 */
/** @typedef {{ row?: number, column?: string | null, expected?: string }} Detail */

const KEY = "api-key";
const REASONS = 5;
const COUNTERFACTUALS = 3;

/** An answer that is no success; status 0 where there was no answer at all. */
export class Refusal extends Error {
  /** @param {number} status @param {{ error?: string, details?: Detail[], request_id?: string }} body */
  constructor(status, body) {
    super(body.error || "");
    this.status = status;
    /** @type {Detail[]} */
    this.details = body.details || [];
    this.requestId = body.request_id || "";
  }
}

/** @param {string} key kept for this tab alone; empty to forget it */
export function setKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

export function hasKey() {
  return sessionStorage.getItem(KEY) !== null;
}

/**
 * @param {string} path
 * @param {{ method?: string, body?: BodyInit, type?: string, accept?: string, trial?: boolean }} [options] a trial is kept nowhere
 * @returns {Promise<Response>} raises Refusal
 */
export async function request(path, { method, body, type, accept = "application/json", trial } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  const key = sessionStorage.getItem(KEY);
  if (trial) headers["X-Trial"] = "true";
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = type || "application/json";
  let response;
  try {
    response = await fetch(path, { method: method || (body === undefined ? "GET" : "POST"), body, headers });
  } catch {
    throw new Refusal(0, {});
  }
  if (response.ok) return response;
  const text = await response.text();
  let said = {};
  try {
    said = JSON.parse(text);
  } catch {
    // A proxy's own page.
  }
  throw new Refusal(response.status, said);
}

/** @returns {Promise<Model>} */
export async function loadModel() {
  const [features, model] = await Promise.all(
    ["/features", "/model"].map(async (path) => (await request(path)).json()),
  );
  return { ...model, features: features.features };
}

/** @param {Model} model @param {Client} client @param {Record<string, Value>} [more] */
export function bodyOf(model, client, more = {}) {
  /** @type {Record<string, Value>} */
  const wanted = { reasons: REASONS, counterfactuals: COUNTERFACTUALS, ...more };
  const params = Object.fromEntries(Object.entries(wanted).filter(([name]) => model.params.includes(name)));
  return { data: client, ...(Object.keys(params).length ? { params } : {}) };
}

/** @param {Model} model @param {Client} client @param {boolean} trial @param {Record<string, Value>} [more] @returns {Promise<Score>} */
export async function score(model, client, trial, more) {
  const body = JSON.stringify(bodyOf(model, client, more));
  const answer = await (await request("/predict_proba", { body, trial })).json();
  const [[name, levels]] = /** @type {[string, Record<string, number>][]} */ (Object.entries(answer.prediction));
  const [solvency, threshold] = [levels["niveau de solvabilité"], levels.seuil];
  const reasons = (answer.reasons || {})[name] || [];
  return {
    solvency,
    threshold,
    accepted: solvency >= threshold,
    coverage: (answer.coverage || {})[name] ?? null,
    warnings: answer.warnings || [],
    reasons: reasons.map((/** @type {any} */ reason) => ({ ...reason, sentence: reason.sentence || {} })),
    counterfactuals: (answer.counterfactuals || {})[name] || [],
    decision: (answer.decisions || {})[name] ?? null,
  };
}

/**
 * The reasons on the other side of the decision: the model gives those of the decision, so it is
 * asked once more with a threshold at which the decision is the other one.
 * @param {Model} model @param {Client} client @param {Score} score @returns {Promise<Reason[]>}
 */
export async function otherReasons(model, client, { accepted }) {
  if (!model.params.includes("reasons") || !model.params.includes("threshold")) return [];
  return (await score(model, client, true, { threshold: accepted ? 1 : 0, counterfactuals: 0 })).reasons;
}

/** @param {BodyInit} body @param {string} type @returns {Promise<Record<string, any>[]>} a row a client */
export async function scoreTable(body, type) {
  return (await (await request("/invocations", { body, type })).json()).predictions;
}
