// What the other tests rely on: every engine isolates visitors, enforces the policies and reports violations.
import assert from 'node:assert/strict';
import { eventually } from '../e2e/support/eventually.js';
import { stage } from './support/harness.js';

const { test } = stage();

test('the tabs of a visitor share a storage, and another visitor has a separate one', async ({ newApp, newVisitor, page, site }) => {
  const [second, { app: elsewhere }] = await Promise.all([newApp(), newVisitor()]);
  for (const tab of [page, second.page, elsewhere.page]) await tab.open(site.blank);
  await page.evaluate(() => localStorage.setItem('here', 'yes'));
  const [there, apart] = await Promise.all([second, elsewhere].map((app) => app.page.evaluate(() => localStorage.getItem('here'))));
  assert.deepEqual([there, apart], ['yes', null]);
});

test('tabs can wait for each other', async ({ newApp, page, site }) => {
  const second = await newApp();
  for (const tab of [page, second.page]) await tab.open(site.blank);
  const heard = page.evaluate(() => new Promise((resolve) => {
    new BroadcastChannel('test').onmessage = ({ data }) => resolve(data);
    window.listens = true;
  }));
  await page.until(() => window.listens);
  await second.page.evaluate(() => { new BroadcastChannel('test').postMessage('hello'); });
  assert.equal(await heard, 'hello');
});

test('a policy violation is reported', { announced: [/img-src/] }, async ({ app, page, site }) => {
  await app.open();
  await app.is('signed-out');
  await page.evaluate(() => { new Image().src = 'http://elsewhere.localhost/'; });
  await eventually('the page error', () => site.pageErrors.some((pageError) => pageError.startsWith('policy: img-src http://elsewhere.localhost')));
});

test('an uncaught error is reported', { announced: [/not caught/] }, async ({ app, page, site }) => {
  await app.open();
  await page.evaluate(() => { setTimeout(() => { throw new Error('not caught'); }); });
  await eventually('the page error', () => site.pageErrors.some((pageError) => pageError.startsWith('page: ')));
});

test('a worker enforces its own policy', { announced: [/connect-src/] }, async ({ app, page, site }) => {
  site.headers = (file) => (file === 'worker.js' ? { 'Content-Security-Policy': "default-src 'none'" } : {});
  site.spoil('worker.js', { body: "fetch('/config.json').then(() => postMessage('reached'), () => postMessage('held back'));" });
  await app.open();
  const [inWorker, inPage] = await page.evaluate(async () => {
    const { data } = await new Promise((resolve, reject) => { Object.assign(new Worker('/worker.js'), { onmessage: resolve, onerror: reject }); });
    return [data, (await fetch('/config.json')).status];
  });
  assert.deepEqual([inWorker, inPage], ['held back', 200]);
});
