/** The form of a client, made from the contract. */

import { element } from "./dom.js";
import { choices, formatOf, label, read, readable, unit, Unreadable, write, years } from "./formats.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Model} Model */
/** @typedef {import("./api.js").Feature} Feature */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./api.js").Value} Value */
/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {HTMLInputElement | HTMLSelectElement} Input */
/** @typedef {{ feature: Feature, input: Input, unit: HTMLElement, fault: HTMLElement, value: Value, wrapper: HTMLElement }} Field */

const ESSENTIAL = 0.8;
const FALLBACK = 12;
const TYPED = "number";

/** Inputs in the order of their weight until `ESSENTIAL` of it is reached, and the rest. @param {Feature[]} features */
export function split(features) {
  if (!features.some(({ weight }) => weight)) return [features.slice(0, FALLBACK), features.slice(FALLBACK)];
  const sorted = [...features].sort((one, other) => (other.weight || 0) - (one.weight || 0));
  let sum = 0;
  const count = sorted.findIndex(({ weight }) => (sum += weight || 0) >= ESSENTIAL) + 1 || sorted.length;
  return [sorted.slice(0, count), sorted.slice(count)];
}

/** Client numbers are integers where they look like them, as in the training data. @param {string} typed */
function idOf(typed) {
  return /^\d{1,15}$/.test(typed) ? Number(typed) : typed;
}

/** A category that is given by its position, by its name. @param {Feature} feature @param {Value} value */
function named({ kind, categories }, value) {
  return (kind === "category" && typeof value === "number" && categories?.[value]) || value;
}

export class ClientForm {
  /**
   * @param {Model} model @param {Lang} lang
   * @param {{ id: HTMLElement, essential: HTMLElement, more: HTMLElement }} places
   * @param {() => void} changed called as a person types
   */
  constructor(model, lang, places, changed) {
    this.model = model;
    this.lang = lang;
    this.changed = changed;
    this.today = new Date();
    /** @type {Map<string, Field>} */
    this.fields = new Map();
    /** @type {Client} columns that were loaded and are not of the model */
    this.rest = {};
    this.features = new Map(model.features.map((feature) => [feature.name, feature]));
    this.idInput = /** @type {HTMLInputElement} */ (
      element("input", { name: model.id, autocomplete: "off", required: true, input: () => this.changed() })
    );
    places.id.append(
      element("label", { class: "field" }, element("span", {}, text(lang, "id"), " ", element("small", {}, model.id)), this.idInput),
    );
    const [essential, more] = split(model.features);
    this.#groups(essential, places.essential);
    this.#groups(more, places.more);
    this.moreCount = more.length;
  }

  /** @param {Feature[]} features @param {HTMLElement} place */
  #groups(features, place) {
    const titles = this.model.groups;
    const names = [...Object.keys(titles), ...new Set(features.map(({ display }) => display?.group || ""))];
    for (const name of new Set(names)) {
      const members = features.filter(({ display }) => (display?.group || "") === name);
      if (!members.length) continue;
      const title = titles[name]?.[this.lang] || name || (place.childElementCount ? text(this.lang, "other") : "");
      const fields = element("div", { class: "fields" }, ...members.map((feature) => this.#field(feature)));
      place.append(element("fieldset", { class: `group ${name}` }, ...(title ? [element("legend", {}, title)] : []), fields));
    }
  }

  /** @param {Feature} feature */
  #field(feature) {
    const input = this.#input(feature);
    const measure = element("em", {}, unit(feature, this.lang));
    const fault = element("small", { id: `fault-${feature.name}` });
    const name = element("span", { title: feature.name }, label(feature, this.lang), " ", measure);
    const wrapper = element("label", { class: "field", "data-column": feature.name }, name, input, fault);
    /** @type {Field} */
    const field = { feature, input, unit: measure, fault, value: null, wrapper };
    this.fields.set(feature.name, field);
    this.#hint(field);
    return wrapper;
  }

  /** @param {Feature} feature @returns {Input} */
  #input(feature) {
    const listens = {
      name: feature.name,
      autocomplete: "off",
      input: () => this.#typed(feature.name),
    };
    const options = choices(feature, this.lang);
    if (options.length) {
      const unknown = element("option", { value: "" }, text(this.lang, "unknown"));
      const named = options.map(([value, name]) => element("option", { value: String(value) }, name));
      return /** @type {Input} */ (element("select", listens, unknown, ...named));
    }
    if (formatOf(feature) === "date") return /** @type {Input} */ (element("input", { ...listens, type: "date" }));
    const inputmode = feature.kind === TYPED ? "decimal" : "text";
    return /** @type {Input} */ (element("input", { ...listens, inputmode }));
  }

  /** @param {string} name */
  #typed(name) {
    const field = /** @type {Field} */ (this.fields.get(name));
    try {
      field.value = this.#read(field);
      field.input.removeAttribute("aria-invalid");
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      field.value = null;
      field.input.setAttribute("aria-invalid", "true");
    }
    this.#hint(field);
    this.changed();
  }

  /** @param {Field} field @returns {Value} raises Unreadable */
  #read({ feature, input }) {
    if (input instanceof HTMLSelectElement) {
      if (input.value === "") return null;
      return feature.kind === TYPED ? Number(input.value) : input.value;
    }
    if (feature.kind !== TYPED) return input.value.trim() || null;
    if (input.validity.badInput) throw new Unreadable(input.value);
    return read(feature, input.value, this.lang, this.today);
  }

  /** What is wrong with a field, and how long ago a date was. @param {Field} field */
  #hint({ feature, unit, fault, value, input }) {
    const wrong = input.hasAttribute("aria-invalid");
    fault.textContent = wrong ? text(this.lang, "aNumber") : "";
    if (wrong) input.setAttribute("aria-describedby", fault.id);
    else input.removeAttribute("aria-describedby");
    if (formatOf(feature) === "date") unit.textContent = typeof value === "number" ? years(value, this.lang) : "";
  }

  /** Column and text of each field that cannot be read. */
  wrong() {
    const wrong = [...this.fields.values()].filter(({ input }) => input.getAttribute("aria-invalid"));
    const found = wrong.map(({ feature, input }) => ({
      input: /** @type {HTMLElement} */ (input),
      sentence: text(this.lang, "wrongNumber", label(feature, this.lang)),
    }));
    return this.idInput.value.trim() ? found : [{ input: this.idInput, sentence: text(this.lang, "wrongId") }, ...found];
  }

  /** @returns {Client} what is known of the client */
  client() {
    const known = [...this.fields.values()].filter(({ value }) => value !== null);
    const values = Object.fromEntries(known.map(({ feature, value }) => [feature.name, value]));
    return { [this.model.id]: idOf(this.idInput.value.trim()), ...this.rest, ...values };
  }

  /** @param {Client} client replaces what is there */
  fill(client) {
    const { [this.model.id]: id, ...values } = client;
    if (id !== undefined && id !== null) this.idInput.value = String(id);
    this.rest = {};
    for (const [name, value] of Object.entries(values)) if (!this.fields.has(name)) this.rest[name] = value;
    for (const name of this.fields.keys()) this.set(name, values[name] ?? null);
  }

  /** @param {string} name @param {Value} value */
  set(name, value) {
    const field = this.fields.get(name);
    if (!field) return;
    const { feature, input } = field;
    field.value = named(feature, value);
    const shown = input instanceof HTMLSelectElement ? String(field.value ?? "") : write(feature, field.value, this.lang, this.today);
    if (input instanceof HTMLSelectElement && shown && ![...input.options].some((option) => option.value === shown))
      input.append(element("option", { value: shown }, shown));
    input.value = shown;
    input.removeAttribute("aria-invalid");
    this.#hint(field);
  }

  clear() {
    this.idInput.value = "";
    this.fill({});
  }

  /** @param {string} column */
  label(column) {
    if (column === this.model.id) return text(this.lang, "id");
    const feature = this.features.get(column);
    return feature ? label(feature, this.lang) : column;
  }

  /** @param {string} column @param {Value} value @param {Date} [day] of the application */
  readable(column, value, day = this.today) {
    const feature = this.features.get(column);
    if (value === null) return text(this.lang, "unknown");
    return feature ? readable(feature, named(feature, value), this.lang, day) : String(value);
  }

  /** Shows the fields whose label or column has `wanted`. @param {string} wanted @param {HTMLElement} place @returns {number} how many */
  search(wanted, place) {
    const words = wanted.toLowerCase().split(/\s+/);
    let found = 0;
    for (const { feature, wrapper } of this.fields.values()) {
      if (!place.contains(wrapper)) continue;
      const said = `${feature.name} ${label(feature, this.lang)}`.toLowerCase();
      wrapper.hidden = !words.every((word) => said.includes(word));
      found += Number(!wrapper.hidden);
    }
    for (const group of place.querySelectorAll("fieldset")) group.hidden = !group.querySelector(".field:not([hidden])");
    return found;
  }

  /** Median values as placeholders, where the service shows them. */
  placeholders() {
    for (const { feature, input } of this.fields.values()) {
      const median = feature.seen?.median;
      if (!(input instanceof HTMLInputElement) || input.type === "date" || median === undefined) continue;
      input.placeholder = text(this.lang, "typical", write(feature, median, this.lang, this.today));
    }
  }
}
