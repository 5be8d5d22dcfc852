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

  // All terms in one text, a line each, so that the browser's own search does the work: 25,000 diseases have a quarter of a
  // million. `starts` has where each line begins, `owner` whose it is; `tight` is the same without blanks.
  const lines = (terms) => {
    const starts = new Int32Array(terms.length);
    let at = 1;
    terms.forEach((term, number) => { starts[number] = at; at += term.length + 1; });
    return { text: `\n${terms.join("\n")}\n`, starts };
  };
  const load = async () => {
    if (index) return index;
    const answer = await fetch(input.dataset.index);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { schemes, diseases } = await answer.json();
    const shown = [];
    const owner = [];
    diseases.forEach(([, name, words], number) => {
      for (const text of [name, ...words]) {
        const colon = text.indexOf(":");
        const scheme = colon > 0 ? schemes[text.slice(0, colon)] : undefined;
        shown.push(text);
        owner.push(number);
        if (scheme) {
          shown.push(`${scheme} ${text.slice(colon + 1)}`);
          owner.push(number);
        }
      }
    });
    const terms = shown.map(plain);
    index = { diseases, shown, owner, terms, whole: lines(terms), tight: lines(terms.map((term) => term.replaceAll(" ", ""))), words: null };
    return index;
  };

  // The numbers of the lines that hold `what`, each once; at most so many, as nobody reads more.
  const holding = ({ text, starts }, what, most = 2000) => {
    const found = new Set();
    let at = text.indexOf(what);
    for (; at >= 0 && found.size < most; at = text.indexOf(what, at + 1)) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= at + 1) low = middle; else high = middle - 1;
      }
      found.add(low);
    }
    if (at >= 0) found.cut = true;
    return found;
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
  const find = (all, text) => {
    const query = plain(text);
    if (!query) return [];
    const words = query.split(" ");
    const best = new Map();
    let cut = false;
    const offer = (numbers, score) => {
      cut ||= numbers.cut === true;
      for (const number of numbers) {
        const here = score + all.terms[number].length / 10000; // of two that fit equally well, the shorter
        const known = best.get(all.owner[number]);
        if (!known || here < known.score) best.set(all.owner[number], { score: here, by: all.shown[number] });
      }
    };
    const tight = words.join("");
    offer(holding(all.whole, `\n${query}\n`), 0);
    offer(holding(all.tight, `\n${tight}\n`), 0.5);
    offer(holding(all.whole, `\n${query}`), 1);
    offer(holding(all.whole, ` ${query}`), 2);
    if (words.length > 1) offer(together(all, words.map((word) => [word])), 3);
    if (!best.size) offer(together(all, words.map((word) => near(all, word))), 4);
    const hits = [...best].map(([number, hit]) => ({ path: all.diseases[number][0], name: all.diseases[number][1], ...hit }));
    hits.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
    hits.cut = cut;
    return hits;
  };

  // The terms in which, for each word, one of its spellings begins a word.
  const together = (all, spellings) => {
    const rarest = [...spellings].sort((a, b) => Math.max(0, ...b.map((each) => each.length)) - Math.max(0, ...a.map((each) => each.length)))[0];
    const candidates = new Set();
    for (const spelling of rarest) for (const start of ["\n", " "]) for (const number of holding(all.whole, start + spelling, 20000)) candidates.add(number);
    return [...candidates].filter((number) => spellings.every((each) => each.some((one) => ` ${all.terms[number]}`.includes(` ${one}`))));
  };

  // The words that differ from this one in a letter or two, the nearest first.
  const near = (all, word) => {
    all.words ??= [...new Set(all.whole.text.split(/[ \n]+/))];
    const most = /\d/.test(word) && word.length < 6 ? (word.length < 4 ? 0 : 1) : word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
    const found = all.words.map((each) => [distance(word, each, most), each]).filter(([far]) => far < Infinity);
    return found.sort(([a], [b]) => a - b).slice(0, 40).map(([, each]) => each);
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
    list.replaceChildren(...hits.slice(0, LIMIT).map(({ path, name, by }, at) => {
      const item = document.createElement("li");
      item.id = `:found-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const link = document.createElement("a");
      link.href = root + path;
      link.tabIndex = -1;
      link.textContent = name;
      item.append(link);
      if (by !== name) {
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
    const many = hits.length === 1 ? "1 disease" : `${hits.cut ? "More than " : ""}${hits.length} diseases`;
    status.textContent = !text.trim() ? "" : hits.length ? many + (hits.length > LIMIT ? `, the first ${LIMIT} shown` : "") : "Nothing found. Try fewer letters, or look in the index below.";
  };

  const look = async () => {
    const text = input.value;
    try {
      const all = await load();
      if (text === input.value) show(find(all, text), text);
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
