// The matrix of diseases: filter by what is found, sort by a column. Without this script the whole table stands there.
"use strict";
(() => {
  for (const filters of document.querySelectorAll(".filters")) {
    const table = document.getElementById(filters.dataset.for);
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const selects = [...filters.querySelectorAll("select")];
    const scale = [...selects[0].options].map((option) => option.value).filter(Boolean);
    const status = filters.querySelector("[role=status]");

    const filter = () => {
      let shown = 0;
      for (const row of rows) {
        const fits = selects.every((select) => !select.value || row.cells[Number(select.dataset.column) + 1].dataset.levels.split(" ").includes(select.value));
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      status.textContent = `${shown} of ${rows.length} diseases`;
    };

    // The place of a cell on the scale: the mean of what is allowed; what is not recorded comes last.
    const value = (row, column) => {
      const cell = row.cells[column];
      if (!column) return cell.textContent.trim().toLowerCase();
      const steps = cell.dataset.levels.split(" ").filter(Boolean).map((word) => scale.indexOf(word));
      return steps.length ? steps.reduce((sum, step) => sum + step, 0) / steps.length : Infinity;
    };
    const sort = (column, descending) => {
      const sign = descending ? -1 : 1;
      const keyed = rows.map((row, at) => [value(row, column), at, row]);
      keyed.sort(([a, i], [b, j]) => (a === b ? i - j : a === Infinity ? 1 : b === Infinity ? -1 : a < b ? -sign : sign));
      body.append(...keyed.map(([, , row]) => row));
    };

    [...table.tHead.rows[0].cells].forEach((head, column, all) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        all.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(column, descending);
      });
    });
    selects.forEach((select) => select.addEventListener("change", filter));
    filters.querySelector("[type=reset]").addEventListener("click", () => {
      selects.forEach((select) => { select.value = ""; });
      filter();
    });
    filters.hidden = false;
    filter();
  }
})();
