// Takes pictures of a report and of terminals: node screenshots.mjs FROM TO, where FROM
// has report.html and the outputs terminal-80 and terminal-200.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { withBrowser } from "./browser.mjs";

// The lines of a terminal that are shown: those that fit a screen, the first ones of a
// wide one, and the last ones of a narrow one, as it stands when the program has ended.
const screenLines = 52;

// The colours that the program uses, by their codes.
const classes = { 1: "bold", 31: "red", 32: "green", 33: "yellow", 36: "cyan" };

const style = `
  body { margin: 0; padding: 14px 18px; width: max-content; background: #16191d; color: #d8dce1; }
  pre { margin: 0; font: 13px/1.35 "DejaVu Sans Mono", monospace; white-space: break-spaces; word-break: break-all; }
  .bold { font-weight: bold; } .red { color: #ff7b72; } .green { color: #6fcf8a; }
  .yellow { color: #e3b341; } .cyan { color: #6cc7d9; }
`;

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

// markup returns the output of a terminal as HTML: a span for what is coloured.
function markup(output) {
  let html = "";
  let open = false;
  for (const [, codes, text] of ("\x1b[0m" + output).matchAll(/\x1b\[([0-9;]*)m([^\x1b]*)/g)) {
    html += open ? "</span>" : "";
    const names = codes.split(";").map((code) => classes[code]).filter(Boolean);
    open = names.length > 0;
    html += (open ? `<span class="${names.join(" ")}">` : "") + escaped(text);
  }
  return html + (open ? "</span>" : "");
}

async function takeTerminal(browser, output, columns, file) {
  const lines = ["# kube-cert-audit --root node", ...output.replaceAll("\r", "").trimEnd().split("\n")];
  const shown = (columns < 100 ? lines.slice(-screenLines) : lines.slice(0, screenLines)).join("\n");
  const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
  await page.setContent(`<!DOCTYPE html><title>terminal</title><style>${style} pre { width: ${columns}ch; }</style>
<pre>${markup(shown)}</pre>`);
  await page.locator("body").screenshot({ path: file });
  await page.close();
}

async function takeReport(browser, address, theme, height, file) {
  const page = await browser.newPage({ viewport: { width: 1280, height }, colorScheme: theme });
  await page.goto(address);
  await page.screenshot({ path: file });
  await page.close();
}

const [from, to] = process.argv.slice(2);
await withBrowser(async (browser) => {
  const address = pathToFileURL(resolve(from, "report.html")).href;
  await takeReport(browser, address, "light", 1000, join(to, "html-light.png"));
  await takeReport(browser, address + "#timeline", "dark", 1150, join(to, "html-dark.png"));
  for (const columns of [80, 200]) {
    await takeTerminal(browser, await readFile(join(from, `terminal-${columns}`), "utf8"), columns, join(to, `terminal-${columns}.png`));
  }
});
