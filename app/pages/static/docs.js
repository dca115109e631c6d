"use strict";

const JSON_TYPE = "application/json";
const WIDTH = 64;
const MANY = 6;
const PAGE = "(a page)";
const SEND = "Press Send to see the answer.";

const unlock = document.getElementById("unlock");
const problem = document.getElementById("error");
let key = "";
let spec;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function row(...cells) {
  return element("tr", {}, ...cells.map((cell) => element("td", {}, ...[cell].flat())));
}

function resolve(schema) {
  if (!schema || !schema.$ref) return schema;
  return schema.$ref.split("/").slice(1).reduce((part, name) => part[name], spec);
}

/** JSON with short lists and objects on one line; fractions to four digits. */
function readable(value, indent = "") {
  const rounded = (_, v) => (typeof v === "number" && !Number.isInteger(v) ? Number(v.toPrecision(4)) : v);
  const line = JSON.stringify(value, rounded);
  if (value === null || typeof value !== "object" || indent.length + line.length <= WIDTH) {
    return line.replace(/("(?:[^"\\]|\\.)*")|([:,])/g, (_, text, mark) => text || `${mark} `);
  }
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((item) => readable(item, deeper))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${readable(item, deeper)}`);
  return `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`;
}

function typeOf(schema) {
  if (schema.$ref) {
    const found = resolve(schema);
    return found.type === "object" || found.anyOf ? schema.$ref.split("/").pop() : typeOf(found);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  if (schema.type === "object") return schema.additionalProperties ? "object by client" : "object";
  const range = "minimum" in schema && "maximum" in schema ? ` from ${schema.minimum} to ${schema.maximum}` : "";
  return [schema.type || "any"].flat().join(" or ") + range;
}

function isClient(schema) {
  return [spec.components.schemas.Client, spec.components.schemas.Row].includes(schema);
}

/** A table row for each property, nested ones under their path. Clients have a table of their own. */
function fields(schema, prefix = "") {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name;
    const found = resolve(property);
    const meaning = property.description || found.description || "";
    const optional = required.includes(name) ? "" : " (optional)";
    const inner = resolve(found.items) || resolve(found.additionalProperties) || found;
    const list = found.items ? "[]" : found.additionalProperties ? "{client}" : "";
    const item = resolve(inner.items) || inner;
    const nested = isClient(item) ? [] : fields(item, `${path}${list}.`);
    return [row(path, typeOf(property) + optional, meaning), ...nested];
  });
}

function fieldTable(title, schema) {
  const whole = resolve(schema);
  const forms = (whole.anyOf || [whole]).map(resolve);
  const properties = Object.assign({}, ...forms.map((form) => form.properties));
  const rows = fields({ properties, required: forms.flatMap((form) => form.required || []) });
  if (!rows.length) return [];
  const scroll = element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...rows)));
  return [element("details", {}, element("summary", {}, title), scroll)];
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl({ method, path, secure, type, body }) {
  const parts = [`curl ${location.origin}${path}`];
  if (secure) parts.push('-H "Authorization: Bearer $API_KEY"');
  if (method === "POST") parts.push(`-H 'Content-Type: ${type}'`, `--data-binary ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function figure(title, text, ...buttons) {
  const pre = element("pre", { tabindex: "0" }, text);
  return [element("figure", {}, element("figcaption", {}, title, ...buttons), pre), pre];
}

function copyButton(text) {
  const button = element("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  });
  return button;
}

function authorization() {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Sends the request that is shown: the status and the body, as text to read. */
async function send({ method, path, type, body }) {
  const headers = { Accept: "application/json, text/plain;q=0.9", ...authorization() };
  if (method === "POST") headers["Content-Type"] = type;
  const response = await fetch(path, { method, headers, body });
  const text = await response.text();
  const status = `${response.status} ${response.statusText}`.trim();
  try {
    return [status, readable(JSON.parse(text))];
  } catch {
    return [status, text.trim() || "(an empty line)"];
  }
}

function exchange(request, answer) {
  const command = curl(request);
  const button = element("button", { type: "button", class: "send" }, "Send");
  const title = element("span", {}, "200 OK");
  const [answered, pre] = figure(title, answer);
  const buttons = answer === PAGE ? [] : [button];
  const label = request.type === JSON_TYPE ? "Request" : `Request, ${request.type}`;
  const [asked] = figure(label, command, copyButton(command), ...buttons);
  button.addEventListener("click", async () => {
    try {
      [title.textContent, pre.textContent] = await send(request);
    } catch (error) {
      [title.textContent, pre.textContent] = ["No answer", error.message];
    }
  });
  return element("div", { class: "exchange" }, asked, answered);
}

function exampleOf({ example, schema }) {
  const found = resolve(schema) || {};
  return example === undefined ? (found.examples || [])[0] : example;
}

/** What a route answered when the document was written; the description where there is no example. */
function answerText({ description, content = {} }) {
  const shown = content[JSON_TYPE] || content["text/plain"] || {};
  if (shown.example === undefined) return content["text/html"] ? PAGE : shown.schema ? SEND : description;
  return typeof shown.example === "string" ? shown.example.trim() : readable(shown.example);
}

function operation(method, path, described) {
  const { summary, requestBody, responses, security, operationId } = described;
  const box = element("article", { class: "card", id: operationId });
  const badge = element("span", { class: "method", "data-method": method }, method);
  const heading = element("h3", {}, badge, " ", path);
  if (security) heading.append(element("span", { class: "locked" }, "needs a key"));
  box.append(heading, element("p", {}, summary));

  const request = { method, path, secure: Boolean(security), type: JSON_TYPE };
  const json = requestBody && requestBody.content[JSON_TYPE];
  if (json) request.body = readable(exampleOf(json));
  const ok = responses["200"];
  box.append(exchange(request, answerText(ok)));
  const others = Object.entries((requestBody && requestBody["x-other-content-types"]) || {});
  for (const [type, { example, answer }] of others) {
    if (example) box.append(exchange({ ...request, type, body: example }, answer ? readable(answer) : SEND));
  }
  if (requestBody && requestBody.description) box.append(element("p", { class: "hint" }, requestBody.description));

  if (json) box.append(...fieldTable("Body", json.schema));
  const answered = ok.content && ok.content[JSON_TYPE];
  if (answered) box.append(...fieldTable("Answer", answered.schema));
  const failures = Object.keys(responses).filter((status) => status !== "200");
  const links = failures.map((status) => element("a", { href: `#status-${status}` }, status));
  box.append(element("p", { class: "statuses" }, "Errors ", ...links));
  return box;
}

/** Each status once. Those that no route lists (404, 405) belong to requests that reach no route. */
function errorRows(operations) {
  const statusOf = { NotFound: "404", MethodNotAllowed: "405" };
  for (const { responses } of operations) {
    for (const [status, { $ref }] of Object.entries(responses)) if ($ref) statusOf[$ref.split("/").pop()] = status;
  }
  return Object.entries(spec.components.responses)
    .map(([name, { description, headers }]) => [statusOf[name], description, headers])
    .sort(([one], [other]) => one - other)
    .map(([status, description, headers]) => {
      const line = row(status, description, Object.keys(headers).filter((name) => name !== "X-Request-ID").join(", "));
      line.id = `status-${status}`;
      return line;
    });
}

function categoryList(description, categories) {
  if (categories.length <= MANY) return `${description}: ${categories.join(", ")}`;
  return element("details", {}, element("summary", {}, description), categories.join(", "));
}

function columnRows({ properties, required }) {
  return Object.entries(properties).map(([name, property]) => {
    const { type, description, examples = [], "x-categories": categories } = resolve(property);
    const kind = required.includes(name) ? "id, required" : categories ? "category" : [type].flat()[0];
    const meaning = categories ? categoryList(description, categories) : description;
    return row(name, kind, meaning, examples[0] === undefined ? "" : readable(examples[0]));
  });
}

function filterColumns() {
  const wanted = document.getElementById("search").value.trim().toLowerCase();
  const rows = [...document.getElementById("columns").rows];
  for (const line of rows) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  const found = rows.filter((line) => !line.hidden).length;
  document.getElementById("found").textContent = `${found} of ${rows.length} columns`;
}

function contents(groups) {
  const link = (id, ...text) => element("a", { href: `#${id}` }, ...text);
  const routes = groups.flatMap(({ name, operations }) => [
    element("h2", {}, name),
    ...operations.map(({ method, path, operationId }) =>
      link(operationId, element("span", { class: "method", "data-method": method }, method), path),
    ),
  ]);
  return [...routes, element("h2", {}, "reference"), link("errors-section", "Errors"), link("columns-section", "Columns of a client")];
}

function draw() {
  const operations = Object.entries(spec.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => ({ method: method.toUpperCase(), path, ...described })),
  );
  const groups = spec.tags.map(({ name, description }) => ({
    name, description, operations: operations.filter(({ tags }) => tags.includes(name)),
  }));
  const drawn = groups.flatMap(({ description, operations: some }) => [
    element("h2", {}, description), ...some.map((one) => operation(one.method, one.path, one)),
  ]);
  document.getElementById("routes").replaceChildren(...drawn);
  document.getElementById("errors").replaceChildren(...errorRows(operations));
  document.getElementById("columns").replaceChildren(...columnRows(spec.components.schemas.Client));
  document.getElementById("contents").replaceChildren(...contents(groups));
  for (const id of ["contents", "errors-section", "columns-section"]) document.getElementById(id).hidden = false;
  filterColumns();
}

async function load() {
  problem.hidden = true;
  try {
    const response = await fetch("/openapi.json", { headers: authorization() });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error);
    spec = body;
    draw();
    if (unlock) unlock.hidden = true;
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

document.getElementById("search").addEventListener("input", filterColumns);
if (unlock) {
  unlock.addEventListener("submit", (event) => {
    event.preventDefault();
    key = document.getElementById("key").value.trim();
    load();
  });
} else {
  load();
}
