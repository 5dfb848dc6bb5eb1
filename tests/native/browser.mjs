// Opens a URL in Chromium, signs in at the provider's page, and prints what the app's last page says.
// node browser.mjs CHROMIUM URL EMAIL PASSWORD
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const [executablePath, url, email, password] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'] });
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.push(message.text()); });
  await page.goto(url);
  await page.fill('input[name=email]', email);
  await page.fill('input[name=password]', password);
  await page.click('button:has-text("Sign in")');
  await page.waitForURL('http://127.0.0.1:*/callback?**');
  const heading = await page.textContent('h1');
  // The browser asks for an icon, which the server no longer answers.
  console.log(JSON.stringify({ heading, problems: problems.filter((text) => !/favicon|ERR_CONNECTION_REFUSED/.test(text)) }));
} finally {
  await browser.close();
}
