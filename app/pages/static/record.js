/** One kept decision: what was decided and why, what came after, the notice, the contest, the review. */

import * as answer from "./answer.js";
import { Refusal, request } from "./api.js";
import { byId, element } from "./dom.js";
import { day, moment } from "./formats.js";
import { explained, text } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./form.js").ClientForm} ClientForm */
/** @typedef {{ time: string, action: "confirm" | "override", reason: string, author: string, text: string, complete: boolean }} Review */
/**
 * @typedef {object} Decision
 * @property {string} id
 * @property {string} time
 * @property {string} request_id
 * @property {string} client
 * @property {"Yes" | "No"} decision
 * @property {number} solvency
 * @property {number} threshold
 * @property {number | null} coverage
 * @property {import("./api.js").Warning[] | null} warnings
 * @property {import("./api.js").Reason[] | null} reasons
 * @property {import("./api.js").Counterfactual[]} [counterfactuals]
 * @property {Client | null} inputs
 * @property {{ name: string, version: string }} model
 * @property {string} policy_version
 * @property {string} key
 * @property {boolean} forgotten
 * @property {{ outcome: "repaid" | "defaulted", date: string } | null} outcome
 * @property {{ time: string, text: string } | null} contest
 * @property {Review[]} reviews
 */

const REASONS = [
  "decision_correct",
  "input_wrong",
  "input_missing",
  "income_verified",
  "circumstances_changed",
  "policy_exception",
  "fraud_suspected",
  "other",
];

/** @param {string} id @param {HTMLElement[]} parts of a list, in a section that is hidden without any */
function fill(id, parts) {
  byId(id).replaceChildren(...parts);
  byId(`${id}-part`).hidden = !parts.length;
}

export class RecordView {
  /** @param {ClientForm} form knows the columns @param {Lang} lang @param {() => void} changed called after a contest or a review */
  constructor(form, lang, changed) {
    this.form = form;
    this.lang = lang;
    this.changed = changed;
    this.id = "";
    byId("record-close").addEventListener("click", () => {
      location.hash = "records";
    });
    byId("review-reason").append(...REASONS.map((reason) => element("option", { value: reason }, this.#reason(reason))));
    for (const name of ["contest", "review"]) {
      const fields = /** @type {HTMLFormElement} */ (byId(name));
      fields.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#send(name, fields);
      });
    }
    const notice = /** @type {HTMLDialogElement} */ (byId("notice"));
    const language = /** @type {HTMLSelectElement} */ (byId("notice-lang"));
    language.value = lang;
    language.addEventListener("change", () => this.#notice(language.value));
    byId("notice-open").addEventListener("click", () => {
      notice.showModal();
      this.#notice(language.value);
    });
    byId("notice-close").addEventListener("click", () => notice.close());
    byId("notice-print").addEventListener("click", () => window.print());
  }

  /** @param {string} name @param {...(string | number)} filled */
  #say(name, ...filled) {
    return text(this.lang, name, ...filled);
  }

  /** @param {string} reason */
  #reason(reason) {
    return this.#say(reason === "other" ? "reason_other" : reason);
  }

  close() {
    this.id = "";
    byId("record").hidden = true;
  }

  /** @param {string} id */
  async open(id) {
    this.id = id;
    await this.#try("record-error", async () => {
      const record = await (await request(`/decisions/${id}`)).json();
      if (this.id === id) this.#show(record);
    });
    byId("record").hidden = false;
    byId("record").focus({ preventScroll: true });
    byId("record").scrollIntoView({ block: "start" });
  }

  /** @param {string} place of the problem, if there is one @param {() => Promise<void>} work */
  async #try(place, work) {
    byId(place).hidden = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId(place).hidden = false;
      byId(place).textContent = error.status === 404 ? this.#say("noRecord") : explained(this.lang, error);
    }
  }

  /** @param {Decision} record */
  #show(record) {
    const { lang, form } = this;
    const made = new Date(record.time);
    const verdict = record.decision.toLowerCase();
    const reasons = record.reasons || [];
    const values = answer.valueRows(form, record.inputs || {}, made);
    byId("record-title").textContent = record.forgotten ? this.#say("recordForgotten") : this.#say("recordOf", record.client);
    byId("record").dataset.verdict = verdict;
    byId("record-decision").textContent = this.#say(verdict);
    byId("record-levels").replaceChildren(...answer.levels(lang, record));
    byId("record-reasons").className = `reasons ${record.decision === "Yes" ? "for" : "against"}`;
    const most = Math.max(...reasons.map(({ contribution }) => Math.abs(contribution)));
    fill("record-reasons", reasons.map((reason) => answer.reasonRow(form, lang, reason, most, made)));
    const changes = record.counterfactuals || [];
    fill("record-changes", changes.map((found) => element("li", { class: "changes" }, ...answer.changeParts(form, lang, found, made))));
    fill("record-warnings", (record.warnings || []).map((warning) => answer.warningRow(form, lang, warning, made)));
    fill("record-values", values);
    byId("record-values-title").textContent = this.#say("valuesReceived", values.length);
    this.#facts(record);
    byId("record-history").replaceChildren(...this.#history(record));
    byId("notice-open").hidden = record.forgotten;
    byId("contest").hidden = record.forgotten || record.contest !== null;
    byId("review").hidden = record.reviews.some(({ complete }) => complete);
  }

  /** @param {Decision} record */
  #facts({ id, model, policy_version, key, request_id }) {
    const facts = [
      ["number", id],
      ["modelVersion", `${model.name} ${model.version}`],
      ["policy", policy_version],
      ["keyName", key],
      ["request", request_id],
    ].filter(([, value]) => value);
    byId("record-facts").replaceChildren(
      ...facts.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, this.#say(name)), element("td", {}, value))),
    );
  }

  /** Decision, contest, reviews and outcome in the order of time. @param {Decision} record */
  #history({ time, decision, contest, reviews, outcome }) {
    /** @param {string} when @param {string} what @param {string} [words] */
    const event = (when, what, words) =>
      element("li", {}, element("span", { class: "hint" }, when), " ", element("strong", {}, what), ...(words ? [element("q", {}, words)] : []));
    const at = (/** @type {string} */ when) => moment(new Date(when), this.lang);
    return [
      event(at(time), this.#say(decision.toLowerCase())),
      ...(contest ? [event(at(contest.time), this.#say("wasContested"), contest.text)] : []),
      ...reviews.map((review) => {
        const action = this.#say(review.action === "confirm" ? "confirmed" : "overridden");
        const said = this.#say("wasReviewed", action, review.author, this.#reason(review.reason));
        return event(at(review.time), review.complete ? said : `${said} (${this.#say("moreReviews")})`, review.text);
      }),
      ...(outcome ? [event(day(new Date(`${outcome.date}T12:00:00`), this.lang), this.#say(`outcome_${outcome.outcome}`))] : []),
    ];
  }

  /** @param {string} name of the route: contest or review @param {HTMLFormElement} fields */
  #send(name, fields) {
    return this.#try("record-error", async () => {
      const body = JSON.stringify(Object.fromEntries(new FormData(fields)));
      const record = await (await request(`/decisions/${this.id}/${name}`, { body })).json();
      fields.reset();
      this.#show(record);
      byId("record").focus();
      this.changed();
    });
  }

  /** @param {string} language of the client */
  #notice(language) {
    const place = byId("notice-text");
    place.replaceChildren();
    place.lang = language;
    return this.#try("notice-error", async () => {
      const html = await (await request(`/decisions/${this.id}/notice?lang=${language}`, { accept: "text/html" })).text();
      const { body } = new DOMParser().parseFromString(html, "text/html");
      place.replaceChildren(...body.childNodes);
    });
  }
}
