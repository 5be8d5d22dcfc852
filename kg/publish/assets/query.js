// The query page: a question to begin with, its answer as a table with names and links, its mistakes at their place.
// Whatever is typed or answered becomes text, never markup. Nothing is asked before somebody asks.
"use strict";
(() => {
  const by = (id) => document.getElementById(`:${id}`);
  const form = by("ask");
  if (!form) return;
  const [editor, gutter, problem, status, result, shown] = ["query", "gutter", "problem", "status", "result", "shown"].map(by);
  const [pick, cancel, share, limits] = ["question", "cancel", "share", "limits"].map(by);
  const { root, base, language } = form.dataset;
  const endpoint = form.action;
  const ROWS = 1000; // shown; the downloads have all
  const CHARACTERS = 200000;
  const NAMES_AT_ONCE = 200;
  const ROWS_TYPE = "application/sparql-results+json";
  const NO_ENDPOINT = `No endpoint answers at ${endpoint}: this copy of the site lies on a host for files. "kg serve" serves a release with one, "kg query" asks it without.`;
  const prefixes = [...by("prefixes").tBodies[0].rows].map(({ cells }) => [cells[1].textContent, cells[0].textContent]);
  prefixes.sort(([a], [b]) => b.length - a.length);

  const element = (name, values = {}, ...children) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...children);
    return made;
  };
  const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

  // The editor: numbers beside its lines, and a mark where a mistake is.
  const number = (wrong = 0) => {
    const lines = editor.value.split("\n").length;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => element("span", { className: at + 1 === wrong ? "wrong" : "", textContent: String(at + 1) })));
    gutter.scrollTop = editor.scrollTop;
  };
  const unmark = () => {
    problem.hidden = true;
    editor.removeAttribute("aria-invalid");
    number();
  };
  const fill = (text) => {
    editor.value = text;
    unmark();
  };
  const mark = (line, column) => {
    const lines = editor.value.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const at = before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length; // a column is a character, not a unit of UTF-16
    editor.focus();
    editor.setSelectionRange(at, at);
    editor.setAttribute("aria-invalid", "true");
    editor.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(editor).lineHeight);
    number(line);
  };

  // The address of the page says what is asked: a question by its name as long as it is unchanged, else the whole text.
  let chosen = { name: "", text: editor.value };
  const link = () => {
    if (editor.value !== chosen.text) return `${location.pathname}#${new URLSearchParams({ query: editor.value })}`;
    return location.pathname + (chosen.name && `?${new URLSearchParams({ question: chosen.name })}`);
  };
  const keep = () => history.replaceState(null, "", link());
  const choose = async (name) => {
    const before = editor.value;
    const answer = await fetch(`${root}question/${name}.rq`);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const text = (await answer.text()).replaceAll("\r\n", "\n");
    if (editor.value !== before) return; // who types meanwhile keeps what is typed
    chosen = { name, text };
    pick.value = name;
    fill(chosen.text);
  };
  const read = async () => {
    const [hash, search] = [location.hash.slice(1), location.search].map((each) => new URLSearchParams(each));
    const text = hash.get("query") ?? search.get("query");
    const name = search.get("question");
    if (text !== null || !name) pick.value = "";
    if (text !== null) fill(text);
    else if (name && [...pick.options].some(({ value }) => value === name)) await attempt(() => choose(name));
    else if (!location.hash) fill(editor.defaultValue);
  };
  const attempt = async (action) => {
    try {
      await action();
    } catch {
      status.textContent = "The question cannot be read from here.";
    }
  };

  // Terms: where they lead, what they are called.
  const address = (iri) => {
    if (iri.startsWith(base)) return root + iri.slice(base.length);
    try {
      return /^https?$/.test(new URL(iri).protocol.slice(0, -1)) ? iri : "";
    } catch {
      return "";
    }
  };
  const short = (iri) => {
    const [namespace, prefix] = prefixes.find(([each]) => iri.startsWith(each)) ?? ["", ""];
    const local = iri.slice(namespace.length);
    if (namespace && /^[A-Za-z0-9_.-][^\s:]*$/.test(local)) return prefix + local;
    return iri.startsWith(base) && iri !== base ? iri.slice(base.length) : `<${iri}>`;
  };
  const plain = (term) => {
    if (term.type === "triple") return `<<( ${["subject", "predicate", "object"].map((part) => plain(term.value[part])).join(" ")} )>>`;
    return term.type === "uri" ? short(term.value) : term.type === "bnode" ? `_:${term.value}` : term.value;
  };
  const sort = (term) => term["xml:lang"] ?? (term.datatype ? short(term.datatype) : "");
  const isNumber = ({ datatype = "" }) => /XMLSchema#(integer|decimal|double|float|(unsigned|positive|negative|non\w+)\w*|long|int|short|byte)$/.test(datatype);
  const named = (iri, names) => {
    const name = names.get(iri);
    const code = element("code", { textContent: short(iri), className: name ? "note" : "" });
    const text = name ? element("bdi", { textContent: name.value, lang: name["xml:lang"] ?? "" }) : code;
    const href = address(iri);
    const outside = !iri.startsWith(base);
    const whole = href ? element("a", { href, title: iri, ...(outside && { className: "out", rel: "noopener" }) }, text) : element("span", { title: iri }, text);
    return name ? [whole, " ", code] : [whole];
  };
  const cell = (term, column, names) => {
    if (!term) return element("td", {}, element("span", { className: "nothing", textContent: "unbound" }));
    if (term.type === "uri") return element("td", {}, ...named(term.value, names));
    if (term.type !== "literal") return element("td", {}, element("code", { textContent: plain(term) }));
    const text = element("bdi", { textContent: term.value, lang: term["xml:lang"] ?? "" });
    const more = sort(term) && sort(term) !== column.sort ? [" ", element("span", { className: "language", textContent: sort(term) })] : [];
    return element("td", { className: isNumber(term) ? "n" : "" }, text, ...more);
  };
  const table = ({ head, results }, names) => {
    const rows = results.bindings.slice(0, ROWS);
    const columns = head.vars.map((name) => {
      const literals = rows.map((row) => row[name]).filter((term) => term?.type === "literal");
      const sorts = new Set(literals.map(sort));
      return { name, sort: sorts.size === 1 ? [...sorts][0] : "", isNumber: literals.length > 0 && literals.every(isNumber) };
    });
    const heads = columns.map((each) => {
      const more = each.sort ? [" ", element("span", { className: "language", textContent: each.sort })] : [];
      return element("th", { scope: "col", className: each.isNumber ? "n" : "" }, each.name, ...more);
    });
    const lines = rows.map((row) => element("tr", {}, ...columns.map((column) => cell(row[column.name], column, names))));
    const whole = element("table", { className: "answer" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...lines));
    return scrolled("Table, can be scrolled sideways", whole);
  };
  const scrolled = (label, ...children) => {
    const made = element("div", { className: "scroll", tabIndex: 0 }, ...children);
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    return made;
  };

  const ask = (text, signal) => fetch(endpoint, {
    method: "POST", body: text, signal, headers: { "Content-Type": "application/sparql-query", Accept: `${ROWS_TYPE}, text/turtle` },
  });
  const type = (answer) => (answer.headers.get("Content-Type") ?? "").split(";")[0].trim();

  // The names of what the rows show: those in the language of the dataset first, then in that of the page, then any.
  const namesOf = async ({ head, results }, signal) => {
    const terms = results.bindings.slice(0, ROWS).flatMap((row) => head.vars.map((name) => row[name]));
    const iris = [...new Set(terms.filter((term) => term?.type === "uri" && !/[\u0000-\u0020<>"{}|^`\\]/.test(term.value)).map(({ value }) => value))];
    const rank = (label) => [language, document.documentElement.lang].indexOf(label["xml:lang"]) >>> 0;
    const names = new Map();
    for (let at = 0; at < iris.length; at += NAMES_AT_ONCE) {
      const values = iris.slice(at, at + NAMES_AT_ONCE).map((iri) => `<${iri}>`).join(" ");
      const answer = await ask(`SELECT ?iri ?label WHERE { VALUES ?iri { ${values} } ?iri rdfs:label ?label } ORDER BY ?label`, signal);
      if (!answer.ok) return names; // rows stand without names, by their identifiers
      for (const { iri, label } of (await answer.json()).results.bindings) {
        if (!names.has(iri.value) || rank(label) < rank(names.get(iri.value))) names.set(iri.value, label);
      }
    }
    return names;
  };

  // What went wrong, and when to try again; a mistake in the query is marked where it is.
  const tell = async (answer, text) => {
    const again = Number(answer.headers.get("Retry-After"));
    const said = type(answer) === "application/problem+json" ? await answer.json() : null;
    const missing = [404, 405, 501].includes(answer.status) || answer.ok;
    problem.textContent = (said?.detail ?? (missing ? NO_ENDPOINT : `The endpoint does not answer as it should (HTTP ${answer.status}).`)) + (again ? `\nTry again in ${count(again, "second", "seconds")}.` : "");
    problem.hidden = false;
    status.textContent = "";
    if (said?.line && text === editor.value) mark(said.line, said.column);
  };
  const offer = (kind, text) => {
    for (const each of document.querySelectorAll("[data-downloads]")) {
      each.hidden = each.dataset.downloads !== kind;
      for (const download of each.querySelectorAll("a")) download.href = `${endpoint}?${new URLSearchParams({ query: text, format: download.dataset.format })}`;
    }
    result.hidden = false;
  };
  const show = (children, said, kind, text) => {
    shown.replaceChildren(...children);
    status.textContent = said;
    offer(kind, text);
  };
  const showGraph = (turtle, took, text) => {
    const cut = turtle.length > CHARACTERS;
    const body = element("pre", { className: "record", textContent: cut ? turtle.slice(0, turtle.lastIndexOf("\n", CHARACTERS)) : turtle, tabIndex: 0 });
    body.setAttribute("aria-label", "Turtle");
    const more = cut ? [element("p", { className: "notice", textContent: "This is the beginning; the downloads have the whole." })] : [];
    show(turtle.trim() ? [...more, body] : [element("p", { className: "lead", textContent: "Nothing: the graph is empty." })], `A graph ${took}`, "graph", text);
  };
  const showRows = (found, names, took, text) => {
    const { length } = found.results.bindings;
    const said = `${count(length, "row", "rows")} ${took}`;
    if (!length) return show([element("p", { className: "lead", textContent: "Nothing: no row fits." })], said, "rows", text);
    const cut = `These are the first ${count(ROWS, "row", "rows")} of ${length.toLocaleString("en")}; the downloads have all.`;
    const more = length > ROWS ? [element("p", { className: "notice", textContent: cut })] : [];
    return show([...more, table(found, names)], said, "rows", text);
  };

  let running = null;
  const run = async () => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    const text = editor.value;
    keep();
    unmark();
    result.hidden = true;
    status.textContent = "Running …";
    cancel.hidden = false;
    const start = performance.now();
    try {
      const answer = await ask(text, mine.signal);
      const isRows = type(answer) === ROWS_TYPE;
      if (!answer.ok || !(isRows || type(answer) === "text/turtle")) return await tell(answer, text);
      const body = isRows ? await answer.json() : await answer.text();
      const took = `in ${count(Math.max(1, Math.round(performance.now() - start)), "millisecond", "milliseconds")}`;
      if (!isRows) showGraph(body, took, text);
      else if ("boolean" in body) show([element("p", { className: "lead", textContent: body.boolean ? "Yes." : "No." })], `Answered ${took}`, "rows", text);
      else {
        const names = await namesOf(body, mine.signal);
        if (running === mine) showRows(body, names, took, text);
      }
    } catch {
      if (running !== mine) return; // another query took its place
      status.textContent = mine.signal.aborted ? "Cancelled." : "";
      problem.textContent = `The endpoint at ${endpoint} cannot be reached; try again when the network is back.`;
      problem.hidden = mine.signal.aborted;
    } finally {
      if (running === mine) cancel.hidden = true;
    }
  };

  // The limits as the endpoint says them (schema.org's PropertyValue), read when somebody looks.
  const showLimits = async () => {
    const place = by("limits-table");
    if (!limits.open || place.firstChild) return;
    const found = new Map();
    try {
      const answer = await fetch(endpoint, { headers: { Accept: "application/n-triples" } });
      if (type(answer) !== "application/n-triples") throw new Error(NO_ENDPOINT);
      const line = /^<[^>]*#limit-([\w-]+)> <[^>]*schema\.org\/(value|unitText|description)> ("(?:[^"\\]|\\.)*")/gm;
      for (const [, name, key, value] of (await answer.text()).matchAll(line)) found.set(name, { ...found.get(name), [key]: JSON.parse(value) });
    } catch (error) {
      place.replaceChildren(element("p", { className: "notice", textContent: error.message === NO_ENDPOINT ? NO_ENDPOINT : "The limits cannot be read from here." }));
      return;
    }
    const rows = [...found].map(([name, { value, unitText, description }]) => element("tr", {},
      element("th", { scope: "row" }, description, " ", element("code", { className: "note", textContent: name })),
      element("td", { className: "n", textContent: `${Number(value).toLocaleString("en")} ${unitText}` })));
    const head = element("tr", {}, element("th", { scope: "col", textContent: "What is bounded" }), element("th", { scope: "col", textContent: "Limit", className: "n" }));
    place.replaceChildren(scrolled("Table, can be scrolled sideways", element("table", { className: "answer" }, element("thead", {}, head), element("tbody", {}, ...rows))));
  };

  let later = 0;
  editor.addEventListener("input", () => {
    unmark();
    clearTimeout(later);
    later = setTimeout(keep, 500);
  });
  editor.addEventListener("scroll", () => { gutter.scrollTop = editor.scrollTop; });
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  cancel.addEventListener("click", () => running?.abort());
  share.addEventListener("click", async () => {
    keep();
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = "The link is copied.";
    } catch {
      status.textContent = "The link cannot be copied here; it is the address of this page.";
    }
  });
  pick.addEventListener("change", async () => {
    if (!pick.value) return;
    clearTimeout(later);
    keep(); // so that Back brings the text back that the question takes the place of
    await attempt(async () => {
      await choose(pick.value);
      history.pushState(null, "", link());
    });
  });
  addEventListener("popstate", read);
  limits.addEventListener("toggle", showLimits);
  by("pick").hidden = share.hidden = false;
  number();
  read();
})();
