// The page of a disease: a citation or the triples of one fact where they are asked for, and copying. Without this script the
// same stands in the files that the section "Cite and reuse" links to.
"use strict";
(() => {
  const reuse = document.querySelector("[data-iri]");
  if (!reuse) return;
  const texts = new Map();
  const read = (extension) => {
    if (!texts.has(extension)) {
      texts.set(extension, fetch(`${reuse.dataset.stem}.${extension}`).then((answer) => {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return answer.text();
      }));
    }
    return texts.get(extension);
  };

  // The entry of a fact: entries are parted by an empty line, and only its own has the address of the fact as a word.
  const entry = (text, iris) => text.split(/\n{2,}/).find((each) => each.split(/[\s{}<>]+/).includes(iris[0])) ?? "";

  // The statements of Turtle whose subject is the fact or one of its evidence lines, with the prefixes that they use.
  const triples = (text, iris) => {
    const statements = text.split(/\n(?=\S)/);
    const own = statements.filter((each) => iris.some((iri) => each.startsWith(`<${iri}> `)));
    const used = statements.filter((each) => /^@prefix /.test(each) && own.some((one) => new RegExp(`(^|[\\s^(])${each.split(" ")[1]}`, "m").test(one)));
    return [...used, ...own].join("\n").trim();
  };
  const FORMS = [["Text", "txt", entry], ["BibTeX", "bib", entry], ["RIS", "ris", entry], ["Triples", "ttl", triples]];

  const element = (name, values = {}, ...children) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...children);
    return made;
  };
  const copier = (label, text) => {
    const status = element("span", { className: "soft" });
    status.setAttribute("role", "status");
    const button = element("button", { type: "button", className: "quiet", textContent: label });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(await text());
        status.textContent = "copied";
      } catch {
        status.textContent = "cannot be copied here; select the text";
      }
    });
    return element("span", { className: "copy" }, button, " ", status);
  };

  const open = (link) => {
    const fact = link.closest(".fact");
    const iris = [fact, ...fact.querySelectorAll(".lines li[id]")].map((each) => `${reuse.dataset.iri}#${each.id}`);
    const shown = element("pre", { tabIndex: 0 });
    shown.setAttribute("aria-label", "Citation of this fact");
    const choices = FORMS.map(([label, extension, pick]) => {
      const button = element("button", { type: "button", className: "quiet", textContent: label });
      button.addEventListener("click", async () => {
        choices.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        try {
          shown.textContent = pick(await read(extension), iris);
        } catch {
          shown.textContent = `${reuse.dataset.stem}.${extension} cannot be read from here.`;
        }
      });
      return button;
    });
    const group = element("div", { className: "forms" }, ...choices, copier("Copy", () => shown.textContent));
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Form of the citation");
    link.replaceWith(element("div", { className: "citing" }, group, shown));
    choices[0].click();
    choices[0].focus();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.cite");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(link);
    }
  });

  const snippet = document.querySelector('script[type="application/ld+json"]');
  const place = document.querySelector("[data-copy=snippet]");
  if (snippet && place) place.after(" ", copier("Copy the snippet", () => snippet.outerHTML));
})();
