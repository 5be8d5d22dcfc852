// The matrix of diseases: filter by what is found, sort by a column. Without this script the table stands there, page by page.
"use strict";
(() => {
  const SHOWN = 200;
  for (const filters of document.querySelectorAll(".filters")) {
    const table = document.getElementById(filters.dataset.for);
    const body = table.tBodies[0];
    const selects = [...filters.querySelectorAll("select")];
    const scale = [...selects[0].options].slice(1).map((option) => ({ word: option.dataset.word, text: option.textContent }));
    const status = filters.querySelector("[role=status]");
    const turn = filters.parentElement.querySelector(".turn");
    const total = Number(filters.dataset.total);
    let rows = null;
    let order = null; // the column that rows are sorted by, and which way
    let most = SHOWN;

    const element = (name, className, ...children) => {
      const made = document.createElement(name);
      if (className) made.className = className;
      made.append(...children);
      return made;
    };

    // The same markup as in the table that came with the page.
    const strip = (counts) => {
      if (!counts.some(Boolean)) return [element("span", "nothing", "nothing recorded")];
      const steps = element("span", "steps", ...counts.map((count, at) => element("i", count ? scale[at].word : "empty", count ? String(count) : "")));
      steps.setAttribute("aria-hidden", "true");
      const allowed = scale.filter((_, at) => counts[at]).map(({ word, text }) => element("span", `level ${word}`, text));
      return [steps, element("span", "said-level", ...allowed.flatMap((each, at) => (at ? [" or ", each] : [each])))];
    };
    const line = ([path, name, ...cells]) => {
      const link = element("a", "", name);
      link.href = filters.dataset.root + path;
      const head = element("th", "", link);
      head.scope = "row";
      return element("tr", "", head, ...cells.map((counts) => element("td", "", ...strip(counts))));
    };

    // The place of a cell on the scale: the mean of what is allowed; what is not recorded comes last.
    const mean = (counts) => {
      const allowed = counts.flatMap((count, at) => (count ? [at] : []));
      return allowed.length ? allowed.reduce((sum, step) => sum + step, 0) / allowed.length : Infinity;
    };
    const sorted = (found) => {
      if (!order) return found;
      const sign = order.descending ? -1 : 1;
      const keyed = found.map((row, at) => [order.column ? mean(row[order.column + 1]) : row[1].toLowerCase(), at, row]);
      keyed.sort(([a, i], [b, j]) => (a === b ? i - j : a === Infinity ? 1 : b === Infinity ? -1 : a < b ? -sign : sign));
      return keyed.map(([, , row]) => row);
    };

    const say = (count) => { status.textContent = `${count} of ${total} disease${total === 1 ? "" : "s"}`; };
    const show = async () => {
      try {
        if (!rows) {
          const answer = await fetch(filters.dataset.rows);
          if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
          rows = await answer.json();
        }
      } catch {
        status.textContent = "The rows cannot be read; the table below is unfiltered.";
        return;
      }
      const fitting = rows.filter((row) => selects.every((select) => !select.value || row[Number(select.dataset.column) + 2][Number(select.value)]));
      body.replaceChildren(...sorted(fitting).slice(0, most).map(line));
      if (!fitting.length) {
        const none = element("td", "", element("span", "nothing", "No disease fits."));
        none.colSpan = table.tHead.rows[0].cells.length;
        body.append(element("tr", "", none));
      }
      if (turn) turn.hidden = true;
      more.hidden = fitting.length <= most;
      say(fitting.length);
    };
    const more = element("button", "quiet", "Show more");
    more.type = "button";
    more.hidden = true;
    more.addEventListener("click", () => {
      most += SHOWN;
      show();
    });
    table.parentElement.after(more);

    [...table.tHead.rows[0].cells].forEach((head, column, all) => {
      const button = element("button", "sort", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        all.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        order = { column, descending };
        show();
      });
    });
    const again = () => {
      most = SHOWN;
      show();
    };
    selects.forEach((select) => select.addEventListener("change", again));
    filters.querySelector("[type=reset]").addEventListener("click", () => {
      selects.forEach((select) => { select.value = ""; });
      again();
    });
    filters.hidden = false;
    say(total);
  }
})();
