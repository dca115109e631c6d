"use strict";

const unlock = document.getElementById("unlock");
const problem = document.getElementById("error");

function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function row(...cells) {
  return element("tr", "", ...cells.map((text) => element("td", text)));
}

/** `#/components/schemas/Clients` as `Clients`, and the names that a schema without one refers to. */
function named(schema) {
  if (!schema) return "";
  const names = JSON.stringify(schema).match(/#\/components\/schemas\/\w+/g) || [];
  return names.map((name) => name.split("/").pop()).join(", ");
}

function bodies(content) {
  return Object.entries(content || {})
    .map(([type, { schema }]) => [type, named(schema)].filter(Boolean).join(": "))
    .join("; ");
}

function operation(method, path, { summary, requestBody, responses, security }) {
  const box = element("div");
  box.className = "operation";
  box.append(element("h3", `${method.toUpperCase()} ${path}`), element("p", summary + (security ? " (needs a key)" : "")));
  const table = element("tbody");
  if (requestBody) table.append(row("sends", "", bodies(requestBody.content)));
  for (const [status, { description, content }] of Object.entries(responses)) {
    table.append(row(status, description, bodies(content)));
  }
  box.append(element("table", "", table));
  const example = requestBody && Object.values(requestBody.content).find((body) => body.example);
  if (example) box.append(element("pre", JSON.stringify(example.example, null, 1)));
  return box;
}

function columns({ properties }) {
  return Object.entries(properties).map(([name, { type, description, examples, "x-categories": categories }]) => {
    const kinds = [].concat(type || "id").join(" or ");
    const listed = categories ? `${description}: ${categories.join(", ")}` : description;
    return row(name, kinds, listed, JSON.stringify((examples || [])[0]) || "");
  });
}

function draw(document_) {
  const { schemas } = document_.components;
  const operations = Object.entries(document_.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => operation(method, path, described)),
  );
  document.getElementById("routes").replaceChildren(...operations);
  document.getElementById("columns").replaceChildren(...columns(schemas.Client));
  const shown = Object.entries(schemas).filter(([name]) => name !== "Client" && name !== "Row");
  const drawn = shown.flatMap(([name, schema]) => {
    const box = element("div", "", element("h3", name), element("pre", JSON.stringify(schema, null, 1)));
    box.className = "operation";
    return [box];
  });
  document.getElementById("bodies").replaceChildren(...drawn);
}

async function load(headers) {
  problem.hidden = true;
  try {
    const response = await fetch("/openapi.json", { headers });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error);
    draw(body);
    if (unlock) unlock.hidden = true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

if (unlock) {
  unlock.addEventListener("submit", (event) => {
    event.preventDefault();
    load({ Authorization: `Bearer ${document.getElementById("key").value.trim()}` });
  });
} else {
  load({});
}
