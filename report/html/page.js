
"use strict";

// Without this script, all is readable. It adds what needs one: the theme, copying,
// sorting and filtering. It stores nothing.

function say(text) {
  document.getElementById("said").textContent = text;
}

function startTheme() {
  const button = document.getElementById("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  prefersDark.addEventListener("change", show);
  show();
  button.hidden = false;
}

// A page that was opened as a file may not be allowed to use the clipboard: then the
// text is selected.
async function copy(commands) {
  try {
    await navigator.clipboard.writeText(commands.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(commands);
    return "Selected: press Ctrl+C";
  }
}

function startCopying(button) {
  const commands = button.closest(".fix").querySelector("pre");
  button.addEventListener("click", async () => {
    button.textContent = await copy(commands);
    say(button.textContent);
  });
  button.hidden = false;
}

function startSorting(table) {
  const body = table.tBodies[0];
  const collator = new Intl.Collator("en", { numeric: true });
  const heads = [...table.tHead.rows[0].cells];
  const key = (cell) => (cell.dataset.order === undefined ? cell.textContent : Number(cell.dataset.order));
  const compare = (a, b) => (typeof a === "number" ? (a > b) - (a < b) : collator.compare(a, b));
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      const sign = direction === "ascending" ? 1 : -1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const keyed = [...body.rows].map((row) => [key(row.cells[column]), row]);
      body.append(...keyed.sort(([a], [b]) => sign * compare(a, b)).map(([, row]) => row));
    });
  });
}

function startFiltering(filter) {
  const rows = [...filter.parentElement.querySelector("table").tBodies[0].rows];
  const words = filter.querySelector("input");
  const status = filter.querySelector("select");
  const shown = filter.querySelector("p");
  const apply = () => {
    const wanted = words.value.toLowerCase().split(" ").filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word)) || (status.value !== "" && row.dataset.status !== status.value);
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count + " of " + rows.length + " shown";
  };
  words.addEventListener("input", apply);
  status.addEventListener("input", apply);
  apply();
  filter.hidden = false;
}

startTheme();
document.querySelectorAll(".copy").forEach(startCopying);
document.querySelectorAll(".sheet").forEach(startSorting);
document.querySelectorAll(".filter").forEach(startFiltering);
