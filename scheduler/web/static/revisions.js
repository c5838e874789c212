// Two sliders in place of the lists of revisions: what lies between them is fetched as the page that the links lead to.
"use strict";

const lists = [...document.querySelectorAll("[data-choose]")];
const chosen = {};
let asked = 0;

function compare() {
  const mine = ++asked;
  const address = `?revision=${chosen.revision}&against=${chosen.against}`;
  fetch(address)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((text) => {
      if (mine !== asked) return; // the slider has moved on meanwhile
      const page = new DOMParser().parseFromString(text, "text/html");
      for (const id of ["shown", "compared"]) {
        document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
      }
      history.replaceState(null, "", address);
    })
    .catch(() => location.assign(address)); // the page itself says what is wrong
}

for (const list of lists) {
  const name = list.dataset.choose;
  const links = [...list.querySelectorAll("a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  chosen[name] = links[at].dataset.number;

  const label = document.createElement("label");
  const slider = document.createElement("input");
  const output = document.createElement("output");
  slider.type = "range";
  slider.min = 0;
  slider.max = links.length - 1;
  slider.step = 1;
  slider.value = at;
  slider.name = name;
  const say = () => {
    const link = links[slider.value];
    output.textContent = `revision ${link.dataset.number}, ${link.title}`;
    slider.setAttribute("aria-valuetext", output.textContent);
    return link.dataset.number;
  };
  slider.addEventListener("input", say);
  slider.addEventListener("change", () => {
    chosen[name] = say();
    compare();
  });
  say();
  label.append(`${list.dataset.label} `, output, slider);
  list.replaceChildren(label);
}
