// Judges HTML reports, as files in a browser: node check.mjs FILE...
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { HtmlValidate } from "html-validate";
import { withBrowser } from "./browser.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const faults = [];

function expect(good, what) {
  if (!good) faults.push(what);
}

async function validate(file) {
  const validator = new HtmlValidate({ extends: ["html-validate:recommended"] });
  const report = await validator.validateString(await readFile(file, "utf8"), file);
  for (const result of report.results) {
    for (const m of result.messages) faults.push(`html-validate: line ${m.line}: ${m.message} (${m.ruleId})`);
  }
}

async function checkAccessibility(page, theme) {
  // The policy of the page forbids further scripts; the protocol of the debugger is not bound by it.
  await page.evaluate(await readFile(axe, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const v of violations) {
    for (const node of v.nodes) faults.push(`axe, ${theme}: ${v.id}: ${node.target}: ${node.failureSummary.replaceAll("\n", " ")}`);
  }
}

async function checkTheme(page) {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const button = page.getByRole("button", { name: "Dark theme" });
  const before = await background();
  expect((await button.getAttribute("aria-pressed")) === "false", "theme: dark is pressed where light is preferred");
  await button.click();
  expect((await background()) !== before, "theme: the button changes nothing");
  expect((await button.getAttribute("aria-pressed")) === "true", "theme: dark is not told to be pressed");
  await checkAccessibility(page, "dark by button");
  await button.click();
  expect((await background()) === before, "theme: the button does not lead back");
}

async function checkFilter(section) {
  const rows = section.locator("tbody tr");
  const total = await rows.count();
  const visible = () => section.locator("tbody tr:visible").count();
  const told = section.getByRole("status");
  const input = section.getByLabel("Filter");
  const choice = section.getByLabel("Status");
  const name = await section.getAttribute("id");

  const last = (await rows.last().locator("td").nth(2).textContent()).trim();
  await input.fill(last.toUpperCase());
  const left = await visible();
  expect(left >= 1 && (await rows.last().isVisible()), `${name}: filter "${last}" hides what it names`);
  expect((await told.textContent()) === `${left} of ${total} shown`, `${name}: the count is not told`);
  await input.fill("no row has this text");
  expect((await visible()) === 0, `${name}: the filter shows what it does not name`);
  await input.fill("");
  for (const status of ["error", "warning", "info", "ok"]) {
    await choice.selectOption(status);
    const wanted = await section.locator(`tbody tr[data-status="${status}"]`).count();
    expect((await visible()) === wanted, `${name}: ${await visible()} rows of status ${status}, want ${wanted}`);
  }
  await choice.selectOption("");
  expect((await visible()) === total, `${name}: rows stay hidden`);
}

async function checkSort(section) {
  const heads = section.locator("thead th");
  const name = await section.getAttribute("id");
  for (let column = 0; column < (await heads.count()); column++) {
    const head = heads.nth(column);
    const title = `${name}, column ${await head.textContent()}`;
    const values = () =>
      section.locator("tbody tr").evaluateAll((rows, c) => rows.map((r) => r.cells[c].dataset.order ?? r.cells[c].textContent), column);
    const before = (await values()).sort();
    const inOrder = {};
    for (const direction of ["ascending", "descending"]) {
      await head.getByRole("button").press("Enter");
      expect((await head.getAttribute("aria-sort")) === direction, `${title}: not told to be ${direction}`);
      expect((await section.locator("th[aria-sort]").count()) === 1, `${title}: another column is told to be sorted too`);
      inOrder[direction] = await values();
    }
    expect(JSON.stringify([...inOrder.ascending].sort()) === JSON.stringify(before), `${title}: rows are lost`);
    const isNumber = before.every((value) => /^(-?[0-9]+|Infinity)$/.test(value));
    const compare = isNumber ? (a, b) => Number(a) - Number(b) || 0 : new Intl.Collator("en", { numeric: true }).compare;
    const sorted = (list, sign) => list.every((value, i) => i === 0 || !(sign * compare(list[i - 1], value) > 0));
    expect(sorted(inOrder.ascending, 1), `${title}: not in ascending order`);
    expect(sorted(inOrder.descending, -1), `${title}: not in descending order`);
  }
}

// With the clipboard, the commands are in it; without, they are selected.
async function checkCopy(page) {
  const buttons = page.getByRole("button", { name: "Copy" });
  const total = await buttons.count();
  expect(total === (await page.locator("pre").count()), "copy: not every fix has a button");
  if (total === 0) return;
  const commands = await page.locator("pre").first().textContent();
  const button = page.locator(".copy").first();
  await button.click();
  await page.waitForFunction(() => document.querySelector(".copy").textContent === "Copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trimEnd() === commands.trimEnd(), "copy: the clipboard has something else");
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await button.click();
  await page.waitForFunction(() => document.querySelector(".copy").textContent.startsWith("Selected"));
  expect((await page.evaluate(() => getSelection().toString())).trimEnd() === commands.trimEnd(), "copy: without a clipboard, the commands are not selected");
}

async function checkWidth(page, when) {
  for (const width of [400, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(needed <= width, `${when}: ${needed} pixels wide, of ${width}`);
  }
}

// watch counts as faults what a page says or asks for.
function watch(page, address) {
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error in the page: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => expect(request.url().split("#")[0] === address, `a request for ${request.url()}`));
}

async function checkWithScript(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });
  page.setDefaultTimeout(10_000);
  watch(page, address);
  await page.goto(address);
  await checkAccessibility(page, "light");
  await checkTheme(page);
  for (const section of await page.locator("section:has(> .filter)").all()) {
    await checkFilter(section);
    await checkSort(section);
  }
  await checkCopy(page);
  await checkWidth(page, "as it is");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.reload();
  await checkAccessibility(page, "dark by preference");
  await page.emulateMedia({ media: "print" });
  expect((await page.locator("button:not(th button):visible, .filter:visible, nav:visible").count()) === 0, "controls are printed");
  await page.close();
}

// Without scripts, all is there but the controls.
async function checkWithoutScript(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  await page.goto(address);
  expect((await page.locator("button:visible, input:visible, select:visible").count()) === 0, "without scripts, controls that do nothing");
  expect((await page.locator("tbody tr:visible").count()) === (await page.locator("tbody tr").count()), "without scripts, rows are hidden");
  await checkWidth(page, "without scripts");
  await page.close();
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node check.mjs FILE...");
  process.exit(3);
}
let failed = false;
await withBrowser(async (browser) => {
  for (const file of files) {
    const address = pathToFileURL(resolve(file)).href;
    faults.length = 0;
    await validate(file);
    for (const check of [checkWithScript, checkWithoutScript]) {
      await check(browser, address).catch((error) => faults.push(error.message));
    }
    console.log(`${faults.length === 0 ? "ok  " : "FAIL"} ${basename(file)}`);
    for (const fault of faults) console.log(`     ${fault}`);
    failed ||= faults.length > 0;
  }
});
process.exit(failed ? 1 : 0);
