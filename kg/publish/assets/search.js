// Search on the home page: over names, synonyms, genes and codes, in a static index that is read once, when it is needed.
"use strict";
(() => {
  const input = document.getElementById(":q");
  const list = document.getElementById(":found");
  const status = document.getElementById(":status");
  if (!input || !list) return;
  const LIMIT = 12;
  const root = input.dataset.root;
  let index = null;
  let active = -1;

  // One spelling for all: no accents, no case, and nothing but letters and digits between single blanks.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  const load = async () => {
    if (index) return index;
    const answer = await fetch(input.dataset.index);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { diseases } = await answer.json();
    index = diseases.map(([path, name, words]) => ({ path, name, terms: [name, ...words].map((text) => [text, plain(text)]) }));
    return index;
  };

  // How many letters differ: inserted, left out, changed, or two swapped; more than `most` counts as infinite.
  const distance = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return Infinity;
    let before = [];
    let last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      let least = i;
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
        least = Math.min(least, row[j]);
      }
      if (least > most) return Infinity;
      before = last;
      last = row;
    }
    return last[b.length] <= most ? last[b.length] : Infinity;
  };

  // 0 is the whole term, then its beginning, the beginning of a word, the words in any order, and last a typing error.
  const rank = (term, query, words, tight) => {
    if (term === query) return 0;
    if (term[0] === query[0] && term.replaceAll(" ", "") === tight) return 0.5;
    if (term.startsWith(query)) return 1;
    if ((" " + term).includes(" " + query)) return 2;
    return words.every((word) => (" " + term).includes(" " + word)) ? 3 : Infinity;
  };
  const slip = (term, words) => {
    const parts = term.split(" ");
    let sum = 0;
    for (const word of words) {
      const most = /\d/.test(word) && word.length < 6 ? (word.length < 4 ? 0 : 1) : word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
      sum += Math.min(...parts.map((part) => distance(word, part, most)));
      if (sum === Infinity) return Infinity;
    }
    return 4 + sum;
  };

  const find = (diseases, text) => {
    const query = plain(text);
    if (!query) return [];
    const words = query.split(" ");
    const tight = words.join("");
    const best = (judge) => diseases.map((disease) => {
      let score = Infinity;
      let by = "";
      for (const [shown, term] of disease.terms) {
        const here = judge(term) + term.length / 10000; // of two that fit equally well, the shorter
        if (here < score) [score, by] = [here, shown];
      }
      return { disease, score, by };
    }).filter((hit) => hit.score < Infinity);
    let hits = best((term) => rank(term, query, words, tight));
    if (!hits.length) hits = best((term) => slip(term, words));
    return hits.sort((a, b) => a.score - b.score || a.disease.name.localeCompare(b.disease.name, "en"));
  };

  const choose = (to) => {
    const options = [...list.querySelectorAll("[role=option]")];
    active = options.length ? (to + options.length) % options.length : -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const show = (hits, text) => {
    list.replaceChildren(...hits.slice(0, LIMIT).map(({ disease, by }, at) => {
      const item = document.createElement("li");
      item.id = `:found-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const link = document.createElement("a");
      link.href = root + disease.path;
      link.tabIndex = -1;
      link.textContent = disease.name;
      item.append(link);
      if (by !== disease.name) {
        const note = document.createElement("span");
        note.textContent = by;
        item.append(" ", note);
      }
      return item;
    }));
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    const many = hits.length === 1 ? "1 disease" : `${hits.length} diseases`;
    status.textContent = !text.trim() ? "" : hits.length ? many + (hits.length > LIMIT ? `, the first ${LIMIT} shown` : "") : "Nothing found. Try fewer letters, or look in the index below.";
  };

  const look = async () => {
    const text = input.value;
    try {
      const diseases = await load();
      if (text === input.value) show(find(diseases, text), text);
    } catch {
      status.textContent = "The search index cannot be read; the index below has every disease.";
    }
  };

  for (const [name, value] of [["role", "combobox"], ["aria-controls", list.id], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Diseases found");
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(active < 0 && event.key === "ArrowUp" ? -1 : active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape") show([], "");
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const links = list.querySelectorAll("a");
    if (links.length) links[Math.max(active, 0)].click();
    else look();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked;
    look();
  }
})();
