// Asks each question that comes in, [kind, source, query] in a list of JSON, and prints the answers: sorted lines (the
// values in the order of their variables' names), a truth value, or an error.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { QueryEngine } = createRequire(`${process.env.KG_COMUNICA}/`)("@comunica/query-sparql");
const engine = new QueryEngine();
const written = (term) => (term.termType === "NamedNode" ? `<${term.value}>` : JSON.stringify(term.value));
const asked = {
  rows: async (query, context) => (await (await engine.queryBindings(query, context)).toArray())
    .map((row) => [...row.keys()].map((name) => name.value).sort().map((name) => written(row.get(name))).join(" ")).sort(),
  truth: (query, context) => engine.queryBoolean(query, context),
  graph: async (query, context) => (await (await engine.queryQuads(query, context)).toArray())
    .map((quad) => [quad.subject, quad.predicate, quad.object].map(written).join(" ")).sort(),
};
const answers = [];
for (const [kind, source, query] of JSON.parse(readFileSync(0, "utf8"))) {
  const context = { sources: [source], unionDefaultGraph: true };
  answers.push(await asked[kind](query, context).catch((error) => ({ error: String(error) })));
}
console.log(JSON.stringify(answers));
