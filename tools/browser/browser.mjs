// What both scripts of this folder share: Debian's Chromium, which is to reach nothing.
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// withBrowser runs work with a browser that has a new folder for what it keeps, which
// goes with it.
export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}
